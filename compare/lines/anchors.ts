/** A line of both sides that is taken to be the same one. */
export type Anchor = { readonly left: number; readonly right: number };

/** How often each line occurs, by its number; counted for one stretch at a time and cleared after it. */
export class Occurrences {
  /** One that stays: see let-go.ts. */
  static readonly lasting = new Occurrences(0);

  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Where a line that occurs once on the right stands there. */
  readonly place: Int32Array;

  /** For lines numbered from 0 to below `kinds`. */
  constructor(kinds: number) {
    this.left = new Int32Array(kinds);
    this.right = new Int32Array(kinds);
    this.place = new Int32Array(kinds);
  }

  count(left: Int32Array, right: Int32Array): void {
    for (const line of left) (this.left[line] as number)++;
    for (let index = 0; index < right.length; index++) {
      const line = right[index] as number;
      (this.right[line] as number)++;
      this.place[line] = index;
    }
  }

  clear(left: Int32Array, right: Int32Array): void {
    for (const line of left) this.left[line] = 0;
    for (const line of right) this.right[line] = 0;
  }
}

/**
 * The longest run of lines that occur once on either side and stand in the same order on both (patience diff). Counted
 * by `occurrences` before. Time n log n.
 */
export function findAnchors(left: Int32Array, occurrences: Occurrences): readonly Anchor[] {
  const candidates: Anchor[] = [];
  left.forEach((line, index) => {
    if (occurrences.left[line] === 1 && occurrences.right[line] === 1)
      candidates.push({ left: index, right: occurrences.place[line] as number });
  });
  return longestRising(candidates.map((anchor) => anchor.right)).map((index) => candidates[index] as Anchor);
}

/** Indices of a longest strictly rising run of `values`, in order. Time n log n. */
export function longestRising(values: readonly number[]): readonly number[] {
  /** By length of a run less one: the index of the smallest value that ends such a run. */
  const ends: number[] = [];
  const before = new Int32Array(values.length);
  values.forEach((value, index) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((values[ends[middle] as number] as number) < value) low = middle + 1;
      else high = middle;
    }
    before[index] = low === 0 ? -1 : (ends[low - 1] as number);
    ends[low] = index;
  });
  const run: number[] = [];
  for (let index = ends.at(-1) ?? -1; index >= 0; index = before[index] as number) run.push(index);
  return run.reverse();
}
