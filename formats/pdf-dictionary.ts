const NAME = /\/[^\s()<>[\]{}/%]*/y;
const WORD = /[^\s()<>[\]{}/%]+/y;

/**
 * The entries of the first dictionary in a text, its bytes as latin1, each value as it is written (ISO 32000-1, 7.3).
 * Keys are without their slash; of a repeated key the last counts. What is broken ends it there: nothing is thrown.
 */
export function readPdfDictionary(text: string): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  let at = text.indexOf('<<');
  if (at < 0) return entries;
  let depth = 0;
  let key: string | undefined;
  let valueStart = 0;
  const finish = (end: number): void => {
    if (key !== undefined) entries.set(key, text.slice(valueStart, end).trim());
    key = undefined;
  };
  while (at < text.length) {
    const start = at;
    at = tokenEnd(text, start);
    const token = text.slice(start, Math.min(at, start + 2));
    if (token === '>>' || token === ']') {
      depth--;
      if (depth === 0) {
        finish(start);
        return entries;
      }
    } else if (
      depth === 1 &&
      token.startsWith('/') &&
      (key === undefined || text.slice(valueStart, start).trim() !== '')
    ) {
      finish(start);
      key = text.slice(start + 1, at);
      valueStart = at;
    } else if (token === '<<' || token === '[') depth++;
  }
  finish(at);
  return entries;
}

/** The end of the token, or stretch of white space, at `start`; always behind `start`. */
function tokenEnd(text: string, start: number): number {
  const [first, second] = [text[start] ?? '', text[start + 1]];
  if (first === '(') return stringEnd(text, start);
  if ((first === '<' || first === '>') && second === first) return start + 2;
  if (first === '<' || first === '%') {
    const end = text.indexOf(first === '<' ? '>' : '\n', start);
    return end < 0 ? text.length : end + 1;
  }
  const pattern = first === '/' ? NAME : WORD;
  pattern.lastIndex = start;
  return start + Math.max(1, pattern.exec(text)?.[0].length ?? 1);
}

function stringEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (character === '(') depth++;
    else if (character === ')' && --depth === 0) return at + 1;
  }
  return text.length;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** What a string, as it is written in a dictionary, says; anything else is given as it is. */
export function decodePdfString(written: string): string {
  if (written.startsWith('(')) return textOf(withoutEscapes(written.slice(1, -1)));
  if (written.startsWith('<') && !written.startsWith('<<'))
    return textOf(Buffer.from(written.slice(1, -1).replace(/\s+/g, ''), 'hex').toString('latin1'));
  return written;
}

function withoutEscapes(inside: string): string {
  return inside.replace(/\\([0-7]{1,3}|\r\n|[\s\S])/g, (_, escaped: string) => {
    if (/^[0-7]/.test(escaped)) return String.fromCharCode(Number.parseInt(escaped, 8) & 0xff);
    return /^[\r\n]/.test(escaped) ? '' : (ESCAPES[escaped] ?? escaped);
  });
}

/** UTF-16 or UTF-8 where the string begins with its mark, else each byte a character. */
function textOf(latin1: string): string {
  const bytes = Buffer.from(latin1, 'latin1');
  if (latin1.startsWith('\xfe\xff'))
    return bytes
      .subarray(2, bytes.length & ~1)
      .swap16()
      .toString('utf16le');
  return latin1.startsWith('\xef\xbb\xbf') ? bytes.toString('utf8', 3) : latin1;
}
