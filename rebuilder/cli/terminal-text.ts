import { escapeText } from '../../model/index.ts';

/** Hostile text made harmless for a terminal, as one line. Tabs become spaces, for they hide how wide a line is. */
export function escapeTerminal(text: string): string {
  return escapeText(text).replaceAll('\t', '    ');
}

const WIDE =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]$/u;
const ZERO = /^\p{Mark}$/u;

/** The columns a line takes on a terminal, as closely as can be told without knowing its font. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += columnsOf(character);
  return width;
}

/** As much of a line's beginning as fits into `columns`; what is cut shows as a trailing ellipsis. */
export function cutToWidth(text: string, columns: number): string {
  if (text.length <= columns && !/[^\x20-\x7e]/.test(text)) return text;
  let width = 0;
  let kept = '';
  let keptBeforeLast = '';
  for (const character of text) {
    width += columnsOf(character);
    if (width > columns) return columns < 1 ? '' : `${keptBeforeLast}…`;
    kept += character;
    if (width < columns) keptBeforeLast = kept;
  }
  return text;
}

function columnsOf(character: string): number {
  if (character >= ' ' && character <= '~') return 1;
  return ZERO.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
}
