import { X86Reader } from '../../../formats/index.ts';
import type { ElfFunctions } from './elf-functions.ts';

/** For each function of the left its partner on the right, and the other way; -1 without one. */
export type FunctionPairs = { readonly left: Int32Array; readonly right: Int32Array };

/** A number that functions have in common which differ at most in addresses; `x86` says that addresses can be told. */
export type Fingerprint = (functions: ElfFunctions, index: number) => number;

/**
 * Pairs functions by name, the n-th of a name with the n-th; those without a name by what they do, apart from
 * addresses: alone of their kind first, then their neighbours, then in order; what is left between the same neighbours
 * is taken to be the same function, changed.
 */
export function pairFunctions(left: ElfFunctions, right: ElfFunctions, fingerprint: Fingerprint): FunctionPairs {
  const pairs = { left: new Int32Array(left.count).fill(-1), right: new Int32Array(right.count).fill(-1) };
  const join = (old: number, now: number): void => {
    pairs.left[old] = now;
    pairs.right[now] = old;
  };
  pairInPlace(left, right, join);
  const free = (side: Int32Array, functions: ElfFunctions) => (index: number) =>
    side[index] === -1 ? functions.names[index] : undefined;
  const names = groupsOf(right.count, free(pairs.right, right));
  const sameNames = groupsOf(left.count, free(pairs.left, left));
  for (const [name, old] of sameNames.first)
    for (let one = old, other = names.first.get(name) ?? -1; one >= 0 && other >= 0; ) {
      join(one, other);
      one = sameNames.next[one] as number;
      other = names.next[other] as number;
    }
  const oldMark = marksOf(left, pairs.left, fingerprint);
  const nowMark = marksOf(right, pairs.right, fingerprint);
  const groups = (side: Float64Array): Groups<number> =>
    groupsOf(side.length, (index) => (side[index] === -1 ? undefined : side[index]));
  const [old, now] = [groups(oldMark), groups(nowMark)];
  for (const [mark, one] of old.first) {
    const other = now.first.get(mark) ?? -1;
    if (other >= 0 && old.next[one] === -1 && now.next[other] === -1) join(one, other);
  }
  const alike = (one: number, other: number): boolean =>
    pairs.left[one] === -1 && pairs.right[other] === -1 && oldMark[one] === nowMark[other];
  for (let index = 0; index + 1 < left.count; index++) {
    const next = (pairs.left[index] as number) + 1;
    if (next > 0 && next < right.count && alike(index + 1, next)) join(index + 1, next);
  }
  for (let index = left.count - 1; index > 0; index--) {
    const before = (pairs.left[index] as number) - 1;
    if (before >= 0 && alike(index - 1, before)) join(index - 1, before);
  }
  for (const [mark, start] of old.first)
    for (let one = start, other = now.first.get(mark) ?? -1; one >= 0 && other >= 0; )
      if (pairs.left[one] !== -1) one = old.next[one] as number;
      else if (pairs.right[other] !== -1) other = now.next[other] as number;
      else join(one, other);
  pairNeighbours(left, right, { pairs, join });
  return pairs;
}

/** Fingerprints of those without a partner; -1 for the others. */
function marksOf(functions: ElfFunctions, side: Int32Array, fingerprint: Fingerprint): Float64Array {
  const marks = new Float64Array(side.length).fill(-1);
  for (let index = 0; index < side.length; index++)
    if (side[index] === -1) marks[index] = fingerprint(functions, index);
  return marks;
}

/** Functions of one name, or none, with the same bytes at the same place: all but a few where little was changed. */
function pairInPlace(left: ElfFunctions, right: ElfFunctions, join: (old: number, now: number) => void): void {
  for (let old = 0, now = 0; old < left.count && now < right.count; ) {
    const from = left.start[old] as number;
    const to = right.start[now] as number;
    const size = left.size[old] as number;
    if (from === to && size === right.size[now] && left.names[old] === right.names[now])
      if (left.code.at(from, size).equals(right.code.at(from, size))) join(old, now);
    if (from <= to) old++;
    if (to <= from) now++;
  }
}

/** Runs without a partner between two pairs that follow each other on both sides: in order, as far as both go. */
function pairNeighbours(
  left: ElfFunctions,
  right: ElfFunctions,
  { pairs, join }: { readonly pairs: FunctionPairs; readonly join: (old: number, now: number) => void },
): void {
  for (let index = 0; index < left.count; index++) {
    if (pairs.left[index] !== -1) continue;
    const before = index === 0 ? -1 : (pairs.left[index - 1] as number);
    const next = before + 1;
    const follows = index === 0 || before !== -1;
    const unnamed = left.names[index] === undefined && right.names[next] === undefined;
    if (follows && unnamed && next < right.count && pairs.right[next] === -1) join(index, next);
  }
}

/** Functions of one key in their order: the first of each, and the one that follows each; -1 after the last. */
type Groups<Key> = { readonly first: ReadonlyMap<Key, number>; readonly next: Int32Array };

function groupsOf<Key>(count: number, key: (index: number) => Key | undefined): Groups<Key> {
  const next = new Int32Array(count).fill(-1);
  const first = new Map<Key, number>();
  for (let index = count - 1; index >= 0; index--) {
    const value = key(index);
    if (value === undefined) continue;
    next[index] = first.get(value) ?? -1;
    first.set(value, index);
  }
  return { first, next };
}

/** A digest of a function's bytes, of x86-64 code without the displacements that shift with the layout. */
export function fingerprintOf(x86: boolean): Fingerprint {
  const reader = new X86Reader();
  return (functions, index) => {
    const end = functions.size[index] as number;
    const bytes = functions.code.at(functions.start[index] as number, end);
    let one = 0x811c9dc5 | 0;
    let other = end;
    for (let at = 0; at < end; ) {
      if (x86) reader.read(bytes, at, end);
      const length = x86 && reader.length > 0 ? reader.length : 1;
      const masked = x86 && reader.relative > 0 ? at + reader.relative : end;
      let word = length;
      for (let next = at; next < at + length; next++)
        if (next === masked) next += 3;
        else word = Math.imul(word ^ (bytes[next] as number), 0x01000193);
      one = Math.imul(one ^ word, 0x5bd1e995) ^ (one >>> 15);
      other = (Math.imul(other, 0x01000193) + word) | 0;
      at += length;
    }
    return (one >>> 0) * 2 ** 20 + ((other ^ (other >>> 12)) & 0xfffff);
  };
}
