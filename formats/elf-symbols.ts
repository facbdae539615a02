import { ElfFields, type ElfForm, passedElfLimit } from './elf-fields.ts';
import { checkElfTexts } from './elf-text-table.ts';

/**
 * A symbol table, gABI chapter 4, as columns: one number a symbol and column. `names` is its string table; a name stands
 * at `nameOffset` up to the next zero byte.
 */
export type ElfSymbols = {
  readonly count: number;
  readonly names: Buffer;
  readonly nameOffset: Uint32Array;
  readonly info: Uint8Array;
  readonly other: Uint8Array;
  /** Index of the section it is in; 0 undefined, 0xfff1 absolute, 0xfff2 common. */
  readonly section: Uint32Array;
  /** An address as elfAddress gives it, or another number. */
  readonly value: Float64Array;
  readonly size: Float64Array;
};

export const STT_OBJECT = 1;
export const STT_FUNC = 2;
export const STT_SECTION = 3;
export const STT_TLS = 6;
export const STT_GNU_IFUNC = 10;

const TYPES = ['NOTYPE', 'OBJECT', 'FUNC', 'SECTION', 'FILE', 'COMMON', 'TLS', '7', '8', '9', 'IFUNC'];
const BINDINGS = ['LOCAL', 'GLOBAL', 'WEAK', '3', '4', '5', '6', '7', '8', '9', 'UNIQUE'];
const VISIBILITIES = ['DEFAULT', 'INTERNAL', 'HIDDEN', 'PROTECTED'];

type Tables = { readonly symbols: Buffer; readonly names: Buffer };

/**
 * The columns of a table's bytes; an incomplete entry at the end is left out. Throws ELF_LIMIT past `limit` symbols, and
 * where their names together are far longer than the table of names.
 */
export function parseElfSymbols({ symbols, names }: Tables, form: ElfForm, limit: number): ElfSymbols {
  const wide = form.bits === 64;
  const entry = wide ? 24 : 16;
  const count = Math.floor(symbols.length / entry);
  if (count > limit) throw passedElfLimit('symbols', limit);
  const view = new ElfFields(symbols, form);
  const table = {
    count,
    names,
    nameOffset: new Uint32Array(count),
    info: new Uint8Array(count),
    other: new Uint8Array(count),
    section: new Uint32Array(count),
    value: new Float64Array(count),
    size: new Float64Array(count),
  };
  for (let index = 0, at = 0; index < count; index++, at += entry) {
    table.nameOffset[index] = view.word(at);
    table.info[index] = view.byte(at + (wide ? 4 : 12));
    table.other[index] = view.byte(at + (wide ? 5 : 13));
    table.section[index] = view.half(at + (wide ? 6 : 14));
    table.value[index] = view.addressNumber(at + (wide ? 8 : 4));
    table.size[index] = view.near(at + (wide ? 16 : 8));
  }
  checkElfTexts(names, table.nameOffset);
  return table;
}

/** A symbol's name as latin1. */
export function elfSymbolName(table: ElfSymbols, index: number): string {
  const start = table.nameOffset[index] as number;
  if (start >= table.names.length) return '';
  const end = table.names.indexOf(0, start);
  return table.names.toString('latin1', start, end < 0 ? table.names.length : end);
}

/** Type, binding and visibility in words, such as "FUNC GLOBAL DEFAULT". */
export function elfSymbolKind(table: ElfSymbols, index: number): string {
  const info = table.info[index] as number;
  const type = TYPES[info & 15] ?? String(info & 15);
  const binding = BINDINGS[info >> 4] ?? String(info >> 4);
  return `${type} ${binding} ${VISIBILITIES[(table.other[index] as number) & 3]}`;
}
