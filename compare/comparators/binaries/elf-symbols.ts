import {
  type ElfSymbols,
  elfAddress,
  elfSymbolKind,
  elfSymbolName,
  SHT_NOBITS,
  STT_SECTION,
  STT_TLS,
} from '../../../formats/index.ts';
import { bothOf } from '../../identity.ts';
import { byBytes } from '../../pairing.ts';
import type { Explanation } from '../../types.ts';
import { isUnchanged } from './elf-addresses.ts';
import type { ElfPair } from './elf-pair.ts';
import { type ElfSide, readSymbols, sectionLabel } from './elf-side.ts';
import { readSymbolVersions } from './elf-versions.ts';

/** Symbols told by name, in number; more are counted. */
const TOLD = 2_000;
/** Of those that differ only in size, which follows from code that is told elsewhere. */
const SIZES_TOLD = 200;
/** Symbols that are neither at the same place from the start nor from the end of their tables. */
const COMPARED = 1_000_000;

/** Absolute symbols have a number, common ones their alignment. */
const VALUES = new Set([0xfff1, 0xfff2]);

type Table = {
  readonly side: ElfSide;
  readonly symbols: ElfSymbols;
  readonly versions: (index: number) => string;
};

/**
 * Symbol tables compared by name: type, binding, visibility, size, section and version. Where a symbol stands is no
 * difference; how many only moved is told.
 */
export async function* explainSymbols(pair: ElfPair, name: '.symtab' | '.dynsym'): AsyncGenerator<Explanation> {
  const [left, right] = await bothOf(readTable(pair.left, name), readTable(pair.right, name));
  if (left === undefined || right === undefined) {
    yield { kind: 'note', text: 'too large to be compared by name, or without a table of names' };
    return;
  }
  const found = compareTables(left, right, (section) => isUnchanged(pair, section));
  if (found === undefined) {
    yield { kind: 'note', text: `more than ${COMPARED} symbols to be paired by name: not compared` };
    return;
  }
  const { alone, otherwise, sizes } = found;
  const told = [...[...alone.first, ...otherwise.first].slice(0, TOLD), ...sizes.first];
  const lines = (table: Table, side: 'old' | 'now'): string[] =>
    told.flatMap(({ [side]: index, elsewhere }) => {
      if (index < 0) return [];
      return [`${lineOf(table, index)}${elsewhere ? ` at ${hex(placeOf(table, index))}` : ''}`];
    });
  if (told.length > 0) yield { kind: 'lines', left: lines(left, 'old'), right: lines(right, 'now') };
  if (sizes.count > SIZES_TOLD)
    yield {
      kind: 'note',
      text: `${counted(sizes.count)} symbols differ only in size: ${SIZES_TOLD} of them are told`,
    };
  const more = alone.count + otherwise.count - TOLD;
  if (more > 0) yield { kind: 'note', text: `${counted(more)} more symbols differ` };
  if (found.moved > 0)
    yield { kind: 'note', text: `${counted(found.moved)} ${found.moved === 1 ? 'symbol' : 'symbols'} only moved` };
  if (found.reordered) {
    yield { kind: 'note', text: 'symbols in another order' };
    if (told.length === 0) yield { kind: 'reason', reason: { kind: 'order', evidence: 'symbols in another order' } };
  }
  if (told.length === 0 && !found.reordered && found.moved === 0 && isExact(left) && isExact(right))
    yield { kind: 'detail', text: 'content differs: the same symbols, whose sections or names have other numbers' };
  if (told.length === 0 && !found.reordered && found.moved > 0)
    yield { kind: 'reason', reason: { kind: 'addresses', evidence: 'the same symbols at other addresses' } };
}

/** False where values are told apart only by the nearest number: those of kernels are near the end of all addresses. */
function isExact({ symbols }: Table): boolean {
  return symbols.value.every((value) => value <= Number.MAX_SAFE_INTEGER);
}

/**
 * Symbols of a table that is equal on both sides, of which the names or versions differ: by number, as relocations refer to
 * them. False where none does.
 */
export async function* explainNames(pair: ElfPair, name: '.symtab' | '.dynsym'): AsyncGenerator<Explanation, boolean> {
  const [left, right] = await bothOf(readTable(pair.left, name), readTable(pair.right, name));
  if (left === undefined || right === undefined) return false;
  const told: number[] = [];
  let count = 0;
  for (let index = 0; index < left.symbols.count; index++)
    if (nameOf(left, index) !== nameOf(right, index) && ++count <= TOLD) told.push(index);
  if (count === 0) return false;
  const lines = (table: Table): string[] => told.map((index) => `${index}: ${lineOf(table, index)}`);
  yield { kind: 'lines', left: lines(left), right: lines(right) };
  if (count > TOLD) yield { kind: 'note', text: `${counted(count - TOLD)} more symbols differ` };
  yield {
    kind: 'note',
    text: 'the symbols of these numbers, by which others refer to them, have other names or versions',
  };
  return true;
}

/** With commas: 1,234. */
export function counted(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

async function readTable(side: ElfSide, name: '.symtab' | '.dynsym'): Promise<Table | undefined> {
  const symbols = await readSymbols(side, name);
  if (symbols === undefined) return undefined;
  const versions = name === '.dynsym' ? await readSymbolVersions(side) : () => '';
  return { side, symbols, versions };
}

/** A symbol of both sides by index, -1 on a side that has none. */
type Differing = {
  readonly key: string;
  readonly old: number;
  readonly now: number;
  /** It says the same of itself, but stands elsewhere in a section of equal bytes: there it is something else. */
  readonly elsewhere: boolean;
};

/** Those whose keys come first: a table may have a million, of which most are only counted. */
class FirstByKey {
  count = 0;
  readonly #limit: number;
  #kept: Differing[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get first(): readonly Differing[] {
    this.#cut();
    return this.#kept;
  }

  add(differing: Differing): void {
    this.count++;
    this.#kept.push(differing);
    if (this.#kept.length > 2 * this.#limit) this.#cut();
  }

  #cut(): void {
    this.#kept.sort((one, other) => byBytes(one.key, other.key));
    this.#kept = this.#kept.slice(0, this.#limit);
  }
}

/** In the order they are told in: symbols of one side, what changed but for sizes, and sizes alone. */
type Compared = {
  readonly alone: FirstByKey;
  readonly otherwise: FirstByKey;
  readonly sizes: FirstByKey;
  readonly moved: number;
  readonly reordered: boolean;
};

type IsUnchanged = (section: string) => boolean;

function compareTables(left: Table, right: Table, isSame: IsUnchanged): Compared | undefined {
  const shared = Math.min(left.symbols.count, right.symbols.count);
  const same = (old: number, now: number): boolean => nameOf(left, old) === nameOf(right, now);
  let start = 0;
  while (start < shared && same(start, start)) start++;
  let tail = 0;
  while (tail < shared - start && same(left.symbols.count - 1 - tail, right.symbols.count - 1 - tail)) tail++;
  const middle = (table: Table): number => table.symbols.count - tail - start;
  if (Math.max(middle(left), middle(right)) > COMPARED) return undefined;
  const [alone, otherwise, sizes] = [new FirstByKey(TOLD), new FirstByKey(TOLD), new FirstByKey(SIZES_TOLD)];
  let moved = 0;
  const pair = (old: number, now: number, key: (name: string) => string): void => {
    if (saysTheSame(left, right, [old, now])) {
      if (left.symbols.value[old] === right.symbols.value[now]) return;
      if (!standsElsewhere(left, right, { old, now, isSame })) moved++;
      else otherwise.add({ key: key(nameOf(left, old)), old, now, elsewhere: true });
      return;
    }
    const group = sizeless(lineOf(left, old)) === sizeless(lineOf(right, now)) ? sizes : otherwise;
    group.add({ key: key(nameOf(left, old)), old, now, elsewhere: false });
  };
  for (let index = 0; index < start; index++) pair(index, index, (name) => `${name}\0=${index}`);
  for (let index = 1; index <= tail; index++)
    pair(left.symbols.count - index, right.symbols.count - index, (name) => `${name}\0-${index}`);
  const { partner, nth } = pairMiddle(left, right, {
    start,
    tail,
    alone: (now, key) => alone.add({ key, old: -1, now, elsewhere: false }),
  });
  let reordered = false;
  let before = -1;
  for (let at = 0; at < partner.length; at++) {
    const [old, now] = [start + at, partner[at] as number];
    if (now < 0) {
      alone.add({ key: `${nameOf(left, old)}\0${nth[at]}`, old, now, elsewhere: false });
      continue;
    }
    pair(old, now, (name) => `${name}\0${nth[at]}`);
    reordered ||= now < before;
    before = now;
  }
  return { alone, otherwise, sizes, moved, reordered };
}

const hex = (place: number): string => `+0x${place.toString(16)}`;

const sizeless = (line: string): string => line.replace(/ size \d+ in /, ' in ');

type Middle = { readonly start: number; readonly tail: number; alone(now: number, key: string): void };

/**
 * The n-th of a name of either side belong together: for each of the left its partner, -1 without one, and its n. Those
 * of the right alone are told with a key that has n in it.
 */
function pairMiddle(
  left: Table,
  right: Table,
  { start, tail, alone }: Middle,
): { readonly partner: Int32Array; readonly nth: Int32Array } {
  const count = left.symbols.count - tail - start;
  const next = new Int32Array(count).fill(-1);
  // The first of a name on the left that has no partner yet; minus as many as there were on the right, where none is left.
  const open = new Map<string, number>();
  for (let at = count - 1; at >= 0; at--) {
    const name = nameOf(left, start + at);
    next[at] = open.get(name) ?? -1;
    open.set(name, at);
  }
  const nth = new Int32Array(count);
  for (const first of open.values()) for (let at = first, n = 1; at >= 0; at = next[at] as number, n++) nth[at] = n;
  const partner = new Int32Array(count).fill(-1);
  for (let now = start; now < right.symbols.count - tail; now++) {
    const name = nameOf(right, now);
    const at = open.get(name) ?? 0;
    if (at < 0 || !open.has(name)) {
      open.set(name, at - 1);
      alone(now, `${name}\0${1 - at}`);
      continue;
    }
    partner[at] = now;
    const following = next[at] as number;
    open.set(name, following >= 0 ? following : -(nth[at] as number));
  }
  return { partner, nth };
}

function nameOf(table: Table, index: number): string {
  const { symbols, side } = table;
  if (((symbols.info[index] as number) & 15) === STT_SECTION)
    return sectionLabel(side, symbols.section[index] as number);
  return elfSymbolName(symbols, index) + table.versions(index);
}

/** True for two of one name where `lineOf` gives the same of both, without making texts of them. */
function saysTheSame(left: Table, right: Table, [old, now]: readonly [number, number]): boolean {
  const [one, other] = [left.symbols, right.symbols];
  if (one.info[old] !== other.info[now] || one.size[old] !== other.size[now]) return false;
  if (one.other[old] !== other.other[now]) return false;
  const [section, nowSection] = [one.section[old] as number, other.section[now] as number];
  if (sectionLabel(left.side, section) !== sectionLabel(right.side, nowSection)) return false;
  return !VALUES.has(section) || one.value[old] === other.value[now];
}

type Moved = { readonly old: number; readonly now: number; readonly isSame: IsUnchanged };

/** True for two of one name in a section of equal bytes, but of different ones among them. */
function standsElsewhere(left: Table, right: Table, { old, now, isSame }: Moved): boolean {
  const { symbols, side } = left;
  const section = side.file.sections[symbols.section[old] as number];
  const isPlace = ((symbols.info[old] as number) & 15) !== STT_TLS && (symbols.section[old] as number) > 0;
  if (!isPlace || section === undefined || section.type === SHT_NOBITS) return false;
  return isSame(sectionLabel(side, symbols.section[old] as number)) && placeOf(left, old) !== placeOf(right, now);
}

/** Where in its section a symbol stands. */
function placeOf({ symbols, side }: Table, index: number): number {
  const section = side.file.sections[symbols.section[index] as number];
  return (symbols.value[index] as number) - elfAddress(section?.address ?? 0n);
}

/** All but the address; the value of an absolute or a common symbol is none. */
function lineOf(table: Table, index: number): string {
  const { symbols, side } = table;
  const section = symbols.section[index] as number;
  const value = VALUES.has(section) ? ` value ${symbols.value[index]}` : '';
  const kind = elfSymbolKind(symbols, index);
  // Beyond its visibility, what the machine's ABI makes of it: of PowerPC where its local entry is.
  const more = (symbols.other[index] as number) & ~3;
  const other = more === 0 ? '' : ` other ${hex(more).slice(1)}`;
  return `${nameOf(table, index)} ${kind} size ${symbols.size[index]} in ${sectionLabel(side, section)}${value}${other}`;
}
