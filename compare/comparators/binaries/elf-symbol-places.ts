import { type ElfSymbols, elfSymbolName, STT_FUNC, STT_GNU_IFUNC, STT_OBJECT } from '../../../formats/index.ts';
import { byBytes } from '../../by-bytes.ts';
import { type ElfSide, readSymbols } from './elf-side.ts';
import { readOnce } from './read-once.ts';

const NAMED = new Set([STT_OBJECT, STT_FUNC, STT_GNU_IFUNC]);
/** A place and the index of a symbol in one number, exact below 2^53: symbols further from the first are left out. */
const INDEX = 2 ** 22;
const REACH = 2 ** 31;
/** Names of one place, and bytes of a name, that are compared: a hostile table has any number of both. */
const ALIASES = 16;
const NAME_BYTES = 4096;

/** False where both sides have symbols that begin at the two addresses, few enough, of which none has the same name. */
export function sameSymbol(
  { left, right }: { readonly left: SymbolPlaces | undefined; readonly right: SymbolPlaces | undefined },
  old: number,
  now: number,
): boolean {
  if (left === undefined || right === undefined) return true;
  const [first, second] = [firstAt(left, old), firstAt(right, now)];
  if (!isAt(left, first, old) || !isAt(right, second, now)) return true;
  if (isAt(left, first + ALIASES, old) || isAt(right, second + ALIASES, now)) return true;
  for (let here = first; isAt(left, here, old); here++)
    for (let there = second; isAt(right, there, now); there++)
      if (sameName([left.table, indexAt(left, here)], [right.table, indexAt(right, there)])) return true;
  return false;
}

/** What begins at an address is called, of several names the first; undefined where no symbol says. */
export function symbolAt(places: SymbolPlaces | undefined, address: number): string | undefined {
  if (places === undefined) return undefined;
  const names: string[] = [];
  const first = firstAt(places, address);
  for (let at = first; at < first + ALIASES && isAt(places, at, address); at++)
    names.push(elfSymbolName(places.table, indexAt(places, at)));
  return names.sort(byBytes)[0];
}

/** Symbols sorted by their places, each as its distance from the first address and its index. */
export type SymbolPlaces = { readonly table: ElfSymbols; readonly start: number; readonly keys: Float64Array };

/** Functions and variables that a table names; undefined without one. Throws ELF_*. */
export const symbolPlaces = readOnce(readPlaces);

async function readPlaces(side: ElfSide): Promise<SymbolPlaces | undefined> {
  const table = (await readSymbols(side, '.symtab')) ?? (await readSymbols(side, '.dynsym'));
  if (table === undefined || table.count > INDEX) return undefined;
  const isNamed = (index: number): boolean =>
    NAMED.has((table.info[index] as number) & 15) && table.section[index] !== 0;
  let start = Number.POSITIVE_INFINITY;
  for (let index = 0; index < table.count; index++)
    if (isNamed(index)) start = Math.min(start, table.value[index] as number);
  const keys = new Float64Array(table.count);
  let count = 0;
  for (let index = 0; index < table.count; index++) {
    const place = (table.value[index] as number) - start;
    if (isNamed(index) && place < REACH) keys[count++] = place * INDEX + index;
  }
  return { table, start, keys: keys.subarray(0, count).sort() };
}

function firstAt({ keys, start }: SymbolPlaces, address: number): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as number) < (address - start) * INDEX) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isAt({ keys, start }: SymbolPlaces, at: number, address: number): boolean {
  return at < keys.length && Math.floor((keys[at] as number) / INDEX) === address - start;
}

function indexAt({ keys }: SymbolPlaces, at: number): number {
  return (keys[at] as number) % INDEX;
}

type Symbol = readonly [ElfSymbols, number];

/** Without making texts of them: hundreds of thousands are compared. */
function sameName([old, first]: Symbol, [now, second]: Symbol): boolean {
  const [from, to] = [old.nameOffset[first] as number, now.nameOffset[second] as number];
  for (let at = 0; at < NAME_BYTES; at++) {
    const byte = old.names[from + at] ?? 0;
    if (byte !== (now.names[to + at] ?? 0)) return false;
    if (byte === 0) return true;
  }
  return true;
}
