import { type ByteSource, rangeSource } from './byte-source.ts';
import type { Range } from './equal-ranges.ts';
import { inStep } from './identity.ts';

/** A pair with what is known to be equal in it: see equalRanges. */
export type KnownPair = { readonly left: ByteSource; readonly right: ByteSource; readonly equal: readonly Range[] };

/** A stretch of either side, both of `size` bytes. */
export type Stretches = { readonly left: number; readonly right: number; readonly size: number };

/**
 * True when both stretches hold the same bytes; false where a side ends before. Nothing is read of what is known to be
 * equal at the same place, and nothing after the first byte that differs.
 */
export async function sameStretch(pair: KnownPair, stretches: Stretches): Promise<boolean> {
  const { left, right, size } = stretches;
  if (size === 0) return true;
  const [one, other] = [pair.left.memory, pair.right.memory];
  if (one !== undefined && other !== undefined) {
    if (left + size > one.length || right + size > other.length) return false;
    return Buffer.compare(one.subarray(left, left + size), other.subarray(right, right + size)) === 0;
  }
  const unknown = left === right ? unknownParts(pair.equal, left, left + size) : [{ start: left, end: left + size }];
  for (const { start, end } of unknown) {
    const part = (source: ByteSource, offset: number): ByteSource =>
      rangeSource(source, { name: source.name, offset: offset + start - left, size: end - start });
    let seen = 0;
    const parts = [part(pair.left, left), part(pair.right, right)] as const;
    for await (const step of inStep(...parts, { chunks: 'lent' })) {
      if (Buffer.compare(step.left, step.right) !== 0) return false;
      seen += step.left.length;
    }
    if (seen < end - start) return false;
  }
  return true;
}

/** What is left of a stretch without the ranges that are known to be equal, sorted as equalRanges gives them. */
export function unknownParts(equal: readonly Range[], start: number, end: number): readonly Range[] {
  const parts: Range[] = [];
  let at = start;
  for (let index = firstAfter(equal, start); index < equal.length && at < end; index++) {
    const range = equal[index] as Range;
    if (range.start >= end) break;
    if (range.start > at) parts.push({ start: at, end: range.start });
    at = range.end;
  }
  if (at < end) parts.push({ start: at, end });
  return parts;
}

/** The index of the first range that ends after `at`; the number of ranges where none does. */
export function firstAfter(ranges: readonly Range[], at: number): number {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ranges[middle] as Range).end <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
