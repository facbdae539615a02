import { findAnchors, Occurrences } from './anchors.ts';
import { EDIT_LIMIT, MiddleFinder, type Stretch, type Work } from './middle-split.ts';

/** Lines by number, equal numbers for equal lines, from 0 to below `kinds`. */
export type Numbered = { readonly left: Int32Array; readonly right: Int32Array; readonly kinds: number };

/** 1 for every line that has no counterpart; the others pair up in order. */
export type Marks = { readonly left: Uint8Array; readonly right: Uint8Array };

/** Steps of the search for a short script; what is left when they are used up is taken as replaced. */
const WORK_LIMIT = 2 ** 25;
/** Lines of both sides up to which the shortest script is looked for at once, without anchors. */
const SHORT = 4 * EDIT_LIMIT;
/** How often stretches between anchors are looked at for anchors of their own. */
const LEVELS = 6;

/** Positions in the whole, and what stands there. */
type Side = { readonly at: Int32Array; readonly line: Int32Array };
type Sides = { readonly left: Side; readonly right: Side };

/**
 * Which lines to remove and to add. Lines that the other side does not have are set aside, unique ones split the rest
 * (patience diff), and what stands between is searched for a shortest script within WORK_LIMIT. Time bounded by
 * LEVELS * n log n + WORK_LIMIT, memory linear. Depends on which side is left only where two scripts are as good.
 */
export function markChanges({ left, right, kinds }: Numbered): Marks {
  const marks: Marks = { left: new Uint8Array(left.length), right: new Uint8Array(right.length) };
  const search = { marks, occurrences: new Occurrences(kinds), work: { left: WORK_LIMIT } };
  compareSides({ left: whole(left), right: whole(right) }, search, 0);
  return marks;
}

type Search = { readonly marks: Marks; readonly occurrences: Occurrences; readonly work: Work };

function whole(line: Int32Array): Side {
  const at = new Int32Array(line.length);
  for (let index = 0; index < at.length; index++) at[index] = index;
  return { at, line };
}

function compareSides(sides: Sides, search: Search, level: number): void {
  const trimmed = trim(sides);
  if (trimmed.left.line.length === 0 || trimmed.right.line.length === 0) {
    mark(trimmed, search.marks);
    return;
  }
  const { left, right } = trim(setAside(trimmed, search));
  if (left.line.length === 0 || right.line.length === 0) {
    mark({ left, right }, search.marks);
    return;
  }
  const isShort = left.line.length + right.line.length <= SHORT;
  search.occurrences.count(left.line, right.line);
  const anchors = isShort || level === LEVELS ? [] : findAnchors(left.line, search.occurrences);
  search.occurrences.clear(left.line, right.line);
  if (anchors.length === 0) {
    searchShortest({ left, right }, search);
    return;
  }
  let [leftFrom, rightFrom] = [0, 0];
  for (const anchor of [...anchors, { left: left.line.length, right: right.line.length }]) {
    if (anchor.left > leftFrom || anchor.right > rightFrom) {
      const between = { left: slice(left, leftFrom, anchor.left), right: slice(right, rightFrom, anchor.right) };
      compareSides(between, search, level + 1);
    }
    leftFrom = anchor.left + 1;
    rightFrom = anchor.right + 1;
  }
}

/** Without the lines that both begin and end with. */
function trim({ left, right }: Sides): Sides {
  const shared = Math.min(left.line.length, right.line.length);
  let start = 0;
  while (start < shared && left.line[start] === right.line[start]) start++;
  let end = 0;
  while (end < shared - start && left.line[left.line.length - 1 - end] === right.line[right.line.length - 1 - end])
    end++;
  return {
    left: slice(left, start, left.line.length - end),
    right: slice(right, start, right.line.length - end),
  };
}

function slice({ at, line }: Side, from: number, to: number): Side {
  return { at: at.subarray(from, to), line: line.subarray(from, to) };
}

/** Without the lines that the other side does not have at all: they are marked. */
function setAside({ left, right }: Sides, { marks, occurrences }: Search): Sides {
  occurrences.count(left.line, right.line);
  const kept = {
    left: keep(left, occurrences.right, marks.left),
    right: keep(right, occurrences.left, marks.right),
  };
  occurrences.clear(left.line, right.line);
  return kept;
}

function keep({ at, line }: Side, others: Int32Array, marks: Uint8Array): Side {
  const kept = { at: new Int32Array(line.length), line: new Int32Array(line.length) };
  let count = 0;
  for (let index = 0; index < line.length; index++) {
    const place = at[index] as number;
    if (others[line[index] as number] === 0) marks[place] = 1;
    else {
      kept.at[count] = place;
      kept.line[count++] = line[index] as number;
    }
  }
  return count === line.length ? { at, line } : slice(kept, 0, count);
}

function mark({ left, right }: Sides, marks: Marks): void {
  for (const index of left.at) marks.left[index] = 1;
  for (const index of right.at) marks.right[index] = 1;
}

function searchShortest(sides: Sides, { marks, work }: Search): void {
  const { left, right } = sides;
  const finder = new MiddleFinder(left.line, right.line, work);
  const open: Stretch[] = [{ leftFrom: 0, leftTo: left.line.length, rightFrom: 0, rightTo: right.line.length }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const stretch = trimStretch(sides, next);
    const { leftFrom, leftTo, rightFrom, rightTo } = stretch;
    const oneSided = leftFrom === leftTo || rightFrom === rightTo;
    const split = oneSided ? undefined : finder.find(stretch);
    const stuck =
      split === undefined ||
      (split.left === leftFrom && split.right === rightFrom) ||
      (split.left === leftTo && split.right === rightTo);
    if (stuck) {
      mark({ left: slice(left, leftFrom, leftTo), right: slice(right, rightFrom, rightTo) }, marks);
      continue;
    }
    open.push(
      { leftFrom, leftTo: split.left, rightFrom, rightTo: split.right },
      { leftFrom: split.left, leftTo, rightFrom: split.right, rightTo },
    );
  }
}

function trimStretch({ left, right }: Sides, stretch: Stretch): Stretch {
  let { leftFrom, leftTo, rightFrom, rightTo } = stretch;
  while (leftFrom < leftTo && rightFrom < rightTo && left.line[leftFrom] === right.line[rightFrom]) {
    leftFrom++;
    rightFrom++;
  }
  while (leftFrom < leftTo && rightFrom < rightTo && left.line[leftTo - 1] === right.line[rightTo - 1]) {
    leftTo--;
    rightTo--;
  }
  return { leftFrom, leftTo, rightFrom, rightTo };
}
