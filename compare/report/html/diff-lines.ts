import { html } from './markup.ts';

/** A stretch of a diff that is shown in one go: where it begins, its line numbers there, how many lines it has. */
export type DiffPiece = {
  readonly offset: number;
  readonly left: number;
  readonly right: number;
  readonly lines: number;
};

/** Lines of one piece: few enough to be drawn in a moment. */
const PIECE_LINES = 400;

/** Cuts a diff into pieces, in order. */
export function diffPieces(diff: string): readonly DiffPiece[] {
  const pieces: DiffPiece[] = [];
  let [left, right, lines] = [0, 0, 0];
  let begin = { offset: 0, left, right };
  for (const { text, offset } of linesFrom(diff, 0)) {
    // A piece ends before a line that both sides have, so that what changed stays together; or where it is too long.
    const whole = lines >= PIECE_LINES && (!/^[-+]/.test(text) || lines >= 4 * PIECE_LINES);
    if (whole) {
      pieces.push({ ...begin, lines });
      begin = { offset, left, right };
      lines = 0;
    }
    lines++;
    [left, right] = numbersAfter(text, left, right);
  }
  if (lines > 0) pieces.push({ ...begin, lines });
  return pieces;
}

/** A piece as HTML: lines of both sides alone, changed ones as a block of old and a block of new lines. */
export function pieceHtml(diff: string, piece: DiffPiece): string {
  let { left, right } = piece;
  let rest = piece.lines;
  let shown = '';
  let old: string[] = [];
  let now: string[] = [];
  let [oldFrom, nowFrom] = [left, right];
  const flush = (): void => {
    if (old.length + now.length > 0) shown += changeHtml(old, now, { oldFrom, nowFrom });
    old = [];
    now = [];
    [oldFrom, nowFrom] = [left, right];
  };
  for (const { text } of linesFrom(diff, piece.offset)) {
    if (rest-- === 0) break;
    const sign = text[0];
    if (sign === '-') old.push(text.slice(1));
    else if (sign === '+') now.push(text.slice(1));
    else flush();
    if (sign === '@') shown += `<p class="h">${html(text)}</p>`;
    else if (sign !== '-' && sign !== '+')
      shown += `<p class="s" data-a="${left}" data-b="${right}">${html(text.slice(1)) || ' '}</p>`;
    [left, right] = numbersAfter(text, left, right);
    if (sign !== '-' && sign !== '+') [oldFrom, nowFrom] = [left, right];
  }
  flush();
  return shown;
}

/** Removed and added lines, as a block that may stand side by side. */
export function changeHtml(
  old: readonly string[],
  now: readonly string[],
  { oldFrom, nowFrom }: { readonly oldFrom: number; readonly nowFrom: number },
): string {
  const line = (text: string, other: string | undefined, attribute: string): string =>
    `<p ${attribute}>${markedHtml(text, other) || ' '}</p>`;
  const number = (name: string, from: number, index: number): string =>
    from === 0 ? '' : `data-${name}="${from + index}"`;
  return (
    `<div class="c"><div class="o">${old.map((text, index) => line(text, now[index], number('a', oldFrom, index))).join('')}</div>` +
    `<div class="n">${now.map((text, index) => line(text, old[index], number('b', nowFrom, index))).join('')}</div></div>`
  );
}

/** A line with what its counterpart has not marked, where enough of both is the same. */
function markedHtml(text: string, other: string | undefined): string {
  if (other === undefined) return html(text);
  const shorter = Math.min(text.length, other.length);
  let start = 0;
  while (start < shorter && text[start] === other[start]) start++;
  let end = 0;
  while (end < shorter - start && text[text.length - 1 - end] === other[other.length - 1 - end]) end++;
  if ((start + end) * 4 < shorter || start + end === text.length) return html(text);
  // No mark begins or ends between the halves of one character.
  if (/[\ud800-\udbff]/.test(text[start - 1] ?? '')) start--;
  if (/[\udc00-\udfff]/.test(text[text.length - end] ?? '')) end--;
  const middle = text.slice(start, text.length - end);
  return `${html(text.slice(0, start))}<b>${html(middle)}</b>${html(text.slice(text.length - end))}`;
}

function numbersAfter(line: string, left: number, right: number): readonly [number, number] {
  const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line);
  if (hunk !== null) return [Number(hunk[1]), Number(hunk[2])];
  if (line.startsWith('@')) return [left, right];
  return [left + (line.startsWith('+') ? 0 : 1), right + (line.startsWith('-') ? 0 : 1)];
}

function* linesFrom(diff: string, start: number): Generator<{ readonly text: string; readonly offset: number }> {
  for (let offset = start; offset < diff.length; ) {
    const newline = diff.indexOf('\n', offset);
    const end = newline < 0 ? diff.length : newline;
    yield { text: diff.slice(offset, end), offset };
    offset = end + 1;
  }
}
