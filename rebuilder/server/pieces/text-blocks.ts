import { type LogError, type LogSection, LogSigns } from './log-signs.ts';

/** A stretch of a text as it lies in its file: packed alone with zstd, so that it can be read without those before it. */
export type TextBlock = {
  readonly at: number;
  readonly packed: number;
  readonly bytes: number;
  /** The number of its first line, from 1. `inside`: that line began in an earlier block. */
  readonly line: number;
  readonly inside: boolean;
};

/** What is known of a text: the end of its file. */
export type TextOutline = {
  readonly version: 1;
  readonly bytes: number;
  readonly lines: number;
  readonly sections: readonly LogSection[];
  readonly errors: readonly LogError[];
  readonly errorCount: number;
  readonly blocks: readonly TextBlock[];
};

/** The file ends with where its outline begins, how long that is (6 and 4 bytes), and this. */
export const TEXT_END = Buffer.from('RPTX');
export const TEXT_TRAILER_BYTES = 6 + 4 + TEXT_END.length;

const BLOCK_BYTES = 128 * 1024;
const NEWLINE = 10;

/** Cuts a text into blocks as it comes, which end with lines where lines are not longer than a block. */
export class TextBlocks {
  readonly #pack: (bytes: Buffer) => Buffer;
  readonly #write: (bytes: Buffer) => void;
  readonly #signs = new LogSigns();
  readonly #blocks: TextBlock[] = [];
  #rest: Buffer[] = [];
  #restBytes = 0;
  #at = 0;
  #bytes = 0;
  #line = 1;
  #inside = false;

  constructor(pack: (bytes: Buffer) => Buffer, write: (bytes: Buffer) => void) {
    this.#pack = pack;
    this.#write = write;
  }

  push(chunk: Buffer): void {
    this.#rest.push(chunk);
    this.#restBytes += chunk.length;
    if (this.#restBytes < BLOCK_BYTES) return;
    let text = Buffer.concat(this.#rest);
    while (text.length >= BLOCK_BYTES) {
      const newline = text.lastIndexOf(NEWLINE, BLOCK_BYTES - 1);
      let end = newline < 0 ? BLOCK_BYTES : newline + 1;
      // Not within a character of UTF-8, where it is that.
      for (let back = 0; newline < 0 && back < 3 && ((text[end] ?? 0) & 0xc0) === 0x80; back++) end--;
      this.#add(text.subarray(0, end));
      text = text.subarray(end);
    }
    this.#rest = [text];
    this.#restBytes = text.length;
  }

  /** Writes what is left, and the end of the file. */
  finish(): void {
    if (this.#restBytes > 0) this.#add(Buffer.concat(this.#rest));
    const { shown, total } = this.#signs.errors;
    const outline: TextOutline = {
      version: 1,
      bytes: this.#bytes,
      lines: this.#inside ? this.#line : this.#line - 1,
      sections: this.#signs.sections,
      errors: shown,
      errorCount: total,
      blocks: this.#blocks,
    };
    const packed = this.#pack(Buffer.from(JSON.stringify(outline)));
    const trailer = Buffer.alloc(TEXT_TRAILER_BYTES);
    trailer.writeUInt32BE(packed.length, trailer.writeUIntBE(this.#at, 0, 6));
    TEXT_END.copy(trailer, 10);
    this.#write(packed);
    this.#write(trailer);
  }

  #add(text: Buffer): void {
    const packed = this.#pack(text);
    this.#write(packed);
    this.#blocks.push({
      at: this.#at,
      packed: packed.length,
      bytes: text.length,
      line: this.#line,
      inside: this.#inside,
    });
    this.#signs.take(text.toString('latin1'), this.#line, this.#inside);
    this.#at += packed.length;
    this.#bytes += text.length;
    for (let next = text.indexOf(NEWLINE); next >= 0; next = text.indexOf(NEWLINE, next + 1)) this.#line++;
    this.#inside = text[text.length - 1] !== NEWLINE;
  }
}
