import { ReproofError } from '../model/index.ts';

/** How an ELF file writes its numbers. */
export type ElfForm = { readonly bits: 32 | 64; readonly endian: 'little' | 'big' };

/** Numbers of a structure by class and byte order. The caller has checked that they are there. */
export class ElfFields {
  /** V8 forgets the shape of a class that has no object when it collects, and all code compiled for it: this is one. */
  static readonly lasting = new ElfFields(new Uint8Array(8), { bits: 64, endian: 'little' });

  readonly bits: 32 | 64;
  readonly length: number;
  readonly #view: DataView;
  readonly #little: boolean;

  constructor(bytes: Uint8Array, { bits, endian }: ElfForm) {
    this.bits = bits;
    this.length = bytes.length;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#little = endian === 'little';
  }

  byte(at: number): number {
    return this.#view.getUint8(at);
  }

  half(at: number): number {
    return this.#view.getUint16(at, this.#little);
  }

  word(at: number): number {
    return this.#view.getUint32(at, this.#little);
  }

  address(at: number): bigint {
    return this.bits === 64 ? this.#view.getBigUint64(at, this.#little) : BigInt(this.word(at));
  }

  /** An address as a number, see elfAddress. */
  addressNumber(at: number): number {
    return this.bits === 32 ? this.word(at) : this.signed(at);
  }

  /** A size as a number: exact below 2^53, which real ones are; beyond that only the nearest one. */
  near(at: number): number {
    if (this.bits === 32) return this.word(at);
    const low = this.#little ? at : at + 4;
    return this.word(2 * at + 4 - low) * 2 ** 32 + this.word(low);
  }

  /** A signed number of the class's width: exact within 2^53, else only the nearest one. */
  signed(at: number): number {
    if (this.bits === 32) return this.word(at) | 0;
    const low = this.#little ? at : at + 4;
    return (this.word(2 * at + 4 - low) | 0) * 2 ** 32 + this.word(low);
  }

  /** An offset or size within the file: no file reaches 2^52 bytes, so that sums of two stay exact. */
  place(at: number, where = 0): number {
    const value = this.near(at);
    if (value >= 2 ** 52) throw malformedElf('an offset or size', where + at, 'no file is that large');
    return value;
  }
}

/**
 * An address as a number: those of the upper half of 64 bits, where kernels are, are counted from its end and negative.
 * Exact within 2^53 of either end, which real ones are; else only the nearest one.
 */
export function elfAddress(address: bigint): number {
  return Number(BigInt.asIntN(64, address));
}

/** Such a number as it is written. */
export function elfAddressText(address: number): string {
  return `0x${BigInt.asUintN(64, BigInt(address)).toString(16)}`;
}

/** ELF_MALFORMED at a byte of the file, or of the piece that `what` names. */
export function malformedElf(what: string, offset: number, why?: string): ReproofError {
  const message = `reading ${what} of ELF file at byte ${offset}${why === undefined ? '' : `: ${why}`}`;
  return new ReproofError('ELF_MALFORMED', message, { context: { offset } });
}

/** ELF_LIMIT for the limit of that name. */
export function passedElfLimit(limit: string, value: number): ReproofError {
  return new ReproofError('ELF_LIMIT', `reading ELF file: more than ${value} ${limit}`, { context: { limit, value } });
}

/** The text that ends with a zero byte at `offset` of a table, as latin1; up to the table's end where no zero follows. */
export function elfString(table: Uint8Array, offset: number): string {
  if (offset >= table.length) return '';
  const bytes = Buffer.from(table.buffer, table.byteOffset, table.byteLength);
  const end = bytes.indexOf(0, offset);
  return bytes.toString('latin1', offset, end < 0 ? bytes.length : end);
}
