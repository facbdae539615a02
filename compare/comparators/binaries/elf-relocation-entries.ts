import { type ElfRelocations, type ElfSymbols, STT_SECTION } from '../../../formats/index.ts';
import { bothOf } from '../../identity.ts';
import { bookOf, exactBook, isUnchanged, sameAddress } from './elf-addresses.ts';
import type { ElfPair } from './elf-pair.ts';
import { sameFunction } from './elf-same-function.ts';
import { type ElfPiece, type ElfSide, sectionLabel } from './elf-side.ts';
import { sameTarget } from './elf-targets.ts';

const ET_REL = 1;
const EM_X86_64 = 62;

/** A section of relocations: its table, the symbols that it refers to, and the words for the type and symbol of each. */
export type RelocationTable = {
  readonly side: ElfSide;
  readonly piece: ElfPiece;
  readonly table: ElfRelocations;
  readonly symbols: ElfSymbols | undefined;
  readonly label: (index: number) => string;
};

type Both = { readonly left: RelocationTable; readonly right: RelocationTable };

/** A relocation of either side by index: those in the same order have the same. */
export type EntryPair = readonly [old: number, now: number];

/**
 * Of as many relocations those that stand for something else, or elsewhere in a section of equal bytes. Where they are in
 * another order, those of a linked file are paired by where they stand, and of an object file only those of equal places
 * can be told apart. Undefined where none can.
 */
export async function differingEntries(
  pair: ElfPair,
  { left, right }: Both,
  ordered: boolean,
): Promise<EntryPair[] | undefined> {
  const same = await sameAddress(pair);
  const target = await sameTarget(pair);
  const functions = await sameFunction(pair);
  const linked = left.side.file.type !== ET_REL;
  const patched = patchedSection(left);
  const fixed = patched === patchedSection(right) && isUnchanged(pair, patched);
  const samePlace = (old: number, now: number): boolean =>
    linked ? (same(old, now) ?? old === now) : old === now || !fixed;
  const sameAddend = (index: number, old: number, now: number): boolean => {
    // Without a symbol the addend is an address.
    if (linked && left.table.symbol(index) === 0) return target(old, now) ?? old === now;
    if (old === now) return true;
    const name = hasMoved(pair, left, index);
    return name !== undefined && functions(name, old + aheadOf(left, index), now + aheadOf(left, index)) !== false;
  };
  const sorted = linked && !ordered ? { old: byPlace(left.table), now: byPlace(right.table) } : undefined;
  const found: EntryPair[] = [];
  for (let nth = 0; nth < left.table.count; nth++) {
    const [first, second] = [sorted?.old[nth] ?? nth, sorted?.now[nth] ?? nth];
    const [old, now] = [left.table.offset(first), right.table.offset(second)];
    if (!ordered && (linked ? !samePlace(old, now) : !fixed || old !== now)) return undefined;
    const isSame =
      samePlace(old, now) &&
      (ordered || left.label(first) === right.label(second)) &&
      sameAddend(first, left.table.addend(first), right.table.addend(second));
    if (!isSame) found.push([first, second]);
  }
  return found;
}

/** Indices in the order of the places. */
function byPlace(table: ElfRelocations): Uint32Array {
  const places = Float64Array.from({ length: table.count }, (_, index) => table.offset(index));
  return Uint32Array.from(places.keys()).sort(
    (one, other) => (places[one] as number) - (places[other] as number) || one - other,
  );
}

/** The section of an object file whose bytes the relocations change. */
function patchedSection({ side, piece }: RelocationTable): string {
  return side.names[piece.section?.info ?? 0] ?? '';
}

/** The section of a place that other bytes in it may have moved; undefined where nothing has. */
function hasMoved(pair: ElfPair, { side, table, symbols }: RelocationTable, index: number): string | undefined {
  const symbol = table.symbol(index);
  if (symbols === undefined || symbol >= symbols.count) return undefined;
  if (((symbols.info[symbol] as number) & 15) !== STT_SECTION) return undefined;
  const name = sectionLabel(side, symbols.section[symbol] as number);
  return isUnchanged(pair, name) ? undefined : name;
}

/** Bytes that x86-64 counts from after the field: what a relocation of PC32 or PLT32 refers to stands as many later. */
function aheadOf({ side, table }: RelocationTable, index: number): number {
  return side.file.machine === EM_X86_64 && [2, 4].includes(table.type(index)) ? 4 : 0;
}

/** Both sides' lines of relocations: of those that read the same otherwise the places in sections are told. */
export async function linesOfBoth(pair: ElfPair, { left, right }: Both, pairs: readonly EntryPair[]): Promise<Lines> {
  const [old, now] = await bothOf(entryLines(pair, left, 'named'), entryLines(pair, right, 'named'));
  const [before, after] = await bothOf(entryLines(pair, left, 'exact'), entryLines(pair, right, 'exact'));
  const isTold = ([first, second]: EntryPair): boolean => old(first) !== now(second);
  return {
    left: pairs.map((each) => (isTold(each) ? old : before)(each[0])),
    right: pairs.map((each) => (isTold(each) ? now : after)(each[1])),
  };
}

type Lines = { readonly left: string[]; readonly right: string[] };

/** Gives a relocation as a line: where it stands, its type, and what it refers to. */
async function entryLines(
  pair: ElfPair,
  one: RelocationTable,
  places: 'named' | 'exact',
): Promise<(index: number) => string> {
  const { side, table, label } = one;
  const linked = side.file.type !== ET_REL;
  const book = places === 'exact' ? exactBook(side) : await bookOf(pair, side);
  const hex = (value: number): string => `${value < 0 ? '-' : '+'}0x${Math.abs(value).toString(16)}`;
  const patched = patchedSection(one);
  return (index) => {
    const [offset, addend] = [table.offset(index), table.addend(index)];
    const inSection = isUnchanged(pair, patched) ? `${patched}${hex(offset)}` : patched;
    const place = linked ? (book(offset) ?? hex(offset)) : inSection;
    if (linked && table.symbol(index) === 0) return `${place}: ${label(index)} ${book(addend) ?? hex(addend)}`;
    return `${place}: ${label(index)}${addend === 0 || (places === 'named' && hasMoved(pair, one, index) !== undefined) ? '' : hex(addend)}`;
  };
}
