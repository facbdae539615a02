import { factsOfText } from '../documents/facts.ts';
import { debhelperFacts } from './debhelper-facts.ts';

/** What runs when a package is installed or removed, deb-preinst(5) and its like: as text, and what debhelper added. */
export const maintainerScript = factsOfText({
  id: 'maintainer-script',
  what: 'comment',
  recognizes: (head, name) =>
    /(?:^|\/|\.)(?:preinst|postinst|prerm|postrm|config)$/.test(name) && head[0] === 0x23 && head[1] === 0x21,
  facts: debhelperFacts,
});
