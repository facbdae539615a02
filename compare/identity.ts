import { isReproofError } from '../model/index.ts';
import type { RandomReader } from './byte-source.ts';
import { equalRanges, filePieces, type Range, rangesBetween } from './equal-ranges.ts';
import type { ByteSource, Head } from './types.ts';
import { HEAD_BYTES } from './types.ts';

/** Pieces of both sides at the same offset and of the same length; a lone piece where the other side has ended. */
export type Step = { readonly offset: number; readonly left: Uint8Array; readonly right: Uint8Array };

const ALL: Range = { start: 0, end: Number.POSITIVE_INFINITY };
const NOTHING = new Uint8Array(0);

/** Reads both sides in lock-step, each once, holding one chunk of either; within a range alone where one is given. */
export async function* inStep(left: ByteSource, right: ByteSource, within: Range = ALL): AsyncGenerator<Step> {
  const sides = [left, right].map((source) => source.open(within.start)[Symbol.asyncIterator]()) as [Pieces, Pieces];
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

/** True when both sides hold the same bytes. Stops at the first that differs; equal blocks are not unpacked. */
export async function identical(left: ByteSource, right: ByteSource): Promise<boolean> {
  if (left.size !== undefined && right.size !== undefined && left.size !== right.size) return false;
  if (left.random !== undefined && right.random !== undefined) return sameFiles(left.random(), right.random());
  for (const range of rangesBetween(await equalRanges(left, right)))
    for await (const step of inStep(left, right, range)) if (Buffer.compare(step.left, step.right) !== 0) return false;
  return true;
}

async function sameFiles(left: RandomReader, right: RandomReader): Promise<boolean> {
  try {
    for await (const { old, now } of filePieces(left, right)) if (Buffer.compare(old, now) !== 0) return false;
    return true;
  } finally {
    left.close();
    right.close();
  }
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

/** Waits for both, also when one fails, so that nothing is left running. Of two failures the same is thrown for swapped sides. */
export async function bothOf<Left, Right>(left: Promise<Left>, right: Promise<Right>): Promise<[Left, Right]> {
  const [one, other] = await Promise.allSettled([left, right]);
  if (one.status === 'rejected' && other.status === 'rejected')
    throw failureText(other.reason) < failureText(one.reason) ? other.reason : one.reason;
  if (one.status === 'rejected') throw one.reason;
  if (other.status === 'rejected') throw other.reason;
  return [one.value, other.value];
}

/** What `read` gives for both; of two failures the same is thrown for swapped sides. */
export function readEach<Side, Read>(sides: readonly [Side, Side], read: (side: Side) => Read): [Read, Read] {
  const [left, right] = sides;
  let first: Read;
  try {
    first = read(left);
  } catch (failure) {
    throw firstFailure(failure, () => read(right));
  }
  return [first, read(right)];
}

/** The failure, or that of `read` when it comes before. */
function firstFailure(failure: unknown, read: () => unknown): unknown {
  try {
    read();
  } catch (other) {
    return failureText(other) < failureText(failure) ? other : failure;
  }
  return failure;
}

/** What two failures are ordered by. One that is no fact about the content comes before all that are. */
function failureText(reason: unknown): string {
  return isReproofError(reason) && reason.code !== 'INTERRUPTED' ? `${reason.code}: ${reason.message}` : '';
}
