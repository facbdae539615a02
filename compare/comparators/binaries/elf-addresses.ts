import { elfAddress } from '../../../formats/index.ts';
import { byBytes } from '../../by-bytes.ts';
import { escapeName, shorten } from '../../escape.ts';
import { bothOf } from '../../identity.ts';
import type { ElfPair } from './elf-pair.ts';
import type { ElfSide } from './elf-side.ts';
import { sameSymbol, symbolAt, symbolPlaces } from './elf-symbol-places.ts';
import { readOnce } from './read-once.ts';

const NAME_CHARACTERS = 400;

/** What stands at an address. */
export type AddressBook = (address: number) => string | undefined;

/** Whether an address of the left and one of the right stand for the same; undefined where both are outside of all. */
export type SameAddress = (old: number, now: number) => boolean | undefined;

/** The section that an address lies in and the place in it; undefined outside of all. */
export function exactBook(side: ElfSide): AddressBook {
  const find = sectionFinder(side);
  return (address) => placeIn(find(address), address);
}

function placeIn(found: Found | undefined, address: number): string | undefined {
  return found === undefined ? undefined : `${found.name}+0x${(address - found.start).toString(16)}`;
}

/**
 * What is taken for the same is called the same: the place in a section of equal bytes, elsewhere the symbol or section.
 * Throws ELF_*.
 */
export async function bookOf(pair: ElfPair, side: ElfSide): Promise<AddressBook> {
  const find = sectionFinder(side);
  const symbols = await symbolPlaces(side);
  return (address) => {
    const found = find(address);
    if (found === undefined || isUnchanged(pair, found.name)) return placeIn(found, address);
    const name = symbolAt(symbols, address);
    return name === undefined ? found.name : shorten(escapeName(name), NAME_CHARACTERS);
  };
}

/** True for a section that has the same bytes on both sides, so that another place in it is something else. */
export function isUnchanged({ left, right, changed }: ElfPair, name: string): boolean {
  return left.pieces.has(name) && right.pieces.has(name) && !changed.has(name);
}

/**
 * Compares addresses: sections of one name, in one of equal bytes the same place, and in another what the symbols there
 * are called, where both sides have some. Throws ELF_*.
 */
export const sameAddress = readOnce(readAddresses);

async function readAddresses(pair: ElfPair): Promise<SameAddress> {
  const [left, right] = [sectionFinder(pair.left), sectionFinder(pair.right)];
  const [first, second] = await bothOf(symbolPlaces(pair.left), symbolPlaces(pair.right));
  const symbols = { left: first, right: second };
  return (old, now) => {
    const [one, other] = [left(old), right(now)];
    if (one === undefined && other === undefined) return undefined;
    if (one === undefined || other === undefined || one.name !== other.name) return false;
    if (!pair.changed.has(one.name)) return old - one.start === now - other.start;
    return sameSymbol(symbols, old, now);
  };
}

/** Of addresses outside of all sections: the same number, or as far behind the end of the section before. */
export function sameOutside({ left, right }: ElfPair): (old: number, now: number) => boolean {
  const [before, after] = [placeBehind(left), placeBehind(right)];
  return (old, now) => old === now || (before(old) ?? old) === (after(now) ?? now);
}

/** The section that ends last before an address, and how far; undefined before all. */
function placeBehind(side: ElfSide): AddressBook {
  const sections = sectionsOf(side).sort((one, other) => one.end - other.end || byBytes(one.name, other.name));
  return (address) => {
    const found = sections[firstIndex(sections, ({ end }) => end > address) - 1];
    return found === undefined ? undefined : `${address - found.end} behind ${found.name}`;
  };
}

type Found = { readonly name: string; readonly start: number; readonly end: number };

/** Finds the section that an address lies in. */
export function sectionFinder(side: ElfSide): (address: number) => Found | undefined {
  const sections = sectionsOf(side).sort((one, other) => one.start - other.start);
  return (address) => {
    const found = sections[firstIndex(sections, ({ end }) => end > address)];
    return found !== undefined && found.start <= address ? found : undefined;
  };
}

/** Those that have addresses. */
function sectionsOf(side: ElfSide): Found[] {
  return [...side.pieces.values()].flatMap(({ name, section }) =>
    section !== undefined && section.address > 0n && section.size > 0
      ? [{ name, start: elfAddress(section.address), end: elfAddress(section.address) + section.size }]
      : [],
  );
}

function firstIndex(sections: readonly Found[], isIt: (section: Found) => boolean): number {
  let [low, high] = [0, sections.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isIt(sections[middle] as Found)) high = middle;
    else low = middle + 1;
  }
  return low;
}
