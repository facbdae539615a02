import type { MarkupToken } from './markup.ts';

/** Elements that are a line of text each: WordprocessingML, DrawingML, SpreadsheetML (ISO/IEC 29500-1), OpenDocument 1.3. */
const LINES = new Set(['w:p', 'a:p', 'si', 'text:p', 'text:h']);
/** Elements whose text counts; in OpenDocument all of a line's does. */
const RUNS = new Set(['w:t', 'w:delText', 'a:t', 't']);
const INSTEAD: Readonly<Record<string, string>> = {
  'w:tab': '\t',
  'w:br': '\n',
  'w:cr': '\n',
  'w:noBreakHyphen': '\u2011',
  'a:br': '\n',
  'text:tab': '\t',
  'text:line-break': '\n',
};
/** Blanks that are written as a number, in all of a document; more are one each. */
const BLANKS = 1_000_000;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** What people read of an office document's XML: its paragraphs, one or more lines each, in the order they end. */
export function readOfficeText(tokens: readonly MarkupToken[]): readonly string[] {
  const lines: string[] = [];
  /** Lines that are begun, the innermost last: a note or a text box stands inside of a paragraph. */
  const begun: { text: string; readonly all: boolean }[] = [];
  let [runs, blanks] = [0, 0];
  const say = (text: string): void => {
    const line = begun.at(-1);
    if (line !== undefined) line.text += text;
  };
  for (const token of tokens) {
    if (token.kind === 'open') {
      if (LINES.has(token.name) && token.empty) lines.push('');
      else if (LINES.has(token.name)) begun.push({ text: '', all: token.name.startsWith('text:') });
      else if (RUNS.has(token.name) && !token.empty) runs++;
      else if (token.name === 'text:s') {
        const count = spaces(token.attributes.find(({ name }) => name === 'text:c')?.value);
        blanks += count;
        say(blanks > BLANKS ? ' ' : ' '.repeat(count));
      } else say(INSTEAD[token.name] ?? '');
    } else if (token.kind === 'close') {
      if (RUNS.has(token.name)) runs--;
      const line = LINES.has(token.name) ? begun.pop() : undefined;
      if (line !== undefined) lines.push(...line.text.split('\n'));
    } else if (token.kind === 'text' || token.kind === 'cdata') {
      const text = token.kind === 'text' ? withoutEntities(token.text) : token.text;
      // In OpenDocument white space counts as one blank, 6.1.2.
      if (runs > 0) say(text);
      else if (begun.at(-1)?.all === true) say(text.replace(/[ \t\r\n]+/g, ' '));
    }
  }
  return lines;
}

function spaces(count: string | undefined): number {
  const wanted = Number(count ?? 1);
  return Number.isInteger(wanted) && wanted > 0 ? Math.min(wanted, BLANKS) : 1;
}

function withoutEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-z]{2,4}));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
