import { DwarfAbbreviations, type DwarfSections, type DwarfUnit, readDwarfUnits } from '../../../formats/index.ts';
import { relocated } from './dwarf-relocations.ts';
import { type ElfPiece, type ElfSide, pieceBytes, SECTION_BYTES } from './elf-side.ts';

/** As many as programs of a few hundred megabytes have. */
const LIMITS = { units: 200_000, abbreviations: 4_000_000, attributes: 1_000 };

/** The sections of debug information that are read. */
export type DebugSections = DwarfSections & { readonly line: Buffer };

/** Debug information of one side, ready to be stepped through. */
export type DwarfSide = {
  readonly sections: DebugSections;
  readonly abbreviations: DwarfAbbreviations;
  readonly units: readonly DwarfUnit[];
};

/**
 * The sections of debug information of one side, unpacked, and relocated in an object file; `ending` is .dwo for those of
 * a split file. Undefined where one is larger than SECTION_BYTES. Throws ELF_*.
 */
export async function readDebugSections(side: ElfSide, ending: string): Promise<DebugSections | undefined> {
  const found: Buffer[] = [];
  for (const name of ['info', 'abbrev', 'str', 'line_str', 'str_offsets', 'line']) {
    const bytes = await debugBytes(side, side.pieces.get(`.debug_${name}${ending}`));
    if (bytes === undefined) return undefined;
    found.push(bytes);
  }
  const [info, abbrev, str, lineStr, strOffsets, line] = found as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer];
  return { little: side.file.endian === 'little', info, abbrev, str, lineStr, strOffsets, line };
}

async function debugBytes(side: ElfSide, piece: ElfPiece | undefined): Promise<Buffer | undefined> {
  if (piece === undefined) return Buffer.alloc(0);
  const bytes = await pieceBytes(side, piece, SECTION_BYTES);
  return bytes === undefined ? undefined : relocated(side, piece, bytes);
}

/** Reads the units. Throws FORMAT_*. */
export function dwarfSide(sections: DebugSections): DwarfSide {
  const abbreviations = new DwarfAbbreviations(sections.abbrev, LIMITS);
  return { sections, abbreviations, units: [...readDwarfUnits(sections, abbreviations, LIMITS)] };
}
