import type { Head, LeafComparator } from '../../types.ts';
import { type Fact, factsOfText } from './facts.ts';

/** Lines at the beginning that are looked at for facts. */
const LINES = 2000;

/** PostScript and EPS: what the comments of its header say (Document Structuring Conventions, 5). */
const postScript = factsOfText({
  id: 'postscript',
  what: 'PostScript comment',
  recognizes: (head) => beginning(head).startsWith('%!PS'),
  facts: (text) => {
    const header = text.slice(0, 65536).split(/^%%EndComments/m, 1)[0] ?? '';
    return matches(header, /^%%([A-Za-z]{1,40}): *(.*)/).map(({ name, value }) => ({
      name,
      value,
      program: name === 'Creator',
    }));
  },
});

/** perllocal.pod, to which each installation of a Perl module adds an entry with its date. */
const perlLocal = factsOfText({
  id: 'perllocal',
  what: 'perllocal entry',
  recognizes: (head) => /^=head2 [^:\n]{1,40}\d\d:\d\d:\d\d[^:\n]{1,20}: C<Module> /.test(beginning(head)),
  facts: (text) =>
    matches(text, /^=head2 (.{1,60}): C<Module> (.*)/).map(({ name, value }) => ({ name: value, value: name })),
});

/** Texts that tell a date and a program in a place of their own. */
export const datedTexts: readonly LeafComparator[] = [postScript, perlLocal];

function beginning(head: Head): string {
  return Buffer.from(head.subarray(0, 4096)).toString('latin1');
}

/** What the pattern's two groups find in each of the first lines. */
function matches(text: string, pattern: RegExp): readonly Fact[] {
  const found = text.split('\n', LINES).map((line) => (line.length > 4096 ? null : pattern.exec(line)));
  return found.flatMap((one) => (one === null ? [] : [{ name: one[1] ?? '', value: (one[2] ?? '').trim() }]));
}
