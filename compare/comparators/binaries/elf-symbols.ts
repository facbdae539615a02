import { type ElfSymbols, elfSymbolKind, elfSymbolName, STT_SECTION } from '../../../formats/index.ts';
import { bothOf } from '../../identity.ts';
import { byBytes } from '../../pairing.ts';
import type { Explanation } from '../../types.ts';
import type { ElfPair } from './elf-pair.ts';
import { type ElfSide, readSymbols, sectionLabel } from './elf-side.ts';
import { readSymbolVersions } from './elf-versions.ts';

/** Symbols told by name, in number; more are counted. */
const TOLD = 2_000;
/** Of those that differ only in size, which follows from code that is told elsewhere. */
const SIZES_TOLD = 200;
/** Symbols that are neither at the same place from the start nor from the end of their tables. */
const COMPARED = 1_000_000;

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
  const found = compareTables(left, right);
  if (found === undefined) {
    yield { kind: 'note', text: `more than ${COMPARED} symbols to be paired by name: not compared` };
    return;
  }
  const groups: ReadonlyMap<number, string[]> = Map.groupBy([...found.changed].sort(byBytes), (key) =>
    rankOf(found, key),
  );
  const [alone, otherwise, sizes] = [0, 1, 2].map((rank) => groups.get(rank) ?? []) as [string[], string[], string[]];
  const names = [...alone, ...otherwise, ...sizes];
  const told = [...[...alone, ...otherwise].slice(0, TOLD), ...sizes.slice(0, SIZES_TOLD)];
  const lines = (side: ReadonlyMap<string, string>): string[] => told.flatMap((key) => side.get(key) ?? []);
  if (told.length > 0) yield { kind: 'lines', left: lines(found.left), right: lines(found.right) };
  if (sizes.length > SIZES_TOLD)
    yield {
      kind: 'note',
      text: `${counted(sizes.length)} symbols differ only in size: ${SIZES_TOLD} of them are told`,
    };
  const more = alone.length + otherwise.length - TOLD;
  if (more > 0) yield { kind: 'note', text: `${counted(more)} more symbols differ` };
  if (found.moved > 0) yield { kind: 'note', text: `${counted(found.moved)} symbols only moved` };
  if (found.reordered) {
    yield { kind: 'note', text: 'symbols in another order' };
    if (names.length === 0) yield { kind: 'reason', reason: { kind: 'order', evidence: 'symbols in another order' } };
  }
  if (names.length === 0 && !found.reordered && found.moved > 0)
    yield { kind: 'reason', reason: { kind: 'addresses', evidence: 'the same symbols at other addresses' } };
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

type Compared = {
  readonly changed: ReadonlySet<string>;
  /** Lines of the changed ones by key. */
  readonly left: ReadonlyMap<string, string>;
  readonly right: ReadonlyMap<string, string>;
  readonly moved: number;
  readonly reordered: boolean;
};

/** What is told first: symbols of one side, then what changed but for sizes, then sizes. */
function rankOf({ left, right }: Compared, key: string): 0 | 1 | 2 {
  const [one, other] = [left.get(key), right.get(key)];
  if (one === undefined || other === undefined) return 0;
  const sizeless = (line: string): string => line.replace(/ size \d+ in /, ' in ');
  return sizeless(one) === sizeless(other) ? 2 : 1;
}

function compareTables(left: Table, right: Table): Compared | undefined {
  const shared = Math.min(left.symbols.count, right.symbols.count);
  const same = (old: number, now: number): boolean => nameOf(left, old) === nameOf(right, now);
  let start = 0;
  while (start < shared && same(start, start)) start++;
  let tail = 0;
  while (tail < shared - start && same(left.symbols.count - 1 - tail, right.symbols.count - 1 - tail)) tail++;
  const middle = (table: Table): number => table.symbols.count - tail - start;
  if (Math.max(middle(left), middle(right)) > COMPARED) return undefined;
  const found = { changed: new Set<string>(), left: new Map<string, string>(), right: new Map<string, string>() };
  let moved = 0;
  const pair = (key: string, old: number, now: number): void => {
    if (!saysTheSame(left, right, [old, now])) {
      found.changed.add(key);
      found.left.set(key, lineOf(left, old));
      found.right.set(key, lineOf(right, now));
    } else if (left.symbols.value[old] !== right.symbols.value[now]) moved++;
  };
  for (let index = 0; index < start; index++) pair(`${nameOf(left, index)}\0=${index}`, index, index);
  for (let index = 1; index <= tail; index++) {
    const last = left.symbols.count - index;
    pair(`${nameOf(left, last)}\0-${index}`, last, right.symbols.count - index);
  }
  const [old, now] = [keyed(left, start, tail), keyed(right, start, tail)];
  let reordered = false;
  let before = -1;
  for (const key of old.keys()) {
    const index = old.get(key) as number;
    const other = now.get(key);
    if (other === undefined) {
      found.changed.add(key);
      found.left.set(key, lineOf(left, index));
      continue;
    }
    pair(key, index, other);
    reordered ||= other < before;
    before = other;
  }
  for (const [key, index] of now) {
    if (old.has(key)) continue;
    found.changed.add(key);
    found.right.set(key, lineOf(right, index));
  }
  return { ...found, moved, reordered };
}

/** Names of the middle with their indices; the n-th of a name has n in its key. */
function keyed(table: Table, start: number, tail: number): Map<string, number> {
  const seen = new Map<string, number>();
  const keys = new Map<string, number>();
  for (let index = start; index < table.symbols.count - tail; index++) {
    const name = nameOf(table, index);
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    keys.set(`${name}\0${count}`, index);
  }
  return keys;
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
  if (((one.other[old] as number) & 3) !== ((other.other[now] as number) & 3)) return false;
  const [section, nowSection] = [one.section[old] as number, other.section[now] as number];
  if (sectionLabel(left.side, section) !== sectionLabel(right.side, nowSection)) return false;
  return section !== 0xfff1 || one.value[old] === other.value[now];
}

/** All but the address; an absolute symbol has its value, which is no address. */
function lineOf(table: Table, index: number): string {
  const { symbols, side } = table;
  const section = symbols.section[index] as number;
  const value = section === 0xfff1 ? ` value ${symbols.value[index]}` : '';
  const kind = elfSymbolKind(symbols, index);
  return `${nameOf(table, index)} ${kind} size ${symbols.size[index]} in ${sectionLabel(side, section)}${value}`;
}
