import { bothOf } from '../../identity.ts';
import type { Explanation } from '../../types.ts';
import { type ElfPair, type ElfPiece, type ElfSide, pieceBytes } from './elf-side.ts';

const BTF_BYTES = 16 * 2 ** 20;
const MAGIC = 0xeb9f;
const HEADER_BYTES = 24;

/**
 * The types a kernel module brings along (Documentation/bpf/btf.rst of Linux): its names are compared. The types
 * themselves refer by number to those of the kernel's image, so that one more type there changes all that follow.
 */
export async function* explainTypes(
  pair: ElfPair,
  [left, right]: readonly [ElfPiece, ElfPiece],
): AsyncGenerator<Explanation> {
  const [one, other] = await bothOf(pieceBytes(pair.left, left, BTF_BYTES), pieceBytes(pair.right, right, BTF_BYTES));
  const [old, now] = [namesOf(one, pair.left), namesOf(other, pair.right)];
  if (old === undefined || now === undefined) {
    yield { kind: 'note', text: 'too large to be explained, or not of the form of type information' };
    return;
  }
  yield { kind: 'reason', reason: { kind: 'debug-info', evidence: 'type information of the kernel' } };
  if (old.equals(now)) yield { kind: 'detail', text: 'content differs: the same names, types of other numbers' };
  else yield { kind: 'lines', title: 'names of types', left: linesOf(old), right: linesOf(now) };
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
