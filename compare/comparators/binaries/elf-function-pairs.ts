import { readX86, type X86Instruction } from '../../../formats/index.ts';
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
  const marks = (functions: ElfFunctions, side: Int32Array): Float64Array =>
    Float64Array.from(side, (partner, index) => (partner === -1 ? fingerprint(functions, index) : -1));
  const [oldMark, nowMark] = [marks(left, pairs.left), marks(right, pairs.right)];
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

/** Functions of one name, or none, with the same bytes at the same place: all but a few where little was changed. */
function pairInPlace(left: ElfFunctions, right: ElfFunctions, join: (old: number, now: number) => void): void {
  for (let old = 0, now = 0; old < left.count && now < right.count; ) {
    const [from, to] = [left.start[old] as number, right.start[now] as number];
    if (from === to && left.size[old] === right.size[now] && left.names[old] === right.names[now]) {
      const size = left.size[old] as number;
      if (left.code.at(from, size).equals(right.code.at(from, size))) join(old, now);
    }
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
  const instruction: X86Instruction = { length: 0, relative: 0, branch: false };
  return (functions, index) => {
    const end = functions.size[index] as number;
    const bytes = functions.code.at(functions.start[index] as number, end);
    let [one, other] = [0x811c9dc5, end];
    for (let at = 0; at < end; ) {
      if (x86) readX86(bytes, { at, end }, instruction);
      const length = x86 && instruction.length > 0 ? instruction.length : 1;
      const masked = x86 && instruction.relative > 0 ? at + instruction.relative : end;
      for (let next = at; next < at + length; next++) {
        const byte = next >= masked && next < masked + 4 ? 0 : (bytes[next] as number);
        one = Math.imul(one ^ byte, 0x01000193);
        other = Math.imul(other + byte + 1, 0x5bd1e995) ^ (other >>> 15);
      }
      at += length;
    }
    return (one >>> 0) * 2 ** 20 + (other & 0xfffff);
  };
}
