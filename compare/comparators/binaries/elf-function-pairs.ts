import { randomInt } from 'node:crypto';
import { Arm64Reader, X86Reader } from '../../../formats/index.ts';
import { HELD_BYTES } from './elf-code-bytes.ts';
import { ElfFunctions, sameBytes } from './elf-functions.ts';

/** Machines whose instructions can be told apart from what they refer to. */
export type CodeMachine = 'x86-64' | 'arm64' | undefined;

/** For each function of the left its partner on the right, and the other way; -1 without one. */
export type FunctionPairs = { readonly left: Int32Array; readonly right: Int32Array };

/**
 * Pairs functions by name, the n-th of a name with the n-th; those without a name by what they do, apart from addresses,
 * which can be told of two machines: alone of their kind first, then their neighbours, then in order; what is left between the
 * same neighbours is taken to be the same function, changed.
 */
export function pairFunctions(left: ElfFunctions, right: ElfFunctions, machine: CodeMachine): FunctionPairs {
  const pairs = { left: new Int32Array(left.count).fill(-1), right: new Int32Array(right.count).fill(-1) };
  pairInPlace(left, right, pairs);
  pairNames(left, right, pairs);
  const [old, now] = [new MarkGroups(left, pairs.left, machine), new MarkGroups(right, pairs.right, machine)];
  for (let one = 0; one < left.count; one++) {
    if (!old.isFirst(one)) continue;
    const other = now.first(old.mark(one));
    if (other >= 0 && old.next(one) === -1 && now.next(other) === -1) join(pairs, one, other);
  }
  for (let one = 0; one + 1 < left.count; one++) {
    const other = (pairs.left[one] as number) + 1;
    if (other > 0 && other < right.count && alike(old, one + 1, now, other) && areFree(pairs, one + 1, other))
      join(pairs, one + 1, other);
  }
  for (let one = left.count - 1; one > 0; one--) {
    const other = (pairs.left[one] as number) - 1;
    if (other >= 0 && alike(old, one - 1, now, other) && areFree(pairs, one - 1, other)) join(pairs, one - 1, other);
  }
  for (let start = 0; start < left.count; start++) {
    if (!old.isFirst(start)) continue;
    for (let one = start, other = now.first(old.mark(start)); one >= 0 && other >= 0; )
      if (pairs.left[one] !== -1) one = old.next(one);
      else if (pairs.right[other] !== -1) other = now.next(other);
      else join(pairs, one, other);
  }
  pairNeighbours(left, right, pairs);
  return pairs;
}

function join(pairs: FunctionPairs, old: number, now: number): void {
  pairs.left[old] = now;
  pairs.right[now] = old;
}

function areFree(pairs: FunctionPairs, old: number, now: number): boolean {
  return pairs.left[old] === -1 && pairs.right[now] === -1;
}

function pairNames(left: ElfFunctions, right: ElfFunctions, pairs: FunctionPairs): void {
  const first = new Map<string, number>();
  const next = new Int32Array(right.count).fill(-1);
  for (let now = right.count - 1; now >= 0; now--) {
    const name = right.names[now];
    if (name === undefined || pairs.right[now] !== -1) continue;
    next[now] = first.get(name) ?? -1;
    first.set(name, now);
  }
  for (let old = 0; old < left.count && first.size > 0; old++) {
    const name = left.names[old];
    if (name === undefined || pairs.left[old] !== -1) continue;
    const now = first.get(name) ?? -1;
    if (now < 0) continue;
    join(pairs, old, now);
    first.set(name, next[now] as number);
  }
}

/** Functions of one name, or none, with the same bytes at the same place: all but a few where little was changed. */
function pairInPlace(left: ElfFunctions, right: ElfFunctions, pairs: FunctionPairs): void {
  for (let old = 0, now = 0; old < left.count && now < right.count; ) {
    const from = left.start[old] as number;
    const to = right.start[now] as number;
    const size = left.size[old] as number;
    if (from === to && size === right.size[now] && left.names[old] === right.names[now])
      if (sameBytes(left, old, right, now)) join(pairs, old, now);
    if (from <= to) old++;
    if (to <= from) now++;
  }
}

/** Runs without a partner between two pairs that follow each other on both sides: in order, as far as both go. */
function pairNeighbours(left: ElfFunctions, right: ElfFunctions, pairs: FunctionPairs): void {
  for (let index = 0; index < left.count; index++) {
    if (pairs.left[index] !== -1) continue;
    const before = index === 0 ? -1 : (pairs.left[index - 1] as number);
    const next = before + 1;
    const follows = index === 0 || before !== -1;
    const unnamed = left.names[index] === undefined && right.names[next] === undefined;
    if (follows && unnamed && next < right.count && pairs.right[next] === -1) join(pairs, index, next);
  }
}

/** Another spread in each process: else a file could be made whose functions all crowd in one place of a table. */
const SPREAD = [randomInt(2 ** 31) * 2 + 1, randomInt(2 ** 31) * 2 + 1] as const;

/** Functions of one mark in their order: a table of the first of each, and what follows each one. */
class MarkGroups {
  /** One that stays: see let-go.ts. */
  static readonly lasting = new MarkGroups(ElfFunctions.lasting, new Int32Array(0), undefined);

  readonly #marks: Float64Array;
  readonly #next: Int32Array;
  readonly #firsts: Int32Array;
  readonly #shift: number;

  /** Of those without a partner. */
  constructor(functions: ElfFunctions, partners: Int32Array, machine: CodeMachine) {
    const { count } = functions;
    this.#marks = new Float64Array(count).fill(-1);
    this.#next = new Int32Array(count).fill(-1);
    for (let index = 0; index < count; index++)
      if (partners[index] === -1) this.#marks[index] = fingerprint(functions, index, machine);
    const bits = Math.ceil(Math.log2(2 * count + 2));
    this.#shift = 32 - bits;
    this.#firsts = new Int32Array(2 ** bits).fill(-1);
    for (let index = count - 1; index >= 0; index--) {
      const mark = this.#marks[index] as number;
      if (mark < 0) continue;
      const place = this.#placeOf(mark);
      this.#next[index] = this.#firsts[place] as number;
      this.#firsts[place] = index;
    }
  }

  /** -1 for those that had a partner. */
  mark(index: number): number {
    return this.#marks[index] as number;
  }

  /** The first of a mark; -1 where there is none. */
  first(mark: number): number {
    return this.#firsts[this.#placeOf(mark)] as number;
  }

  isFirst(index: number): boolean {
    const mark = this.mark(index);
    return mark >= 0 && this.first(mark) === index;
  }

  /** The next of the same mark; -1 after the last. */
  next(index: number): number {
    return this.#next[index] as number;
  }

  /** Where the first of a mark stands, or would. */
  #placeOf(mark: number): number {
    const last = this.#firsts.length - 1;
    let place = (Math.imul(mark | 0, SPREAD[0]) + Math.imul((mark / 2 ** 32) | 0, SPREAD[1])) >>> this.#shift;
    for (;;) {
      const first = this.#firsts[place] as number;
      if (first === -1 || this.#marks[first] === mark) return place;
      place = (place + 1) & last;
    }
  }
}

function alike(old: MarkGroups, one: number, now: MarkGroups, other: number): boolean {
  const mark = old.mark(one);
  return mark >= 0 && mark === now.mark(other);
}

const reader = new X86Reader();

/** Bytes of an instruction, or more. */
const INSTRUCTION_BYTES = 16;

/** A digest of a function's bytes, without the displacements that shift with the layout where they can be told. */
function fingerprint({ code, start, size }: ElfFunctions, index: number, machine: CodeMachine): number {
  const begin = start[index] as number;
  const length = size[index] as number;
  digest.begin(length);
  const x86 = machine === 'x86-64';
  for (let done = 0, pages = 0; done < length; ) {
    const held = Math.min(HELD_BYTES, length - done);
    let at = code.hold(begin + done, held);
    const { memory, view } = code;
    const first = at;
    const end = first + held;
    if (machine === 'arm64') {
      pages = addWords(memory, [first, end], pages);
      done += held;
      continue;
    }
    // What may begin here and end after it is read with what follows.
    const last = done + held < length ? end - INSTRUCTION_BYTES : end;
    let from = first;
    while (x86 && at < last) {
      reader.read(memory, at, end);
      if (reader.relative > 0) {
        digest.add(view, from, at + reader.relative);
        from = at + reader.relative + 4;
      }
      at += Math.max(1, reader.length);
    }
    const read = x86 ? at : end;
    digest.add(view, from, read);
    done += read - first;
  }
  return digest.value;
}

const words = new Arm64Reader();

/** What is added to a page is left out as well, of each register that ever held one in the function, which are given. */
function addWords(memory: Buffer, [from, end]: readonly [number, number], before: number): number {
  let pages = before;
  for (let at = from; at + 4 <= end; at += 4) {
    const word = memory.readInt32LE(at);
    words.read(word, 0);
    if (words.page >= 0) pages |= 1 << words.page;
    const added = ((pages >>> words.base) & 1) === 1 ? words.added : 0;
    digest.addWord(word & ~(words.distance | added));
  }
  return pages;
}

/** A number of 52 bits for some ranges of bytes. */
class RangeDigest {
  #one = 0;
  #other = 0;

  begin(size: number): void {
    this.#one = 0x811c9dc5 | 0;
    this.#other = size;
  }

  get value(): number {
    return (this.#one >>> 0) * 2 ** 20 + ((this.#other ^ (this.#other >>> 12)) & 0xfffff);
  }

  addWord(word: number): void {
    this.#one = Math.imul(this.#one ^ word, 0x5bd1e995) ^ (this.#one >>> 15);
    this.#other = (Math.imul(this.#other, 0x01000193) + word) | 0;
  }

  /** Adds a range, four bytes at a time, and that it ends. */
  add(view: DataView, from: number, end: number): void {
    let one = this.#one;
    let other = this.#other;
    let at = from;
    for (; at + 4 <= end; at += 4) {
      const word = view.getInt32(at, true);
      one = Math.imul(one ^ word, 0x5bd1e995) ^ (one >>> 15);
      other = (Math.imul(other, 0x01000193) + word) | 0;
    }
    let word = end - from;
    for (; at < end; at++) word = Math.imul(word ^ view.getUint8(at), 0x01000193);
    this.#one = Math.imul(one ^ word, 0x5bd1e995) ^ (one >>> 15);
    this.#other = (Math.imul(other, 0x01000193) + word) | 0;
  }
}

const digest = new RangeDigest();
