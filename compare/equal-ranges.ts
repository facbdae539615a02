import { setImmediate } from 'node:timers/promises';
import type { ByteSource, RandomReader, StoredBlock } from './byte-source.ts';

/** From `start` up to `end`, in bytes; `end` is infinite where only reading tells where the content ends. */
export type Range = { readonly start: number; readonly end: number };

/** Files are compared in pieces of this size: a piece with one byte that differs is no equal range. */
const PIECE_BYTES = 64 * 1024;
const READ_BYTES = 1024 * 1024;
/** Read at first: most of what is compared in an archive is small, and memory for more costs more than its bytes. */
const FIRST_READ_BYTES = PIECE_BYTES;
/** Reads block: after so many whatever else waits has its turn. */
const READS_IN_A_ROW = 32;

/**
 * Where both sides hold the same bytes at the same offsets, as far as that is known without unpacking anything: from
 * equal blocks of how they are stored, or, of two files, from comparing them. Sorted, without touching each other;
 * what is in none may be equal all the same. Nothing where neither side can be asked.
 */
export async function equalRanges(left: ByteSource, right: ByteSource): Promise<readonly Range[]> {
  if (left.random !== undefined && right.random !== undefined) return equalPieces(left.random(), right.random());
  if (left.blocks === undefined || right.blocks === undefined) return [];
  const [old, now] = [await left.blocks(), await right.blocks()];
  return old === undefined || now === undefined ? [] : equalBlocks(old, now);
}

/** The ranges that are left between `equal` ones: all that may differ, the last one to wherever the content ends. */
export function rangesBetween(equal: readonly Range[]): readonly Range[] {
  const between: Range[] = [];
  let start = 0;
  for (const range of equal) {
    if (range.start > start) between.push({ start, end: range.start });
    start = range.end;
  }
  between.push({ start, end: Number.POSITIVE_INFINITY });
  return between;
}

function equalBlocks(old: readonly StoredBlock[], now: readonly StoredBlock[]): readonly Range[] {
  const byOffset = new Map(old.map((block) => [block.offset, block]));
  const ranges = new Ranges();
  for (const { offset, size, id } of now) {
    const other = byOffset.get(offset);
    if (size > 0 && other?.size === size && other.id === id) ranges.add(offset, offset + size);
  }
  return ranges.all;
}

async function equalPieces(left: RandomReader, right: RandomReader): Promise<readonly Range[]> {
  const ranges = new Ranges();
  try {
    for await (const { position, old, now } of filePieces(left, right)) {
      const length = Math.min(old.length, now.length);
      if (old.compare(now, 0, length, 0, length) === 0) ranges.add(position, position + length);
      else
        for (let at = 0; at < length; at += PIECE_BYTES) {
          const end = Math.min(length, at + PIECE_BYTES);
          if (old.compare(now, at, end, at, end) === 0) ranges.add(position + at, position + end);
        }
    }
    return ranges.all;
  } finally {
    left.close();
    right.close();
  }
}

/** Both files from start to end in large pieces; each is overwritten by the next. */
export async function* filePieces(
  left: RandomReader,
  right: RandomReader,
): AsyncGenerator<{ readonly position: number; readonly old: Buffer; readonly now: Buffer }> {
  let [old, now] = [Buffer.allocUnsafeSlow(FIRST_READ_BYTES), Buffer.allocUnsafeSlow(FIRST_READ_BYTES)];
  for (let position = 0, count = 1; ; count++) {
    const [one, other] = [left.read(old, position), right.read(now, position)];
    if (one > 0 || other > 0) yield { position, old: old.subarray(0, one), now: now.subarray(0, other) };
    if (Math.min(one, other) < old.length) return;
    position += old.length;
    if (count === 1) [old, now] = [Buffer.allocUnsafeSlow(READ_BYTES), Buffer.allocUnsafeSlow(READ_BYTES)];
    if (count % READS_IN_A_ROW === 0) await setImmediate();
  }
}

/** Ranges added in order; those that touch become one. */
class Ranges {
  readonly #ranges: { start: number; end: number }[] = [];

  add(start: number, end: number): void {
    if (start === end) return;
    const last = this.#ranges.at(-1);
    if (last?.end === start) last.end = end;
    else this.#ranges.push({ start, end });
  }

  get all(): readonly Range[] {
    return this.#ranges;
  }
}
