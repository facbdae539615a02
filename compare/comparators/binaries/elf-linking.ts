import { type ElfDynamicEntry, parseElfDynamic } from '../../../formats/index.ts';
import type { FieldChange } from '../../../model/index.ts';
import { escapeName } from '../../escape.ts';
import { bothOf } from '../../identity.ts';
import { changedFields } from '../../pairing.ts';
import type { ElfPair } from './elf-pair.ts';
import { type ElfPiece, type ElfSide, linkedNames, pieceBytes } from './elf-side.ts';

const SHT_DYNAMIC = 6;
const NAMES: Readonly<Record<string, string>> = {
  NEEDED: 'needed libraries',
  SONAME: 'name as a library (SONAME)',
  RPATH: 'RPATH',
  RUNPATH: 'RUNPATH',
};

/** The entries of a dynamic section; none where it or its table of names is too large. Throws ELF_*. */
export async function readDynamic(side: ElfSide, piece: ElfPiece): Promise<readonly ElfDynamicEntry[]> {
  const names = linkedNames(side, piece);
  const bytes = await pieceBytes(side, piece);
  const strings = names === undefined ? undefined : await pieceBytes(side, names);
  return bytes === undefined ? [] : parseElfDynamic(bytes, strings ?? Buffer.alloc(0), side.file);
}

/** What the dynamic linker is told by name, also where only the table of names differs. Throws ELF_*. */
export async function linkingFields({ left, right }: ElfPair): Promise<readonly FieldChange[]> {
  return changedFields(...(await bothOf(valuesOf(left), valuesOf(right))));
}

async function valuesOf(side: ElfSide): Promise<Readonly<Record<string, string>>> {
  const piece = [...side.pieces.values()].find(({ section }) => section?.type === SHT_DYNAMIC);
  const values: Record<string, string> = {};
  if (piece === undefined) return values;
  for (const { tag, value } of await readDynamic(side, piece)) {
    const name = NAMES[tag];
    if (name !== undefined) values[name] = name in values ? `${values[name]} ${escapeName(value)}` : escapeName(value);
  }
  return values;
}
