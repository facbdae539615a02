import { ReproofError } from '../model/index.ts';

/** Bytes of a LEB128 number. 64 bits need 10; some assemblers pad with empty ones. */
const LEB_BYTES = 16;

/**
 * Reads the numbers of one section of debug information, from `at` on, which the caller may move. Every read past `end`
 * throws FORMAT_MALFORMED (context `offset`, in the section). Memory is that of the section.
 */
export class DwarfBytes {
  readonly bytes: Buffer;
  readonly section: string;
  readonly little: boolean;
  at = 0;
  end: number;

  constructor(bytes: Buffer, { section, little }: { readonly section: string; readonly little: boolean }) {
    this.bytes = bytes;
    this.section = section;
    this.little = little;
    this.end = bytes.length;
  }

  /** Passes over `count` bytes, and gives where they began. */
  skip(count: number, what = 'value'): number {
    const start = this.at;
    if (!Number.isSafeInteger(count) || count < 0 || count > this.end - start) this.fail(what);
    this.at = start + count;
    return start;
  }

  u8(what?: string): number {
    return this.bytes[this.skip(1, what)] as number;
  }

  /** A whole number of 1, 2, 3, 4 or 8 bytes; past 2^53 the nearest. */
  unsigned(size: number, what?: string): number {
    const start = this.skip(size, what);
    if (size === 8) {
      const [low, high] = this.little ? [start, start + 4] : [start + 4, start];
      return this.#word(high) * 2 ** 32 + this.#word(low);
    }
    return this.little ? this.bytes.readUIntLE(start, size) : this.bytes.readUIntBE(start, size);
  }

  #word(start: number): number {
    return this.little ? this.bytes.readUInt32LE(start) : this.bytes.readUInt32BE(start);
  }

  /** An unsigned LEB128 number (7.6); past 2^53 the nearest. */
  uleb(what = 'number'): number {
    let [value, factor] = [0, 1];
    for (let count = 0; count < LEB_BYTES; count++) {
      const byte = this.u8(what);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    return this.fail(what);
  }

  /** Passes over a LEB128 number of either kind. */
  skipLeb(what = 'number'): void {
    for (let count = 0; count < LEB_BYTES; count++) if (this.u8(what) < 0x80) return;
    this.fail(what);
  }

  /** Passes over a string that ends with a zero byte, and gives it as latin1. */
  text(what = 'string'): string {
    const start = this.at;
    this.skipText(what);
    return this.bytes.toString('latin1', start, this.at - 1);
  }

  skipText(what = 'string'): void {
    const zero = this.bytes.indexOf(0, this.at);
    if (zero < 0 || zero >= this.end) this.fail(what);
    this.at = zero + 1;
  }

  /**
   * The length a unit begins with, 7.4: `wide` where offsets in the unit have 8 bytes. Reading is then bounded by the
   * unit, and what follows it begins at `end`.
   */
  unitLength(): { readonly wide: boolean; readonly end: number } {
    let length = this.unsigned(4, 'length of a unit');
    const wide = length === 0xffffffff;
    if (wide) length = this.unsigned(8, 'length of a unit');
    else if (length >= 0xfffffff0) this.fail('length of a unit');
    if (length > this.end - this.at) this.fail('unit');
    this.end = this.at + length;
    return { wide, end: this.end };
  }

  fail(what: string): never {
    throw new ReproofError('FORMAT_MALFORMED', `reading ${what} of ${this.section} at byte ${this.at}`, {
      context: { offset: this.at },
    });
  }
}

/** FORMAT_LIMIT for the limit of that name. */
export function passedDwarfLimit(limit: string, value: number): ReproofError {
  return new ReproofError('FORMAT_LIMIT', `reading debug information: more than ${value} ${limit}`, {
    context: { limit, value },
  });
}
