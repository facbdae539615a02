import { isRustMetadata, readRustMetadata } from '../../../formats/index.ts';
import type { FieldChange } from '../../../model/index.ts';
import { escapeName } from '../../escape.ts';
import { bothOf, headOf, ofBoth } from '../../identity.ts';
import type { Explanation, LeafComparator } from '../../types.ts';
import { bytes } from './bytes.ts';
import type { ElfPair } from './elf-pair.ts';
import { type ElfPiece, pieceBytes } from './elf-side.ts';

/** Metadata of a Rust crate in a file of its own, as for targets without ELF: the compiler, and where bytes differ. */
export const rustMetadata: LeafComparator = {
  kind: 'leaf',
  id: 'rust-metadata',
  recognizes: isRustMetadata,
  async *explain(left, right, context) {
    yield* compilersOf(...(await bothOf(headOf(left), headOf(right))));
    yield* bytes.explain(left, right, context);
  },
};

/** What a section of a crate's metadata says of its compiler. Throws ELF_*. */
export async function* explainRust(
  pair: ElfPair,
  [left, right]: readonly [ElfPiece, ElfPiece],
): AsyncGenerator<Explanation> {
  const [old, now] = await bothOf(pieceBytes(pair.left, left), pieceBytes(pair.right, right));
  if (old !== undefined && now !== undefined) yield* compilersOf(old, now);
}

function* compilersOf(left: Uint8Array, right: Uint8Array): Generator<Explanation> {
  const [old, now] = ofBoth(left, right, readRustMetadata);
  if (old === undefined || now === undefined) {
    yield { kind: 'note', text: "the compiler's version could not be read: packed, or of another layout" };
    return;
  }
  const sides = { left: escapeName(old.compiler), right: escapeName(now.compiler) };
  const fields: FieldChange[] = [
    { name: 'Rust compiler', ...sides },
    { name: 'layout of the metadata', left: String(old.layout), right: String(now.layout) },
  ];
  yield { kind: 'fields', fields };
  if (old.compiler === now.compiler) return;
  const evidence = 'metadata of a crate names the compiler';
  yield { kind: 'reason', reason: { kind: 'version-text', evidence, ...sides } };
}
