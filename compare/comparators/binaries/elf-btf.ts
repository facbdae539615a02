import { bothOf } from '../../identity.ts';
import type { Explanation } from '../../types.ts';
import type { ElfPair } from './elf-pair.ts';
import { type ElfPiece, type ElfSide, pieceBytes } from './elf-side.ts';
import { explainStrings } from './elf-text.ts';

const BTF_BYTES = 16 * 2 ** 20;
const MAGIC = 0xeb9f;
const HEADER_BYTES = 24;

/**
 * The types a kernel module brings along (Documentation/bpf/btf.rst of Linux): its names are compared. The types
 * themselves refer by number to those of the kernel's image, so that one more type there changes all that follow.
 */
export async function* explainTypes(
  pair: ElfPair,
  [one, other]: readonly [ElfPiece, ElfPiece],
): AsyncGenerator<Explanation> {
  const [before, after] = await bothOf(pieceBytes(pair.left, one, BTF_BYTES), pieceBytes(pair.right, other, BTF_BYTES));
  const [old, now] = [namesOf(before, pair.left), namesOf(after, pair.right)];
  if (old === undefined || now === undefined) {
    yield { kind: 'note', text: 'too large to be explained, or not of the form of type information' };
    return;
  }
  yield { kind: 'reason', reason: { kind: 'debug-info', evidence: 'type information of the kernel' } };
  if (old.equals(now)) {
    yield { kind: 'detail', text: 'content differs: the same names, types of other numbers' };
    return;
  }
  const [left, right] = [linesOf(old), linesOf(now)];
  if (left.length === right.length && left.toSorted().join('\n') === right.toSorted().join('\n')) {
    yield { kind: 'detail', text: 'content differs: the same names in another order' };
    yield { kind: 'reason', reason: { kind: 'order', evidence: 'the same names of types in another order' } };
  } else yield* explainStrings(left, right);
}

/** The table of names; undefined where there is none. */
function namesOf(bytes: Buffer | undefined, { file }: ElfSide): Buffer | undefined {
  if (bytes === undefined || bytes.length < HEADER_BYTES) return undefined;
  const little = file.endian === 'little';
  const word = (at: number): number => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  if ((little ? bytes.readUInt16LE(0) : bytes.readUInt16BE(0)) !== MAGIC) return undefined;
  const start = word(4) + word(16);
  const end = start + word(20);
  return end > bytes.length ? undefined : bytes.subarray(start, end);
}

function linesOf(names: Buffer): readonly string[] {
  return names.toString('latin1').split('\0');
}
