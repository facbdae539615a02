import { queryText } from '../frame.ts';
import { type Child, type Element, el } from '../h.ts';
import { count } from '../parts/numbers.ts';

/** A line as the API gives it: `cut` is how many characters of it are left out. */
export type TextLine = { readonly line: number; readonly text: string; readonly cut?: number };

/** A page of lines. */
export type TextPart = {
  readonly lines: readonly TextLine[];
  readonly next?: number | undefined;
  readonly total: number;
};

/** Lines that are pointed at: from the first to the last. */
export type LineRange = { readonly first: number; readonly last: number };

export type LineLook = {
  readonly marked?: LineRange | undefined;
  /** Numbers of lines that look like errors. */
  readonly errors?: ReadonlySet<number>;
  /** Whether lines are coloured by their sign, as those of a diff. */
  readonly colours?: boolean;
};

/** One line with its number, which is its address. */
export function textLine({ line, text, cut }: TextLine, { marked, errors, colours }: LineLook): Element {
  const kinds = ['l'];
  if (marked !== undefined && line >= marked.first && line <= marked.last) kinds.push('at');
  if (errors?.has(line) === true) kinds.push('e');
  const sign = colours === true ? /^[│ ]*([+-])/.exec(text)?.[1] : undefined;
  if (sign !== undefined) kinds.push(sign === '+' ? 'n' : 'o');
  return el(
    'div',
    { class: kinds.join(' '), id: `L${line}` },
    el('a', { href: `#L${line}`, 'aria-label': `line ${line}` }, line),
    el('span', {}, text === '' ? ' ' : text),
    cut !== undefined && el('span', { class: 'cut' }, `… about ${count(cut)} characters more in this line`),
  );
}

/** A page of lines without folding, and the way to the next. */
export function plainLines(part: TextPart, { here, ...look }: LineLook & { readonly here: string }): Element {
  return el(
    'div',
    { class: 'lines', 'data-lines': true, tabindex: 0, role: 'group', 'aria-label': 'Lines' },
    part.lines.map((line) => textLine(line, look)),
    moreLines(part, (from) => `${here}${queryText({ from })}`),
  );
}

/** The way to the next lines: a link, which the island `more` follows when it is scrolled to. */
export function moreLines({ next, total }: TextPart, address: (from: number) => string): Child {
  if (next === undefined) return undefined;
  return el(
    'p',
    { class: 'more' },
    el('a', { href: address(next), rel: 'next', 'data-more': 'auto' }, 'More lines'),
    ` from line ${count(next)} of ${count(total)}`,
  );
}
