import { ElfRelocations, relrPlaces } from '../../../formats/index.ts';
import { type ElfPiece, type ElfSide, pieceBytes, SECTION_BYTES } from './elf-side.ts';

const SHT = { rela: 4, rel: 9, relr: 19 };
const ET_DYN = 3;
/** Sections of one file for which its relocations are gone through: words of more are not taken for addresses. */
const SECTIONS = 64;
/** Eight bytes may stand for 63 places. */
const RELR_BYTES = 2 ** 20;

const asked = new WeakMap<ElfSide, number>();

/**
 * Which words of a section the dynamic linker makes addresses of, by offset in it; undefined where the file has a place of
 * its own, so that its addresses need no relocation. Throws ELF_*.
 */
export async function relocatedWords(
  side: ElfSide,
  { section }: ElfPiece,
): Promise<((offset: number) => boolean) | undefined> {
  if (side.file.type !== ET_DYN || section === undefined) return undefined;
  const count = (asked.get(side) ?? 0) + 1;
  asked.set(side, count);
  if (count > SECTIONS) return () => false;
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
    const bytes = await pieceBytes(side, piece, type === SHT.relr ? RELR_BYTES : SECTION_BYTES);
    if (bytes === undefined) continue;
    if (type === SHT.relr) for (const address of relrPlaces(bytes, side.file)) mark(address);
    else {
      const table = new ElfRelocations(bytes, type === SHT.rela, side.file);
      for (let index = 0; index < table.count; index++) mark(table.offset(index));
    }
  }
  return (offset) => words[offset / unit] === 1;
}
