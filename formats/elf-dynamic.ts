import { ElfFields, type ElfForm } from './elf-fields.ts';
import { elfTexts } from './elf-text-table.ts';

/** An entry of the dynamic section: its tag's name and its value, text where the tag's value is a name. */
export type ElfDynamicEntry = { readonly tag: string; readonly value: string; readonly address: boolean };

const TAGS: Readonly<Record<number, string>> = {
  1: 'NEEDED',
  2: 'PLTRELSZ',
  3: 'PLTGOT',
  4: 'HASH',
  5: 'STRTAB',
  6: 'SYMTAB',
  7: 'RELA',
  8: 'RELASZ',
  9: 'RELAENT',
  10: 'STRSZ',
  11: 'SYMENT',
  12: 'INIT',
  13: 'FINI',
  14: 'SONAME',
  15: 'RPATH',
  16: 'SYMBOLIC',
  17: 'REL',
  18: 'RELSZ',
  19: 'RELENT',
  20: 'PLTREL',
  21: 'DEBUG',
  22: 'TEXTREL',
  23: 'JMPREL',
  24: 'BIND_NOW',
  25: 'INIT_ARRAY',
  26: 'FINI_ARRAY',
  27: 'INIT_ARRAYSZ',
  28: 'FINI_ARRAYSZ',
  29: 'RUNPATH',
  30: 'FLAGS',
  32: 'PREINIT_ARRAY',
  33: 'PREINIT_ARRAYSZ',
  34: 'SYMTAB_SHNDX',
  35: 'RELRSZ',
  36: 'RELR',
  37: 'RELRENT',
  1879047925: 'GNU_HASH',
  1879047926: 'TLSDESC_PLT',
  1879047927: 'TLSDESC_GOT',
  1879048176: 'VERSYM',
  1879048185: 'RELACOUNT',
  1879048186: 'RELCOUNT',
  1879048187: 'FLAGS_1',
  1879048188: 'VERDEF',
  1879048189: 'VERDEFNUM',
  1879048190: 'VERNEED',
  1879048191: 'VERNEEDNUM',
  2147483645: 'AUXILIARY',
  2147483647: 'FILTER',
};
const NAMED = new Set(['NEEDED', 'SONAME', 'RPATH', 'RUNPATH', 'AUXILIARY', 'FILTER']);
const ADDRESSES = new Set([
  'PLTGOT',
  'HASH',
  'STRTAB',
  'SYMTAB',
  'RELA',
  'INIT',
  'FINI',
  'REL',
  'JMPREL',
  'INIT_ARRAY',
  'FINI_ARRAY',
  'PREINIT_ARRAY',
  'SYMTAB_SHNDX',
  'RELR',
  'GNU_HASH',
  'TLSDESC_PLT',
  'TLSDESC_GOT',
  'VERSYM',
  'VERDEF',
  'VERNEED',
]);

/** The entries up to DT_NULL, in order; `names` is the string table that the section links to. Values are raw. */
export function parseElfDynamic(bytes: Buffer, names: Buffer, form: ElfForm): readonly ElfDynamicEntry[] {
  const unit = form.bits / 8;
  const view = new ElfFields(bytes, form);
  const textAt = elfTexts(names);
  const entries: ElfDynamicEntry[] = [];
  for (let at = 0; at + 2 * unit <= bytes.length; at += 2 * unit) {
    const number = view.near(at);
    if (number === 0) break;
    const tag = TAGS[number] ?? `0x${number.toString(16)}`;
    const value = NAMED.has(tag) ? textAt(view.near(at + unit)) : `0x${view.address(at + unit).toString(16)}`;
    entries.push({ tag, value, address: ADDRESSES.has(tag) });
  }
  return entries;
}
