import { type ElfDynamicEntry, parseElfDynamic } from '../../../formats/index.ts';
import type { FieldChange, ReasonKind } from '../../../model/index.ts';
import { byBytes } from '../../by-bytes.ts';
import { escapeName, shorten } from '../../escape.ts';
import { bothOf } from '../../identity.ts';
import { changedFields } from '../../pairing.ts';
import type { Explanation } from '../../types.ts';
import type { ElfPair } from './elf-pair.ts';
import { type ElfPiece, type ElfSide, linkedNames, pieceBytes } from './elf-side.ts';

const SHT_DYNAMIC = 6;
const SHOWN_CHARACTERS = 200;
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
export async function* explainLinking({ left, right }: ElfPair): AsyncGenerator<Explanation> {
  const fields = changedFields(...(await bothOf(valuesOf(left), valuesOf(right))));
  yield { kind: 'fields', fields };
  const moved = fields.filter(isInAnotherOrder);
  const given = fields.filter((field) => !moved.includes(field));
  for (const field of moved) yield reasonOf('order', `${field.name} in another order`, [field]);
  if (given.length > 0) {
    const names = given.map(({ name }) => name).join(', ');
    yield reasonOf('metadata', `what the linker was given differs: ${names}`, given);
  }
}

function isInAnotherOrder({ name, left = '', right = '' }: FieldChange): boolean {
  const sorted = (text: string): string => text.split(' ').sort(byBytes).join(' ');
  return name === NAMES.NEEDED && sorted(left) === sorted(right);
}

/** With what either side has, where it is one value. */
function reasonOf(kind: ReasonKind, evidence: string, fields: readonly FieldChange[]): Explanation {
  const [field, ...others] = fields;
  if (field === undefined || others.length > 0) return { kind: 'reason', reason: { kind, evidence } };
  const side = (text = 'none'): string => shorten(text, SHOWN_CHARACTERS);
  return { kind: 'reason', reason: { kind, evidence, left: side(field.left), right: side(field.right) } };
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
