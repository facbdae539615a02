import { DwarfAbbreviations, type DwarfSections, type DwarfUnit, readDwarfUnits } from '../../../formats/index.ts';
import { longUnits } from './dwarf-long.ts';
import { relocated } from './dwarf-relocations.ts';
import { type ElfPiece, type ElfSide, pieceBytes, SECTION_BYTES } from './elf-side.ts';

/** As many as programs of a few hundred megabytes have. */
const LIMITS = { units: 200_000, abbreviations: 4_000_000, attributes: 1_000 };

/** The sections of debug information that are read. */
export type DebugSections = DwarfSections & {
  readonly line: Buffer;
  /** True where the units are cut after their first entries, since all of them are too long to be held. */
  readonly cut: boolean;
};

/** Debug information of one side, ready to be stepped through. */
export type DwarfSide = {
  readonly sections: DebugSections;
  readonly abbreviations: DwarfAbbreviations;
  readonly units: readonly DwarfUnit[];
};

/**
 * The sections of debug information of one side, unpacked, and relocated in an object file; `ending` is .dwo for those of
 * a split file. Undefined where one is larger than SECTION_BYTES: but line tables are then left out, and units cut.
 * Throws ELF_*, FORMAT_*.
 */
export async function readDebugSections(side: ElfSide, ending: string): Promise<DebugSections | undefined> {
  const piece = (name: string): ElfPiece | undefined => side.pieces.get(`.debug_${name}${ending}`);
  const found: Buffer[] = [];
  for (const name of ['abbrev', 'str', 'line_str', 'str_offsets']) {
    const bytes = await debugBytes(side, piece(name));
    if (bytes === undefined) return undefined;
    found.push(bytes);
  }
  const [abbrev, str, lineStr, strOffsets] = found as [Buffer, Buffer, Buffer, Buffer];
  const units = piece('info');
  const whole = await debugBytes(side, units);
  const info = whole ?? (units === undefined ? undefined : await longUnits(side, units));
  if (info === undefined) return undefined;
  const line = (await debugBytes(side, piece('line'))) ?? Buffer.alloc(0);
  const little = side.file.endian === 'little';
  return { little, info, abbrev, str, lineStr, strOffsets, line, cut: whole === undefined };
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
