import { Arm64Reader, ElfRelocations, elfAddress, elfSymbolName } from '../../../formats/index.ts';
import { bothOf } from '../../identity.ts';
import { type AddressBook, bookOf, type SameAddress, sameAddress, sameOutside } from './elf-addresses.ts';
import type { ElfPair } from './elf-pair.ts';
import { textsOf } from './elf-read-only-texts.ts';
import { type ElfPiece, type ElfSide, pieceBytes, readSymbols } from './elf-side.ts';
import { readOnce } from './read-once.ts';

const EM_AARCH64 = 183;
const BTI_C = 0xd503245f;
const PLT = /^\.plt/;
/** A word that is the address of a symbol: R_X86_64_64 and R_AARCH64_ABS64. It is a variable of its own, and no slot. */
const WORDS = new Set([1, 257]);

/** What stands at the addresses that code refers to. */
export type ElfPlaces = {
  /** A symbol, a place in a section or a section; undefined outside of all. */
  readonly section: AddressBook;
  /** The name that a stub of the procedure linkage table or a slot of the offset table stands for; undefined elsewhere. */
  readonly imported: (address: number) => string | undefined;
  /** The text at an address of .rodata; undefined where there is none. Escaped. */
  readonly text: (address: number) => string | undefined;
};

/** What is needed to name and to compare addresses of either side. */
export type PlacesPair = { readonly left: ElfPlaces; readonly right: ElfPlaces; readonly same: SameAddress };

/** What is needed to name addresses of linked files of x86-64 and AArch64. Throws ELF_*. */
export const placesOf = readOnce(readBoth);

async function readBoth(pair: ElfPair): Promise<PlacesPair> {
  const [left, right] = await bothOf(readPlaces(pair, pair.left), readPlaces(pair, pair.right));
  const [same, outside] = [await sameAddress(pair), sameOutside(pair)];
  return { left, right, same: (old, now) => same(old, now) ?? outside(old, now) };
}

async function readPlaces(pair: ElfPair, side: ElfSide): Promise<ElfPlaces> {
  return {
    section: await bookOf(pair, side),
    imported: await readImports(side),
    text: (await textsOf(side)).at,
  };
}

/** Of AArch64, whose stubs load a slot: ADRP x16, LDR x17 from it, and before them BTI in those that are told to. */
async function addStubs(slots: Map<number, number>, side: ElfSide, piece: ElfPiece): Promise<void> {
  const bytes = await pieceBytes(side, piece);
  const address = elfAddress(piece.section?.address ?? 0n);
  const reader = new Arm64Reader();
  for (let at = 0; bytes !== undefined && at + 8 <= bytes.length; at += 4) {
    reader.read(bytes.readInt32LE(at), address + at);
    if (reader.page !== 16) continue;
    const page = reader.target;
    const load = bytes.readInt32LE(at + 4);
    reader.read(load, address + at + 4);
    const slot = (load & 0xffc003ff) >>> 0 === 0xf9400211 ? slots.get(page + reader.target) : undefined;
    if (slot === undefined) continue;
    slots.set(address + at, slot);
    if (at >= 4 && bytes.readUInt32LE(at - 4) === BTI_C) slots.set(address + at - 4, slot);
  }
}

/** Slots by their relocations, and stubs by the slot that their indirect jump goes through: ff 25 of x86-64. */
async function readImports(side: ElfSide): Promise<ElfPlaces['imported']> {
  const symbols = await readSymbols(side, '.dynsym');
  if (symbols === undefined || side.file.type === 1) return () => undefined;
  const slots = new Map<number, number>();
  for (const name of ['.rela.dyn', '.rela.plt']) {
    const piece = side.pieces.get(name);
    const bytes = piece === undefined ? undefined : await pieceBytes(side, piece);
    if (bytes === undefined) continue;
    const table = new ElfRelocations(bytes, true, side.file);
    for (let index = 0; index < table.count; index++) {
      const symbol = table.symbol(index);
      if (symbol > 0 && symbol < symbols.count && !WORDS.has(table.type(index))) slots.set(table.offset(index), symbol);
    }
  }
  for (const [name, piece] of side.pieces) {
    if (!PLT.test(name)) continue;
    if (side.file.machine === EM_AARCH64) await addStubs(slots, side, piece);
    if (side.file.machine !== 62) continue;
    const bytes = await pieceBytes(side, piece);
    const address = elfAddress(piece.section?.address ?? 0n);
    for (let at = 0; bytes !== undefined && at + 16 <= bytes.length + 8; at += 8) {
      const jump = bytes.subarray(at, at + 16).indexOf('ff25', 0, 'hex');
      if (jump < 0 || jump > 6 || at + jump + 6 > bytes.length) continue;
      const slot = slots.get(address + at + jump + 6 + bytes.readInt32LE(at + jump + 2));
      if (slot !== undefined) slots.set(address + at, slot);
    }
  }
  // Of the names of all symbols, few are asked for, and those often.
  const names: string[] = [];
  return (address) => {
    const symbol = slots.get(address);
    if (symbol === undefined) return undefined;
    names[symbol] ??= elfSymbolName(symbols, symbol);
    return names[symbol];
  };
}
