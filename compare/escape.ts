import { escapeText } from '../model/index.ts';

export { escapeText };

/** Most names: ASCII that is shown as it is. */
const HARMLESS = /^[ -[\]-~]*$/;

/**
 * A name from an archive, given as its bytes in latin1, for display: UTF-8 where it is that, \xNN for every byte that is
 * not, \\ for a backslash, \t for a tab. Two different names never look the same.
 */
export function escapeName(latin1: string): string {
  if (HARMLESS.test(latin1)) return latin1;
  const bytes = Buffer.from(latin1, 'latin1');
  let shown = '';
  for (let offset = 0; offset < bytes.length; ) {
    const length = utf8Length(bytes, offset);
    const piece = bytes.subarray(offset, offset + Math.max(1, length));
    shown += length === 0 ? `\\x${piece.toString('hex')}` : escapeCharacter(piece.toString('utf8'));
    offset += piece.length;
  }
  return shown;
}

/** What was cut is said, so that a long hostile line cannot flood a report. */
export function shorten(text: string, characters: number): string {
  return text.length <= characters ? text : `${text.slice(0, characters)}… (${text.length} characters)`;
}

/**
 * Two texts that differ, escaped so that it is seen where: characters that only look alike (Unicode, compatibility
 * equivalence), such as a blank that keeps a line together, are shown by their numbers.
 */
export function escapeBoth(left: string, right: string): readonly [string, string] {
  if (left === right || left.normalize('NFKC') !== right.normalize('NFKC'))
    return [escapeText(left), escapeText(right)];
  const numbered = (text: string): string =>
    escapeText(text).replace(/[^\0-\x7f]/gu, (character) => {
      const code = character.codePointAt(0) as number;
      return code < 0x100 ? `\\x${code.toString(16)}` : `\\u{${code.toString(16)}}`;
    });
  return [numbered(left), numbered(right)];
}

/** Equal characters shown before those that differ. */
const BEFORE = 40;

/** Two texts that differ, shortened; from a little before where they do, when all that is shown would be the same. */
export function shortenBoth(left: string, right: string, characters: number): readonly [string, string] {
  const shared = Math.min(left.length, right.length);
  let start = 0;
  while (start < shared && left.charCodeAt(start) === right.charCodeAt(start)) start++;
  if (start < characters || left === right) return [shorten(left, characters), shorten(right, characters)];
  const from = Math.max(0, start - BEFORE);
  const shown = (text: string): string => `… (${from} characters) …${shorten(text.slice(from), characters)}`;
  return [shown(left), shown(right)];
}

function escapeCharacter(character: string): string {
  if (character === '\\') return '\\\\';
  if (character === '\t') return '\\t';
  return escapeText(character);
}

/** Bytes of the well-formed UTF-8 sequence at `offset`, 0 when there is none. */
function utf8Length(bytes: Buffer, offset: number): number {
  const first = bytes[offset] as number;
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length <= 1) return length;
  const sequence = bytes.subarray(offset, offset + length);
  const decoded = sequence.toString('utf8');
  return decoded.length <= 2 && Buffer.from(decoded, 'utf8').equals(sequence) ? length : 0;
}
