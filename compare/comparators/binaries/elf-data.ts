import { printableRuns } from '../../../formats/index.ts';
import { bufferSource } from '../../buffer-source.ts';
import { rangeSource } from '../../byte-source.ts';
import { bothOf } from '../../identity.ts';
import type { Explanation } from '../../types.ts';
import type { ElfPair } from './elf-pair.ts';
import { type ElfPiece, type ElfSide, pieceBytes } from './elf-side.ts';
import { explainStrings } from './elf-text.ts';

const STRING_BYTES = 16 * 2 ** 20;
const LEAST = 6;
const STRINGS = 500_000;

/** Data: whether only addresses differ, else where bytes do and which strings. */
export async function* explainData(
  pair: ElfPair,
  [old, now]: readonly [ElfPiece, ElfPiece],
): AsyncGenerator<Explanation> {
  const [left, right] = await bothOf(
    pieceBytes(pair.left, old, STRING_BYTES),
    pieceBytes(pair.right, now, STRING_BYTES),
  );
  const whole = (side: ElfSide, piece: ElfPiece, bytes: Buffer | undefined) =>
    bytes === undefined
      ? rangeSource(side.source, { name: piece.name, ...piece.range })
      : bufferSource(piece.name, bytes);
  if (left !== undefined && right !== undefined) {
    if (onlyAddressesDiffer(pair, left, right)) {
      yield { kind: 'note', text: 'only addresses of other parts of the file differ' };
      yield { kind: 'reason', reason: { kind: 'addresses', evidence: 'every word that differs is an address' } };
      return;
    }
    if (left.equals(right)) {
      yield { kind: 'note', text: 'equal once unpacked' };
      yield { kind: 'reason', reason: { kind: 'compression', evidence: 'the unpacked content is equal' } };
      return;
    }
  }
  yield { kind: 'part', name: old.name, left: whole(pair.left, old, left), right: whole(pair.right, now, right) };
  if (left === undefined || right === undefined) {
    yield { kind: 'note', text: `larger than ${STRING_BYTES} bytes: its strings were not compared` };
    return;
  }
  // Types of the kernel's code: mostly numbers that shift, and their names are in the code's symbols.
  if (old.name.startsWith('.BTF')) return;
  yield* explainStrings(printableRuns(left, LEAST, STRINGS), printableRuns(right, LEAST, STRINGS));
}

/** True when every word that differs is, on both sides, an address in a section of the same name. */
function onlyAddressesDiffer(pair: ElfPair, left: Buffer, right: Buffer): boolean {
  const unit = pair.left.file.bits / 8;
  if (left.length !== right.length || left.length % unit !== 0 || pair.left.file.bits !== pair.right.file.bits)
    return false;
  const [old, now] = [addressBook(pair.left), addressBook(pair.right)];
  let differing = 0;
  for (let at = 0; at < left.length; at += unit) {
    if (left.compare(right, at, at + unit, at, at + unit) === 0) continue;
    differing++;
    const one = old(wordAt(left, at, pair.left));
    if (one === undefined || one !== now(wordAt(right, at, pair.right))) return false;
  }
  return differing > 0;
}

function wordAt(bytes: Buffer, at: number, { file }: ElfSide): number {
  const little = file.endian === 'little';
  if (file.bits === 32) return little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  return Number(little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
}

/** The name of the section that an address lies in; undefined outside of all, and in a file without addresses. */
export function addressBook(side: ElfSide): (address: number) => string | undefined {
  const sections = [...side.pieces.values()]
    .flatMap(({ name, section }) =>
      section !== undefined && section.address > 0n && section.size > 0
        ? [{ name, start: Number(section.address), end: Number(section.address) + section.size }]
        : [],
    )
    .sort((one, other) => one.start - other.start);
  return (address) => {
    let [low, high] = [0, sections.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sections[middle]?.end ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    const found = sections[low];
    return found !== undefined && found.start <= address ? found.name : undefined;
  };
}
