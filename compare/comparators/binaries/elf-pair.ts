import { bothOf } from '../../identity.ts';
import { type KnownPair, sameStretch } from '../../same-stretch.ts';
import { type ElfPiece, type ElfSide, readElfSide } from './elf-side.ts';

/** Both files, and what of them is known to be equal. */
export type ElfPair = {
  readonly left: ElfSide;
  readonly right: ElfSide;
  readonly known: KnownPair;
  /** Names of the pieces that both sides have with different bytes. */
  readonly changed: ReadonlySet<string>;
};

/** Reads both files' headers, and compares the pieces of one name. Throws ELF_MALFORMED, ELF_LIMIT. */
export async function readElfPair(known: KnownPair): Promise<ElfPair> {
  const [left, right] = await bothOf(readElfSide(known.left), readElfSide(known.right));
  const changed = new Set<string>();
  for (const [name, old] of left.pieces) {
    const now = right.pieces.get(name);
    if (now !== undefined && !(await samePiece(known, old, now))) changed.add(name);
  }
  return { left, right, known, changed };
}

async function samePiece(known: KnownPair, old: ElfPiece, now: ElfPiece): Promise<boolean> {
  if (old.size !== now.size || old.range.size !== now.range.size) return false;
  return sameStretch(known, { left: old.range.offset, right: now.range.offset, size: old.range.size });
}
