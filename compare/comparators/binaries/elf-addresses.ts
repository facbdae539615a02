import {
  ElfRelocations,
  elfSymbolName,
  relrPlaces,
  STT_FUNC,
  STT_GNU_IFUNC,
  STT_OBJECT,
} from '../../../formats/index.ts';
import { byBytes } from '../../by-bytes.ts';
import type { ElfPair } from './elf-pair.ts';
import { type ElfPiece, type ElfSide, pieceBytes, readSymbols } from './elf-side.ts';

const SHT = { rela: 4, rel: 9, relr: 19 };
const ET_DYN = 3;

/** What stands at an address. */
export type AddressBook = (address: number) => string | undefined;

/** The name of the section that an address lies in; undefined outside of all, and in a file without addresses. */
export function addressBook(side: ElfSide): AddressBook {
  const find = sectionFinder(side);
  return (address) => find(address)?.name;
}

/** What stands at an address, to the byte. */
export function exactBook(side: ElfSide): AddressBook {
  const find = sectionFinder(side);
  return (address) => placeIn(find(address), address);
}

/**
 * What stands at the addresses of either side, so that the same is called the same: the section, and where its bytes are
 * equal on both sides also the place in it, as there another place is something else.
 */
export function placeBooks(pair: ElfPair): { readonly left: AddressBook; readonly right: AddressBook } {
  const book = (side: ElfSide, other: ElfSide): AddressBook => {
    const find = sectionFinder(side);
    const isSame = (name: string): boolean => other.pieces.has(name) && !pair.changed.has(name);
    return (address) => {
      const found = find(address);
      return found !== undefined && isSame(found.name) ? placeIn(found, address) : found?.name;
    };
  };
  return { left: book(pair.left, pair.right), right: book(pair.right, pair.left) };
}

type Found = { readonly name: string; readonly start: number; readonly end: number };

function placeIn(found: Found | undefined, address: number): string | undefined {
  return found === undefined ? undefined : `${found.name}+0x${(address - found.start).toString(16)}`;
}

function sectionFinder(side: ElfSide): (address: number) => Found | undefined {
  const sections = [...side.pieces.values()]
    .flatMap(({ name, section }) =>
      section !== undefined && section.address > 0n && section.size > 0
        ? [{ name, start: Number(section.address), end: Number(section.address) + section.size }]
        : [],
    )
    .sort((one, other) => one.start - other.start);
  return (address) => {
    let [low, high] = [0, sections.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sections[middle]?.end ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    const found = sections[low];
    return found !== undefined && found.start <= address ? found : undefined;
  };
}

/**
 * Which words of a section the dynamic linker makes addresses of, by offset in it; undefined where the file has a place of
 * its own, so that its addresses need no relocation. Throws ELF_*.
 */
export async function relocatedPlaces(
  side: ElfSide,
  { section }: ElfPiece,
): Promise<((offset: number) => boolean) | undefined> {
  if (side.file.type !== ET_DYN || section === undefined) return undefined;
  const start = Number(section.address);
  const unit = side.file.bits / 8;
  const words = new Uint8Array(Math.ceil(section.size / unit));
  const mark = (address: number): void => {
    const word = (address - start) / unit;
    if (word >= 0 && word < words.length && Number.isInteger(word)) words[word] = 1;
  };
  for (const piece of side.pieces.values()) {
    const type = piece.section?.type;
    if (type !== SHT.rela && type !== SHT.rel && type !== SHT.relr) continue;
    const bytes = await pieceBytes(side, piece);
    if (bytes === undefined) continue;
    if (type === SHT.relr) for (const address of relrPlaces(bytes, side.file)) mark(address);
    else {
      const table = new ElfRelocations(bytes, type === SHT.rela, side.file);
      for (let index = 0; index < table.count; index++) mark(table.offset(index));
    }
  }
  return (offset) => words[offset / unit] === 1;
}

const NAMED = new Set([STT_OBJECT, STT_FUNC, STT_GNU_IFUNC]);

/** The names of what begins at some addresses, of several the first. Throws ELF_*. */
export async function namesAt(side: ElfSide, addresses: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const names = new Map<number, string>();
  const table = (await readSymbols(side, '.symtab')) ?? (await readSymbols(side, '.dynsym'));
  if (table === undefined) return names;
  const wanted = new Set(addresses);
  for (let index = 0; index < table.count; index++) {
    const address = table.value[index] as number;
    if (!wanted.has(address) || !NAMED.has((table.info[index] as number) & 15) || table.section[index] === 0) continue;
    const [name, known] = [elfSymbolName(table, index), names.get(address)];
    if (known === undefined || byBytes(name, known) < 0) names.set(address, name);
  }
  return names;
}
