import { elfAddress, printableRuns } from '../../../formats/index.ts';
import { bufferSource } from '../../buffer-source.ts';
import { rangeSource } from '../../byte-source.ts';
import { bothOf } from '../../identity.ts';
import type { Explanation } from '../../types.ts';
import type { ElfPair } from './elf-pair.ts';
import { relocatedWords } from './elf-relocated-words.ts';
import { type ElfPiece, type ElfSide, pieceBytes } from './elf-side.ts';
import { sameTarget } from './elf-targets.ts';
import { explainStrings } from './elf-text.ts';

const STRING_BYTES = 16 * 2 ** 20;
const LEAST = 6;
const STRINGS = 500_000;

type Pieces = readonly [ElfPiece, ElfPiece];

/** Data: whether only addresses differ, else where bytes do and which strings. */
export async function* explainData(pair: ElfPair, [old, now]: Pieces): AsyncGenerator<Explanation> {
  const [left, right] = await bothOf(
    pieceBytes(pair.left, old, STRING_BYTES),
    pieceBytes(pair.right, now, STRING_BYTES),
  );
  const whole = (side: ElfSide, piece: ElfPiece, bytes: Buffer | undefined) =>
    bytes === undefined
      ? rangeSource(side.source, { name: piece.name, ...piece.range })
      : bufferSource(piece.name, bytes);
  if (left !== undefined && right !== undefined) {
    if (await onlyAddressesDiffer(pair, [old, now], [left, right])) {
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

/**
 * True when every word that differs is, on both sides, an address of what is taken for the same. A number may look like an
 * address: in a file that runs anywhere a word is one only with a relocation.
 */
async function onlyAddressesDiffer(
  pair: ElfPair,
  pieces: Pieces,
  [left, right]: readonly [Buffer, Buffer],
): Promise<boolean> {
  const unit = pair.left.file.bits / 8;
  if (left.length !== right.length || left.length % unit !== 0 || pair.left.file.bits !== pair.right.file.bits)
    return false;
  const same = await sameTarget(pair);
  const everyWord = (isFollowed: (at: number) => boolean): boolean => {
    for (let at = 0; at < left.length; at += unit)
      if (left.compare(right, at, at + unit, at, at + unit) !== 0 && !isFollowed(at)) return false;
    return true;
  };
  if (
    left.equals(right) ||
    !everyWord((at) => same(wordAt(left, at, pair.left), wordAt(right, at, pair.right)) === true)
  )
    return false;
  const relocated = await bothOf(relocatedWords(pair.left, pieces[0]), relocatedWords(pair.right, pieces[1]));
  return relocated.every((isRelocated) => isRelocated === undefined || everyWord(isRelocated));
}

function wordAt(bytes: Buffer, at: number, { file }: ElfSide): number {
  const little = file.endian === 'little';
  if (file.bits === 32) return little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  return elfAddress(little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
}
