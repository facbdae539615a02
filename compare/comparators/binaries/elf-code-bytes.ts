import { type ByteSource, type RandomReader, rangeSource } from '../../byte-source.ts';
import { type ElfPiece, type ElfSide, isPacked, pieceBytes } from './elf-side.ts';

/** Smaller code is read whole. */
const WHOLE_BYTES = 2 ** 20;
/** What is read at once where one function is asked for after the other, and where they are not. */
const WINDOW_BYTES = 256 * 1024;
/** Bytes that are held at a time where the rest can wait: of a gap that is all of a section, all would be much. */
export const HELD_BYTES = WINDOW_BYTES;
const LONE_BYTES = 4 * 1024;

/** The code of a section, by offset in it; to be closed. */
export type CodeBytes = {
  readonly size: number;
  /** Where `hold` puts what it reads. */
  readonly memory: Buffer;
  /** The same, for numbers of more than a byte. */
  readonly view: DataView;
  /**
   * Where in `memory` the bytes of a range within the section begin, good until the next call: for what is done with
   * each of a million functions, of which a buffer would cost more than to look into it.
   */
  hold(start: number, size: number): number;
  /** The bytes of a range within it, good until the next call. */
  at(start: number, size: number): Buffer;
  close(): void;
};

/**
 * The code of a section: of a large library, which may have tens of megabytes on either side, what is looked at. Undefined
 * where it is larger than `limit` bytes. Throws ELF_MALFORMED.
 */
export async function codeBytes(side: ElfSide, piece: ElfPiece, limit: number): Promise<CodeBytes | undefined> {
  const { random, memory, size } = side.source;
  const { range, name } = piece;
  const isReached = random !== undefined && memory === undefined && size !== undefined;
  if (!isReached || range.size <= WHOLE_BYTES || range.size > limit || isPacked(piece)) {
    const bytes = await pieceBytes(side, piece, limit);
    if (bytes === undefined) return undefined;
    return new WholeCode(bytes);
  }
  const { offset } = range;
  const there = Math.max(0, Math.min(range.size, size - offset));
  const code = rangeSource(side.source, { name, offset, size: there }) as Required<Pick<ByteSource, 'random'>>;
  return new CodeWindow(code.random(), there);
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

/** Code in memory. */
export class WholeCode implements CodeBytes {
  /** One that stays: see let-go.ts. */
  static readonly lasting = new WholeCode(Buffer.alloc(0));

  readonly size: number;
  readonly memory: Buffer;
  readonly view: DataView;

  constructor(bytes: Buffer) {
    this.memory = bytes;
    this.view = viewOf(bytes);
    this.size = bytes.length;
  }

  hold(start: number): number {
    return start;
  }

  at(start: number, size: number): Buffer {
    return this.memory.subarray(start, start + size);
  }

  close(): void {}
}

class CodeWindow implements CodeBytes {
  /** One that stays: see let-go.ts. */
  static readonly lasting = new CodeWindow({ read: () => 0, close: () => {} }, 0);

  readonly size: number;
  memory: Buffer;
  view: DataView;
  readonly #reader: RandomReader;
  readonly #window = Buffer.allocUnsafeSlow(WINDOW_BYTES);
  readonly #windowView = viewOf(this.#window);
  #start = 0;
  #end = 0;

  constructor(reader: RandomReader, size: number) {
    this.#reader = reader;
    this.size = size;
    this.memory = this.#window;
    this.view = this.#windowView;
  }

  hold(start: number, size: number): number {
    if (size > WINDOW_BYTES) {
      this.memory = Buffer.allocUnsafeSlow(size);
      this.view = viewOf(this.memory);
      this.#reader.read(this.memory, start);
      return 0;
    }
    this.memory = this.#window;
    this.view = this.#windowView;
    if (start < this.#start || start + size > this.#end) {
      const goesOn = start >= this.#start && start <= this.#end + LONE_BYTES;
      const wanted = this.#window.subarray(0, goesOn ? WINDOW_BYTES : Math.max(size, LONE_BYTES));
      this.#start = start;
      this.#end = start + this.#reader.read(wanted, start);
    }
    return start - this.#start;
  }

  at(start: number, size: number): Buffer {
    const from = this.hold(start, size);
    return this.memory.subarray(from, from + size);
  }

  close(): void {
    this.#reader.close();
  }
}
