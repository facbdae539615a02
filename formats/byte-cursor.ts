import { ReproofError } from '../model/index.ts';

/**
 * Reads numbers and strings one after another from bytes in memory. Every read past the end throws FORMAT_MALFORMED
 * (context `offset`); `what` names the format in the message. `base` is the offset of the first byte in its file.
 */
export class ByteCursor {
  readonly bytes: Buffer;
  readonly what: string;
  readonly base: number;
  little: boolean;
  #position = 0;

  constructor(bytes: Uint8Array, options: { what: string; little?: boolean; base?: number }) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.what = options.what;
    this.little = options.little ?? false;
    this.base = options.base ?? 0;
  }

  /** Offset of the next byte, in these bytes. */
  get position(): number {
    return this.#position;
  }

  get left(): number {
    return this.bytes.length - this.#position;
  }

  /** Goes on at `position`; one past the end is allowed, and gives an error at the next read. */
  seek(position: number): this {
    if (!Number.isSafeInteger(position) || position < 0 || position > this.bytes.length)
      this.fail('a position outside of the file');
    this.#position = position;
    return this;
  }

  /** The next `size` bytes, not copied. */
  take(size: number, part = 'content'): Buffer {
    if (!Number.isSafeInteger(size) || size < 0 || size > this.left) this.fail(part);
    const start = this.#position;
    this.#position += size;
    return this.bytes.subarray(start, this.#position);
  }

  u8(part?: string): number {
    return this.take(1, part)[0] as number;
  }

  u16(part?: string): number {
    const bytes = this.take(2, part);
    return this.little ? bytes.readUInt16LE() : bytes.readUInt16BE();
  }

  u32(part?: string): number {
    const bytes = this.take(4, part);
    return this.little ? bytes.readUInt32LE() : bytes.readUInt32BE();
  }

  u64(part?: string): bigint {
    const bytes = this.take(8, part);
    return this.little ? bytes.readBigUInt64LE() : bytes.readBigUInt64BE();
  }

  /** As latin1, up to the first NUL of the next `size` bytes. */
  fixedString(size: number, part?: string): string {
    return latin1UpToNul(this.take(size, part));
  }

  fail(part: string): never {
    const offset = this.base + this.#position;
    throw new ReproofError('FORMAT_MALFORMED', `reading ${part} of ${this.what} at byte ${offset}`, {
      context: { offset },
    });
  }
}

/** Bytes as latin1, up to the first NUL. */
export function latin1UpToNul(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
}
