import { ElfFields, type ElfForm } from './elf-fields.ts';

/** Relocations as columns: where (offset in the file's image or in a section), type, symbol's index, addend. */
export type ElfRelocations = {
  readonly count: number;
  readonly offset: Float64Array;
  readonly type: Uint32Array;
  readonly symbol: Uint32Array;
  readonly addend: Float64Array;
};

/** The entries of a SHT_REL or SHT_RELA section, gABI chapter 4. An incomplete entry at the end is left out. */
export function parseElfRelocations(bytes: Buffer, withAddend: boolean, form: ElfForm): ElfRelocations {
  const wide = form.bits === 64;
  const unit = form.bits / 8;
  const entry = unit * (withAddend ? 3 : 2);
  const count = Math.floor(bytes.length / entry);
  const view = new ElfFields(bytes, form);
  const high = form.endian === 'little' ? 4 : 0;
  const table = {
    count,
    offset: new Float64Array(count),
    type: new Uint32Array(count),
    symbol: new Uint32Array(count),
    addend: new Float64Array(count),
  };
  for (let index = 0, at = 0; index < count; index++, at += entry) {
    table.offset[index] = view.near(at);
    const info = wide ? 0 : view.word(at + 4);
    table.symbol[index] = wide ? view.word(at + 8 + high) : info >>> 8;
    table.type[index] = wide ? view.word(at + 12 - high) : info & 0xff;
    if (withAddend) table.addend[index] = view.signed(at + 2 * unit);
  }
  return table;
}
