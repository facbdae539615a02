import { ElfFields, type ElfForm } from './elf-fields.ts';

/**
 * The entries of a SHT_REL or SHT_RELA section, gABI chapter 4, by index from 0; an incomplete entry at the end is left
 * out. They are read where they stand: a large library has hundreds of thousands, most of which are asked for little.
 */
export class ElfRelocations {
  /** One that stays, as of ElfFields. */
  static readonly lasting = new ElfRelocations(Buffer.alloc(0), true, { bits: 64, endian: 'little' });

  readonly count: number;
  readonly #view: ElfFields;
  readonly #entry: number;
  readonly #wide: boolean;
  /** Where the halves of a 64-bit info stand: its type and its symbol. */
  readonly #typeAt: number;
  readonly #symbolAt: number;
  readonly #withAddend: boolean;

  constructor(bytes: Buffer, withAddend: boolean, form: ElfForm) {
    this.#wide = form.bits === 64;
    this.#entry = (form.bits / 8) * (withAddend ? 3 : 2);
    this.count = Math.floor(bytes.length / this.#entry);
    this.#view = new ElfFields(bytes, form);
    this.#withAddend = withAddend;
    this.#typeAt = form.endian === 'little' ? 8 : 12;
    this.#symbolAt = form.endian === 'little' ? 12 : 8;
  }

  /** The place: an address, or an offset in a section of an object file; as elfAddress gives it. */
  offset(index: number): number {
    return this.#view.addressNumber(index * this.#entry);
  }

  type(index: number): number {
    const at = index * this.#entry;
    return this.#wide ? this.#view.word(at + this.#typeAt) : this.#view.word(at + 4) & 0xff;
  }

  /** The symbol's index; 0 for none. */
  symbol(index: number): number {
    const at = index * this.#entry;
    return this.#wide ? this.#view.word(at + this.#symbolAt) : this.#view.word(at + 4) >>> 8;
  }

  /** 0 where entries have none. */
  addend(index: number): number {
    return this.#withAddend ? this.#view.signed(index * this.#entry + (this.#wide ? 16 : 8)) : 0;
  }
}

/** The places of a SHT_RELR section, gABI chapter 4: an address, and after it maps of which words that follow it are too. */
export function* relrPlaces(bytes: Buffer, form: ElfForm): Generator<number> {
  const view = new ElfFields(bytes, form);
  const unit = form.bits / 8;
  let next = 0;
  for (let at = 0; at + unit <= bytes.length; at += unit) {
    const entry = view.address(at);
    if ((entry & 1n) === 0n) {
      next = view.addressNumber(at);
      yield next;
      next += unit;
      continue;
    }
    for (let bit = 1; bit < form.bits; bit++) if (((entry >> BigInt(bit)) & 1n) === 1n) yield next + (bit - 1) * unit;
    next += (form.bits - 1) * unit;
  }
}
