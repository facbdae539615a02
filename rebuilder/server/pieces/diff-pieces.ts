const NEWLINE_LETTER = 0x6e;
const UNICODE_LETTER = 0x75;
const BACKSLASH = 0x5c;
/** So much of a line is looked at for its sign and its numbers. */
const HEAD_BYTES = 80;
/** What a line begins with, by its byte; anything else is a line of both sides. */
const SIGNS: Readonly<Record<number, string>> = { 43: '+', 45: '-', 64: '@', 32: ' ' };

/**
 * A stretch of a node's diff that is read at once. `at` and `bytes` are where it stands in the blob, as JSON writes it.
 * `line` counts the diff's lines from 0; `left` and `right` are the numbers of the next line of either side.
 */
export type DiffPiece = {
  readonly at: number;
  readonly bytes: number;
  readonly line: number;
  readonly lines: number;
  readonly left: number;
  readonly right: number;
  /** Whether it goes on in a line that an earlier piece began. */
  readonly inside: boolean;
};

export type PieceLimits = {
  /** A piece ends at this many lines, or sooner at this many bytes. */
  readonly lines: number;
  readonly bytes: number;
};

/**
 * Cuts the diff of a node into pieces while its bytes pass by, as they stand in JSON. Pieces end with lines; one ends within a
 * line only where the line is longer than a piece. A block of changed lines is kept together up to four times the limit of lines.
 */
export class DiffCutter {
  readonly #limits: PieceLimits;
  readonly #pieces: DiffPiece[] = [];
  #from: number;
  #end: number;
  #inside = false;
  #firstLine = 0;
  #lines = 0;
  #begin = { left: 0, right: 0 };
  #left = 0;
  #right = 0;
  /** A line's sign; of a hunk's line, how it begins. */
  #head = '';
  /** What of an escape has come: a backslash, and what follows it. */
  #escape = '';
  #lineBegun = false;
  #lineAt = 0;

  constructor(at: number, limits: PieceLimits) {
    this.#limits = limits;
    this.#from = at;
    this.#end = at;
  }

  push(bytes: Buffer, at: number): void {
    let index = 0;
    while (index < bytes.length) {
      if (this.#escape !== '') {
        index = this.#inEscape(bytes, index, at);
        continue;
      }
      const found = bytes.indexOf(BACKSLASH, index);
      const end = found < 0 ? bytes.length : found;
      if (end > index) this.#plain(bytes, { from: index, to: end, at });
      index = end;
      if (found < 0) break;
      const second = bytes[found + 1];
      if (second === undefined || second === UNICODE_LETTER) {
        this.#escape = '\\';
        index++;
      } else {
        index += 2;
        if (second === NEWLINE_LETTER) this.#newline(at + found, at + index);
        else this.#other(second === BACKSLASH ? '\\' : '?', at + found, at + index);
      }
    }
    this.#end = at + bytes.length;
  }

  /** The pieces, in order; none of an empty diff. */
  finish(): readonly DiffPiece[] {
    if (this.#lineBegun) this.#endLine();
    this.#cut(this.#end, false);
    return this.#pieces;
  }

  #plain(bytes: Buffer, { from, to, at }: { readonly from: number; readonly to: number; readonly at: number }): void {
    if (this.#head === '') this.#head = SIGNS[bytes[from] as number] ?? '?';
    else if (this.#head.startsWith('@') && this.#head.length < HEAD_BYTES)
      this.#head += bytes.toString('latin1', from, to);
    if (this.#head === '@') this.#head = bytes.toString('latin1', from, Math.min(to, from + HEAD_BYTES));
    if (!this.#lineBegun) this.#beginLine(at + from);
    for (;;) {
      const room = Math.max(this.#from, this.#lineAt) + this.#limits.bytes - (at + from);
      if (to - from <= room) return;
      let cut = from + Math.max(0, room);
      // Not within a character of UTF-8.
      while (cut > from && ((bytes[cut] as number) & 0xc0) === 0x80) cut--;
      if (at + cut <= this.#from) return;
      this.#cut(at + cut, true);
    }
  }

  /** An escape that came in two parts, or one of six characters. */
  #inEscape(bytes: Buffer, index: number, at: number): number {
    this.#escape += String.fromCharCode(bytes[index] as number);
    const written = this.#escape;
    if (written.charCodeAt(1) === UNICODE_LETTER && written.length < 6) return index + 1;
    const after = at + index + 1;
    this.#escape = '';
    if (written === '\\n' || /^\\u000a$/i.test(written)) this.#newline(after - written.length, after);
    else this.#other(written === '\\\\' ? '\\' : '?', after - written.length, after);
    return index + 1;
  }

  #newline(at: number, after: number): void {
    if (!this.#lineBegun) this.#beginLine(at);
    this.#endLine();
    this.#end = after;
    if (this.#lines >= 4 * this.#limits.lines || after - this.#from >= this.#limits.bytes) this.#cut(after, false);
  }

  #other(sign: string, at: number, after: number): void {
    if (this.#head === '') this.#head = sign;
    if (!this.#lineBegun) this.#beginLine(at);
    if (after - Math.max(this.#from, this.#lineAt) >= this.#limits.bytes) this.#cut(after, true);
  }

  #beginLine(at: number): void {
    this.#lineBegun = true;
    this.#lineAt = at;
    const sign = this.#head[0];
    if (this.#lines >= this.#limits.lines && sign !== '-' && sign !== '+') this.#cut(at, false);
  }

  #endLine(): void {
    const sign = this.#head[0];
    const hunk = sign === '@' ? /^@@ -(\d{1,9})(?:,\d+)? \+(\d{1,9})(?:,\d+)? @@/.exec(this.#head) : null;
    if (hunk !== null) [this.#left, this.#right] = [Number(hunk[1]), Number(hunk[2])];
    else if (sign !== '@' && sign !== '\\') {
      if (sign !== '+') this.#left++;
      if (sign !== '-') this.#right++;
    }
    this.#lines++;
    this.#head = '';
    this.#lineBegun = false;
  }

  #cut(at: number, inside: boolean): void {
    if (at > this.#from)
      this.#pieces.push({
        at: this.#from,
        bytes: at - this.#from,
        line: this.#firstLine,
        lines: this.#lines,
        ...this.#begin,
        inside: this.#inside,
      });
    this.#from = at;
    this.#inside = inside;
    this.#firstLine += this.#lines;
    this.#lines = 0;
    this.#begin = { left: this.#left, right: this.#right };
  }
}
