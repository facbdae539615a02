import { byBytes } from '../by-bytes.ts';
import { type Marks, markChanges, type Numbered } from './changed-lines.ts';

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
  const numbered = numberLines(ordered);
  const marks = markChanges(numbered);
  slideDown(numbered, marks);
  const edits = editsOf(marks);
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
  const index = left.findIndex((line, at) => line !== right[at]);
  if (index < 0) return leftOpen && !rightOpen;
  return byBytes(left[index] as string, right[index] as string) > 0;
}

function numberLines({ left, right, leftOpen, rightOpen }: LinePair): Numbered {
  const numbers = new Map<string, number>();
  const numbered = { left: numberSide(left, leftOpen, numbers), right: numberSide(right, rightOpen, numbers) };
  return { ...numbered, kinds: numbers.size };
}

function numberSide(lines: readonly string[], open: boolean, numbers: Map<string, number>): Int32Array {
  const numbered = new Int32Array(lines.length);
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] as string;
    // No other line holds a newline.
    const key = open && index === lines.length - 1 ? `${line}\n` : line;
    let known = numbers.get(key);
    if (known === undefined) {
      known = numbers.size;
      numbers.set(key, known);
    }
    numbered[index] = known;
  }
  return numbered;
}

/** Of equally good places for lines that are only removed or only added, the last one, as diff -u has it. */
function slideDown({ left, right }: Numbered, marks: Marks): void {
  slideSide(left, marks.left, marks.right);
  slideSide(right, marks.right, marks.left);
}

function slideSide(lines: Int32Array, own: Uint8Array, other: Uint8Array): void {
  let otherAt = 0;
  for (let from = 0; from < lines.length; ) {
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
    while (to < lines.length && lines[from] === lines[to] && other[otherAt] !== 1) {
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
