import { type ByteRange, readRanges } from '../../../formats/index.ts';
import { bothOf } from '../../identity.ts';
import type { ByteSource } from '../../types.ts';
import type { RangePair } from './differing-ranges.ts';
import { ROW_BYTES } from './hex-rows.ts';

/** Bytes shown around a stretch that differs, and of the stretch itself. */
const AROUND_BYTES = 64;
const STRETCH_BYTES = 4_096;
/** Stretches up to this size are looked at for bytes that both sides begin or end with. */
const TRIMMED_BYTES = 16_384;

/** A stretch of one side with some bytes around it, `ahead` of them before it; `offset` is that of `around`. */
export type Side = {
  readonly offset: number;
  readonly ahead: number;
  readonly around: Buffer;
  readonly stretch: Buffer;
};
export type Window = { readonly left: Side; readonly right: Side };

/** Reads the beginning of every stretch and what stands around it. Rows of 16 bytes begin alike on both sides. */
export async function readWindows(
  left: ByteSource,
  right: ByteSource,
  ranges: readonly RangePair[],
): Promise<readonly Window[]> {
  const spans = ranges.map((range) => {
    const before = Math.min(AROUND_BYTES, range.left.offset, range.right.offset);
    // Where nothing moved, rows begin and end at multiples of 16: those of windows that overlap are the same rows.
    const still = range.left.offset === range.right.offset;
    const ahead = still ? before + ((range.left.offset - before) % ROW_BYTES) : before;
    const span = ({ offset, size }: ByteRange): ByteRange => {
      const wanted = ahead + Math.min(size, STRETCH_BYTES) + AROUND_BYTES;
      return { offset: offset - ahead, size: still ? Math.ceil(wanted / ROW_BYTES) * ROW_BYTES : wanted };
    };
    return { ahead, left: span(range.left), right: span(range.right) };
  });
  const [old, now] = await bothOf(
    readMany(
      left,
      spans.map((span) => span.left),
    ),
    readMany(
      right,
      spans.map((span) => span.right),
    ),
  );
  const side = (around: Buffer, range: ByteRange, ahead: number): Side => ({
    offset: range.offset - ahead,
    ahead,
    around,
    stretch: around.subarray(ahead, ahead + Math.min(range.size, STRETCH_BYTES)),
  });
  return ranges.map((range, index) => {
    const { ahead } = spans[index] as (typeof spans)[number];
    return {
      left: side(old[index] as Buffer, range.left, ahead),
      right: side(now[index] as Buffer, range.right, ahead),
    };
  });
}

/** Bytes of either side that belong together, in pieces. */
type Run = { readonly left: Buffer[]; readonly right: Buffer[] };

/**
 * What windows hold, each byte once, those that overlap as one. A run ends as many bytes after its last stretch on both
 * sides, whatever rows end there: what is cut off at its ends is then the same on both.
 */
export function textRuns(windows: readonly Window[]): readonly Run[] {
  const runs: Run[] = [];
  let ends = { left: -1, right: -1 };
  for (const window of windows) {
    const { left, right } = window;
    const joins = left.offset <= ends.left && right.offset <= ends.right;
    const known = { left: joins ? ends.left - left.offset : 0, right: joins ? ends.right - right.offset : 0 };
    ends = { left: textEnd(left), right: textEnd(right) };
    if (!joins) runs.push({ left: [], right: [] });
    const run = runs.at(-1) as Run;
    run.left.push(left.around.subarray(known.left, ends.left - left.offset));
    run.right.push(right.around.subarray(known.right, ends.right - right.offset));
  }
  return runs;
}

function textEnd({ offset, around, stretch, ahead }: Side): number {
  return offset + Math.min(around.length, ahead + stretch.length + AROUND_BYTES);
}

/** The ranges without the bytes that both sides of them begin and end with; long ones stay as they are. */
export async function trimRanges(
  left: ByteSource,
  right: ByteSource,
  ranges: readonly RangePair[],
): Promise<readonly RangePair[]> {
  const wanted = (range: ByteRange): ByteRange => (range.size > TRIMMED_BYTES ? { ...range, size: 0 } : range);
  const [old, now] = await bothOf(
    readMany(
      left,
      ranges.map((range) => wanted(range.left)),
    ),
    readMany(
      right,
      ranges.map((range) => wanted(range.right)),
    ),
  );
  return ranges.map((range, index) => {
    const { start, end } = equalEnds(old[index] as Buffer, now[index] as Buffer);
    const trimmed = ({ offset, size }: ByteRange): ByteRange => ({ offset: offset + start, size: size - start - end });
    return { left: trimmed(range.left), right: trimmed(range.right) };
  });
}

function equalEnds(left: Buffer, right: Buffer): { readonly start: number; readonly end: number } {
  const shared = Math.min(left.length, right.length);
  let start = 0;
  while (start < shared && left[start] === right[start]) start++;
  let end = 0;
  while (end < shared - start && left[left.length - 1 - end] === right[right.length - 1 - end]) end++;
  return { start, end };
}

/** The bytes of several ranges, as far as they exist: one by one where that is cheap, else in one pass. */
export async function readMany(source: ByteSource, ranges: readonly ByteRange[]): Promise<readonly Buffer[]> {
  const pieces: Buffer[][] = ranges.map(() => []);
  const sink = (index: number, piece: Uint8Array): void => void pieces[index]?.push(Buffer.from(piece));
  if (source.seekable) {
    for (const [index, { offset, size }] of ranges.entries())
      await readRanges(source.open(offset), [{ offset: 0, size }], (_, piece) => sink(index, piece));
  } else await readRanges(source.open(), ranges, sink);
  return pieces.map((some) => Buffer.concat(some));
}
