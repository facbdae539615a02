import type { ElfFile, ElfSection, ElfSegment } from './elf.ts';

const FILE_TYPES = ['none', 'relocatable', 'executable', 'shared', 'core'];

const MACHINES: Readonly<Record<number, string>> = {
  2: 'SPARC',
  3: 'i386',
  4: 'm68k',
  8: 'MIPS',
  15: 'PA-RISC',
  18: 'SPARC32+',
  20: 'PowerPC',
  21: 'PowerPC64',
  22: 's390',
  40: 'ARM',
  42: 'SuperH',
  43: 'SPARC V9',
  50: 'IA-64',
  62: 'x86-64',
  83: 'AVR',
  94: 'Xtensa',
  183: 'AArch64',
  243: 'RISC-V',
  247: 'BPF',
  258: 'LoongArch',
};

const SECTION_TYPES: Readonly<Record<number, string>> = {
  0: 'NULL',
  1: 'PROGBITS',
  2: 'SYMTAB',
  3: 'STRTAB',
  4: 'RELA',
  5: 'HASH',
  6: 'DYNAMIC',
  7: 'NOTE',
  8: 'NOBITS',
  9: 'REL',
  11: 'DYNSYM',
  14: 'INIT_ARRAY',
  15: 'FINI_ARRAY',
  16: 'PREINIT_ARRAY',
  17: 'GROUP',
  18: 'SYMTAB_SHNDX',
  19: 'RELR',
  1879048181: 'GNU_ATTRIBUTES',
  1879048182: 'GNU_HASH',
  1879048189: 'VERDEF',
  1879048190: 'VERNEED',
  1879048191: 'VERSYM',
  1879048193: 'UNWIND',
};

const SEGMENT_TYPES: Readonly<Record<number, string>> = {
  0: 'NULL',
  1: 'LOAD',
  2: 'DYNAMIC',
  3: 'INTERP',
  4: 'NOTE',
  6: 'PHDR',
  7: 'TLS',
  1685382480: 'GNU_EH_FRAME',
  1685382481: 'GNU_STACK',
  1685382482: 'GNU_RELRO',
  1685382483: 'GNU_PROPERTY',
  1685382484: 'GNU_SFRAME',
};

const FLAG_LETTERS: readonly (readonly [bigint, string])[] = [
  [1n, 'W'],
  [2n, 'A'],
  [4n, 'X'],
  [0x10n, 'M'],
  [0x20n, 'S'],
  [0x40n, 'I'],
  [0x80n, 'L'],
  [0x100n, 'O'],
  [0x200n, 'G'],
  [0x400n, 'T'],
  [0x800n, 'C'],
  [0x200000n, 'R'],
  [0x80000000n, 'E'],
];

const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

/** The file header's values in words, by name: what readelf -h shows but the tables' places and sizes. */
export function elfHeaderValues(file: ElfFile): Readonly<Record<string, string>> {
  return {
    class: `${file.bits} bits`,
    'byte order': file.endian,
    'OS ABI': `${file.osAbi} version ${file.abiVersion}`,
    type: FILE_TYPES[file.type] ?? hex(file.type),
    machine: MACHINES[file.machine] ?? hex(file.machine),
    flags: hex(file.flags),
    entry: hex(file.entry),
  };
}

/** Type, flags, alignment and entry size, such as "PROGBITS AX align 16". */
export function elfSectionForm(section: ElfSection): string {
  const type = SECTION_TYPES[section.type] ?? hex(section.type);
  const flags = FLAG_LETTERS.filter(([bit]) => (section.flags & bit) !== 0n)
    .map(([, letter]) => letter)
    .join('');
  const entries = section.entrySize > 0 ? ` entries of ${section.entrySize}` : '';
  return `${type}${flags === '' ? '' : ` ${flags}`} align ${section.alignment}${entries}`;
}

/** One program header as a line: type, rights, alignment, then place and sizes. */
export function elfSegmentLine(segment: ElfSegment): string {
  const type = SEGMENT_TYPES[segment.type] ?? hex(segment.type);
  const rights = `${segment.flags & 4 ? 'R' : '-'}${segment.flags & 2 ? 'W' : '-'}${segment.flags & 1 ? 'E' : '-'}`;
  const place = `offset ${hex(segment.offset)} address ${hex(segment.address)}`;
  return `${type} ${rights} align ${hex(segment.alignment)} ${place} file ${hex(segment.fileSize)} memory ${hex(segment.memorySize)}`;
}

/** Type and rights of a program header, without its place. */
export function elfSegmentKind(segment: ElfSegment): string {
  return elfSegmentLine(segment).replace(/ offset .*/, '');
}
