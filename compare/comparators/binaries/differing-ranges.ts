import { equalRanges, rangesBetween } from '../../equal-ranges.ts';
import { inStep } from '../../identity.ts';
import type { ByteSource } from '../../types.ts';

/** A stretch that differs; of no bytes where one side only lacks what the other has. */
export type RangePair = {
  readonly left: { readonly offset: number; readonly size: number };
  readonly right: { readonly offset: number; readonly size: number };
};

export type InPlace = {
  readonly first: number | undefined;
  readonly sizes: readonly [number, number];
  /** Bytes that differ from the one at the same offset. */
  readonly differing: number;
  /** The first of them, offsets the same on both sides; a side that is longer has its end in the last one. */
  readonly ranges: readonly RangePair[];
  /** How many there are. */
  readonly count: number;
};

/** Equal bytes between two differing ones that still make one stretch. */
const JOINED = 8;
export const RANGES_KEPT = 32;

/** Compares both sides offset by offset; what is known to be equal is not read. One chunk of either in memory. */
export async function differencesInPlace(left: ByteSource, right: ByteSource): Promise<InPlace> {
  const found = new Ranges();
  const sizes = [0, 0] as [number, number];
  for (const within of rangesBetween(await equalRanges(left, right))) {
    // Both sides hold what stands before it.
    sizes.fill(within.start);
    for await (const step of inStep(left, right, { within, chunks: 'lent' })) {
      if (step.left.length > 0) sizes[0] = step.offset + step.left.length;
      if (step.right.length > 0) sizes[1] = step.offset + step.right.length;
      found.compare(step.offset, step.left, step.right);
    }
  }
  found.flush();
  const shared = Math.min(...sizes);
  const ranges = found.kept.map((range) => ({ left: range, right: range }));
  const longer = sizes[0] !== sizes[1];
  if (longer && found.count < RANGES_KEPT) {
    const rest = (size: number): RangePair['left'] => ({ offset: shared, size: size - shared });
    ranges.push({ left: rest(sizes[0]), right: rest(sizes[1]) });
  }
  return {
    first: found.kept[0]?.offset ?? (longer ? shared : undefined),
    sizes,
    differing: found.differing,
    ranges,
    count: found.count + (longer ? 1 : 0),
  };
}

class Ranges {
  /** One that stays, and a range in it: see let-go.ts. */
  static readonly lasting = Ranges.#ofOne();

  readonly kept: { offset: number; size: number }[] = [];
  count = 0;
  differing = 0;
  #from = -1;
  #last = -1;

  static #ofOne(): Ranges {
    const ranges = new Ranges();
    ranges.add(0);
    ranges.flush();
    return ranges;
  }

  compare(offset: number, left: Uint8Array, right: Uint8Array): void {
    const common = Math.min(left.length, right.length);
    if (common === 0 || Buffer.compare(left, right) === 0) return;
    for (let index = 0; index < common; index++) if (left[index] !== right[index]) this.add(offset + index);
  }

  add(offset: number): void {
    this.differing++;
    if (this.#from >= 0 && offset - this.#last > JOINED) this.flush();
    if (this.#from < 0) this.#from = offset;
    this.#last = offset;
  }

  flush(): void {
    if (this.#from < 0) return;
    this.count++;
    if (this.kept.length < RANGES_KEPT) this.kept.push({ offset: this.#from, size: this.#last - this.#from + 1 });
    this.#from = -1;
  }
}
