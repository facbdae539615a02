import { ElfRelocations, elfAddress, relrPlaces } from '../../../formats/index.ts';
import { type ElfPiece, type ElfSide, pieceBytes } from './elf-side.ts';
import { readOnce } from './read-once.ts';

const SHT = { rela: 4, rel: 9, relr: 19 };
const ET_DYN = 3;
/** Places of one file, 8 bytes each; of more, no word is taken for an address. A section of RELR has 63 in 8 bytes. */
const PLACES = 4_000_000;

/**
 * Which words of a section the dynamic linker makes addresses of, by offset in it; undefined where the file has a place of
 * its own, so that its addresses need no relocation. Throws ELF_*.
 */
export async function relocatedWords(
  side: ElfSide,
  { section }: ElfPiece,
): Promise<((offset: number) => boolean) | undefined> {
  if (side.file.type !== ET_DYN || section === undefined) return undefined;
  const start = elfAddress(section.address);
  const places = await relocatedPlaces(side);
  return (offset) => holds(places, start + offset);
}

/** The addresses of a file that have relocations, sorted. */
const relocatedPlaces = readOnce(async (side: ElfSide): Promise<Float64Array> => {
  const places: number[] = [];
  for (const piece of side.pieces.values()) {
    const type = piece.section?.type;
    if (type !== SHT.rela && type !== SHT.rel && type !== SHT.relr) continue;
    const bytes = await pieceBytes(side, piece);
    if (bytes === undefined) continue;
    const all = type === SHT.relr ? relrPlaces(bytes, side.file) : offsetsOf(bytes, type === SHT.rela, side);
    for (const place of all) if (places.push(place) > PLACES) return new Float64Array(0);
  }
  return Float64Array.from(places).sort();
});

function* offsetsOf(bytes: Buffer, withAddend: boolean, { file }: ElfSide): Generator<number> {
  const table = new ElfRelocations(bytes, withAddend, file);
  for (let index = 0; index < table.count; index++) yield table.offset(index);
}

function holds(sorted: Float64Array, wanted: number): boolean {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < wanted) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === wanted;
}
