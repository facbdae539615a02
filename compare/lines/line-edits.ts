import { byBytes } from '../by-bytes.ts';
import { type Marks, markChanges } from './changed-lines.ts';

/** Lines of both sides, without newlines. `leftOpen`: its last line has none in the file either. */
export type LinePair = {
  readonly left: readonly string[];
  readonly right: readonly string[];
  readonly leftOpen: boolean;
  readonly rightOpen: boolean;
};

/** Lines from inclusive to exclusive, from 0, of which one stretch may be empty; those between two edits are equal. */
export type LineEdit = {
  readonly leftFrom: number;
  readonly leftTo: number;
  readonly rightFrom: number;
  readonly rightTo: number;
};

/**
 * A short list of edits that make the right lines of the left ones, in order. With the sides swapped: the same edits,
 * swapped. Time and memory are bounded as those of `markChanges`.
 */
export function lineEdits(pair: LinePair): readonly LineEdit[] {
  const swap = isSwapped(pair);
  const { left, right, leftOpen, rightOpen } = pair;
  const ordered = swap ? { left: right, right: left, leftOpen: rightOpen, rightOpen: leftOpen } : pair;
  const edits = editsOf(marksOf(ordered));
  if (!swap) return edits;
  return edits.map(({ leftFrom, leftTo, rightFrom, rightTo }) => ({
    leftFrom: rightFrom,
    leftTo: rightTo,
    rightFrom: leftFrom,
    rightTo: leftTo,
  }));
}

/** The search is always made in one order of the sides, so that it finds the same whichever is left. */
function isSwapped({ left, right, leftOpen, rightOpen }: LinePair): boolean {
  if (left.length !== right.length) return left.length > right.length;
  let index = 0;
  while (index < left.length && left[index] === right[index]) index++;
  if (index === left.length) return leftOpen && !rightOpen;
  return byBytes(left[index] as string, right[index] as string) > 0;
}

/** Which lines to remove and to add: those that both begin and end with are not numbered, which takes memory. */
function marksOf(pair: LinePair): Marks {
  const [left, right] = [new Lines(pair.left, pair.leftOpen), new Lines(pair.right, pair.rightOpen)];
  const shared = Math.min(left.count, right.count);
  let first = 0;
  while (first < shared && left.isSame(first, right, first)) first++;
  let last = 0;
  while (last < shared - first && left.isSame(left.count - 1 - last, right, right.count - 1 - last)) last++;
  const numbers = new Map<string, number>();
  const [old, now] = [left.numbered(numbers, first, last), right.numbered(numbers, first, last)];
  const between = markChanges({ left: old, right: now, kinds: numbers.size });
  const marks = { left: new Uint8Array(left.count), right: new Uint8Array(right.count) };
  marks.left.set(between.left, first);
  marks.right.set(between.right, first);
  slideSide(left, marks.left, marks.right);
  slideSide(right, marks.right, marks.left);
  return marks;
}

/** The lines of a side: the last one, where it is open, is no other's equal but that of another open one. */
class Lines {
  /** One that stays: see let-go.ts. */
  static readonly lasting = new Lines([], false);

  readonly #lines: readonly string[];
  readonly #open: number;

  constructor(lines: readonly string[], open: boolean) {
    this.#lines = lines;
    this.#open = open ? lines.length - 1 : -1;
  }

  get count(): number {
    return this.#lines.length;
  }

  isSame(index: number, other: Lines, at: number): boolean {
    return this.#lines[index] === other.#lines[at] && (index === this.#open) === (at === other.#open);
  }

  /** Of those after the `first` and before the `last` ones. */
  numbered(numbers: Map<string, number>, first: number, last: number): Int32Array {
    const numbered = new Int32Array(this.count - first - last);
    for (let at = 0; at < numbered.length; at++) {
      const line = this.#lines[first + at] as string;
      // No other line holds a newline.
      const key = first + at === this.#open ? `${line}\n` : line;
      let known = numbers.get(key);
      if (known === undefined) {
        known = numbers.size;
        numbers.set(key, known);
      }
      numbered[at] = known;
    }
    return numbered;
  }
}

/** Of equally good places for lines that are only removed or only added, the last one, as diff -u has it. */
function slideSide(lines: Lines, own: Uint8Array, other: Uint8Array): void {
  let otherAt = 0;
  for (let from = 0; from < lines.count; ) {
    if (own[from] === 0) {
      // The counterpart of an unmarked line is the next unmarked one of the other side.
      while (other[otherAt] === 1) otherAt++;
      otherAt++;
      from++;
      continue;
    }
    let to = from;
    while (own[to] === 1) to++;
    if (other[otherAt] === 1) {
      from = to;
      continue;
    }
    while (to < lines.count && lines.isSame(from, lines, to) && other[otherAt] !== 1) {
      own[from++] = 0;
      own[to++] = 1;
      otherAt++;
      while (own[to] === 1) to++;
    }
    from = to;
  }
}

function editsOf({ left, right }: Marks): readonly LineEdit[] {
  const edits: LineEdit[] = [];
  let [leftAt, rightAt] = [0, 0];
  while (leftAt < left.length || rightAt < right.length) {
    const [leftFrom, rightFrom] = [leftAt, rightAt];
    while (left[leftAt] === 1) leftAt++;
    while (right[rightAt] === 1) rightAt++;
    if (leftAt > leftFrom || rightAt > rightFrom) edits.push({ leftFrom, leftTo: leftAt, rightFrom, rightTo: rightAt });
    leftAt++;
    rightAt++;
  }
  return edits;
}
