import {
  DwarfAbbreviations,
  type DwarfSections,
  type DwarfUnit,
  readDwarfUnits,
  readElf,
} from '../../formats/index.ts';
import { chunksOf } from './chunks.ts';

export const DWARF_LIMITS = { units: 100, abbreviations: 1_000, attributes: 100 };
const EMPTY = Buffer.alloc(0);

/** Sections of debug information, the line tables among them. */
export type AllSections = DwarfSections & { readonly line: Buffer };

/** Those of a little-endian file whose sections are not packed; `ending` is .dwo for a split one. */
export async function sectionsOf(file: Buffer, ending = ''): Promise<AllSections> {
  const elf = await readElf((start) => chunksOf(file.subarray(start), 4096), {
    sections: 1_000,
    nameBytes: 100_000,
    noteBytes: 100_000,
  });
  const bytes = (name: string): Buffer => {
    const found = elf.sections.find((section) => section.name === `.debug_${name}${ending}`);
    return found === undefined ? EMPTY : file.subarray(found.offset, found.offset + found.size);
  };
  return {
    little: true,
    ...{ info: bytes('info'), abbrev: bytes('abbrev'), str: bytes('str'), lineStr: bytes('line_str') },
    ...{ strOffsets: bytes('str_offsets'), line: bytes('line') },
  };
}

/** The units of a section. */
export function unitsOf(sections: DwarfSections, limits = DWARF_LIMITS): readonly DwarfUnit[] {
  return [...readDwarfUnits(sections, new DwarfAbbreviations(sections.abbrev, limits), limits)];
}

/** A section of numbers: bytes as they are, and texts with their zero. */
export const section = (...parts: readonly (number | string)[]): Buffer =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(`${part}\0`, 'latin1'))),
  );

/** Before it, the length that a unit begins with. */
export function sized(content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(content.length);
  return Buffer.concat([length, content]);
}

/** Sections of a unit and its abbreviations, and of two texts. */
export const madeSections = (info: Buffer, abbrev: Buffer): AllSections => ({
  ...{ little: true, info, abbrev, str: section('one', 'two'), lineStr: EMPTY, strOffsets: EMPTY, line: EMPTY },
});
