import { bothOf } from './both-sides.ts';
import { equalRanges, type FilePieces, filePieces, type Range, rangesBetween } from './equal-ranges.ts';
import type { ByteSource, Head } from './types.ts';
import { HEAD_BYTES } from './types.ts';

export { bothOf, inTurn, ofBoth } from './both-sides.ts';

/** Pieces of both sides at the same offset and of the same length; a lone piece where the other side has ended. */
export type Step = { readonly offset: number; readonly left: Uint8Array; readonly right: Uint8Array };

const ALL: Range = { start: 0, end: Number.POSITIVE_INFINITY };
const NOTHING = new Uint8Array(0);

/**
 * Reads both sides in lock-step, each once, holding one chunk of either; within a range alone where one is given. With
 * `lent` a step is overwritten by the next.
 */
export async function* inStep(
  left: ByteSource,
  right: ByteSource,
  { within = ALL, chunks }: { readonly within?: Range; readonly chunks?: 'lent' } = {},
): AsyncGenerator<Step> {
  const sides = [left, right].map((source) => source.open(within.start, chunks)[Symbol.asyncIterator]()) as [
    Pieces,
    Pieces,
  ];
  const held = [NOTHING, NOTHING] as [Uint8Array, Uint8Array];
  const ended = [false, false];
  const fill = async (side: 0 | 1): Promise<void> => {
    while (held[side].length === 0 && !ended[side]) {
      const next = await sides[side].next();
      if (next.done) ended[side] = true;
      else held[side] = next.value;
    }
  };
  try {
    for (let offset = within.start; offset < within.end; ) {
      await bothOf(fill(0), fill(1));
      if (ended[0] && ended[1]) return;
      const both = ended[0] ? held[1].length : ended[1] ? held[0].length : Math.min(held[0].length, held[1].length);
      const length = Math.min(both, within.end - offset);
      yield { offset, left: held[0].subarray(0, length), right: held[1].subarray(0, length) };
      held[0] = held[0].subarray(length);
      held[1] = held[1].subarray(length);
      offset += length;
    }
    // A decompressor verifies what it gave when it goes on from there.
    await bothOf(fill(0), fill(1));
  } finally {
    await bothOf(Promise.resolve(sides[0].return?.()), Promise.resolve(sides[1].return?.()));
  }
}

type Pieces = AsyncIterator<Uint8Array>;

/**
 * True when both sides hold the same bytes. Stops at the first that differs; equal blocks are not unpacked: those of
 * `known`, which is what equalRanges gives, where that was found out before.
 */
export async function identical(left: ByteSource, right: ByteSource, known?: readonly Range[]): Promise<boolean> {
  if (left.size !== undefined && right.size !== undefined && left.size !== right.size) return false;
  const pieces = filePieces(left, right);
  if (pieces !== undefined) return samePieces(pieces);
  for (const within of rangesBetween(known ?? (await equalRanges(left, right))))
    for await (const step of inStep(left, right, { within, chunks: 'lent' }))
      if (Buffer.compare(step.left, step.right) !== 0) return false;
  return true;
}

async function samePieces(pieces: FilePieces): Promise<boolean> {
  for await (const { old, now } of pieces) if (Buffer.compare(old, now) !== 0) return false;
  return true;
}

/** The first bytes of a source. */
export async function headOf(source: ByteSource): Promise<Head> {
  const pieces: Uint8Array[] = [];
  let wanted = HEAD_BYTES;
  for await (const piece of source.open()) {
    pieces.push(piece.subarray(0, wanted));
    wanted -= piece.length;
    if (wanted <= 0) break;
  }
  return pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces);
}
