import { type Frame, link } from '../frame.ts';
import { el } from '../h.ts';
import type { Page } from '../layout.ts';
import { count } from '../parts/numbers.ts';
import { note } from '../parts/states.ts';
import { plainLines, type TextPart } from '../rebuild/text-lines.ts';
import type { TreeOf } from './values.ts';

/** What a foreign worker says of a difference: its text, by pages. */
export function differenceTextPage(frame: Frame, of: TreeOf, text: TextPart): Page {
  const at = ['rebuilds', String(of.rebuild)];
  const here = link(frame, [...at, 'differences', of.tree]);
  return {
    title: `Difference in ${of.fileName}`,
    section: 'packages',
    islands: ['more', 'lines'],
    main: [
      el(
        'ol',
        { class: 'trail', 'aria-label': 'Where this is' },
        el(
          'li',
          {},
          el('a', { href: link(frame, at) }, `${of.source} ${of.version}, ${of.architecture}: rebuild ${of.rebuild}`),
        ),
        el('li', {}, el('a', { href: link(frame, [...at, 'differences']) }, 'Differences')),
      ),
      el('h1', {}, el('bdi', {}, of.fileName)),
      note('What a worker that is not ours says of this difference, in its own words. ', `${count(text.total)} lines.`),
      plainLines(text, { here, colours: true }),
    ],
  };
}
