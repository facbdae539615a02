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
  const names = byKey(right, free(pairs.right, right));
  for (const [name, olds] of byKey(left, free(pairs.left, left)))
    (names.get(name) ?? []).forEach((now, nth) => {
      const old = olds[nth];
      if (old !== undefined) join(old, now);
    });
  const marks = (functions: ElfFunctions, side: Int32Array): ReadonlyMap<number, number[]> =>
    byKey(functions, (index) => (side[index] === -1 ? fingerprint(functions, index) : undefined));
  const [old, now] = [marks(left, pairs.left), marks(right, pairs.right)];
  const [oldMark, nowMark] = [markOf(left.count, old), markOf(right.count, now)];
  for (const [mark, [one, ...more]] of old) {
    const other = now.get(mark);
    if (one !== undefined && more.length === 0 && other?.length === 1) join(one, other[0] as number);
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
  for (const [mark, olds] of old) {
    const free = (now.get(mark) ?? []).filter((index) => pairs.right[index] === -1);
    olds
      .filter((index) => pairs.left[index] === -1)
      .forEach((index, nth) => {
        const other = free[nth];
        if (other !== undefined) join(index, other);
      });
  }
  pairNeighbours(left, right, { pairs, join });
  return pairs;
}

/** Functions of one name, or none, with the same bytes at the same place: all but a few where little was changed. */
function pairInPlace(left: ElfFunctions, right: ElfFunctions, join: (old: number, now: number) => void): void {
  for (let old = 0, now = 0; old < left.count && now < right.count; ) {
    const [from, to] = [left.start[old] as number, right.start[now] as number];
    if (from === to && left.size[old] === right.size[now] && left.names[old] === right.names[now]) {
      const end = from + (left.size[old] as number);
      if (left.bytes.compare(right.bytes, from, end, from, end) === 0) join(old, now);
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

function byKey<Key>(functions: ElfFunctions, key: (index: number) => Key | undefined): Map<Key, number[]> {
  const found = new Map<Key, number[]>();
  for (let index = 0; index < functions.count; index++) {
    const value = key(index);
    if (value === undefined) continue;
    const list = found.get(value);
    if (list === undefined) found.set(value, [index]);
    else list.push(index);
  }
  return found;
}

function markOf(count: number, marks: ReadonlyMap<number, readonly number[]>): Float64Array {
  const found = new Float64Array(count).fill(-1);
  for (const [mark, list] of marks) for (const index of list) found[index] = mark;
  return found;
}

/** A digest of a function's bytes, of x86-64 code without the displacements that shift with the layout. */
export function fingerprintOf(x86: boolean): Fingerprint {
  const instruction: X86Instruction = { length: 0, relative: 0, branch: false };
  return (functions, index) => {
    const { bytes } = functions;
    const start = functions.start[index] as number;
    const end = start + (functions.size[index] as number);
    let [one, other] = [0x811c9dc5, end - start];
    for (let at = start; at < end; ) {
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
