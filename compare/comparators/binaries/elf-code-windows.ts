import type { Range } from '../../equal-ranges.ts';
import { sameStretch, unknownParts } from '../../same-stretch.ts';
import { exactBook } from './elf-addresses.ts';
import type { ElfPair } from './elf-pair.ts';
import type { ElfPlaces, PlacesPair } from './elf-places.ts';
import type { ElfPiece, ElfSide } from './elf-side.ts';

/** Sections up to this size are compared whole. */
const WHOLE_BYTES = 4 * 2 ** 20;
/** Bytes that may differ, of which the functions are looked at alone. */
const WINDOW_BYTES = 2 * 2 ** 20;
const WINDOWS = 8;
/** What is read before and after, so that functions are seen whole. */
const MARGIN_BYTES = 64 * 1024;
/** What is compared at a time. */
const PIECE_BYTES = 64 * 1024;

/**
 * Where a large section of code that stands at one place on both sides differs, when that is little: offsets in the
 * section, sorted, with what stands around. Undefined where it is to be compared whole. Only what may differ is read.
 */
export async function codeWindows(
  pair: ElfPair,
  [old, now]: readonly [ElfPiece, ElfPiece],
): Promise<readonly Range[] | undefined> {
  const { size, offset } = old.range;
  const samePlace =
    now.range.size === size && now.range.offset === offset && old.section?.address === now.section?.address;
  if (size <= WHOLE_BYTES || !samePlace || pair.left.file.type !== pair.right.file.type) return undefined;
  const windows: { start: number; end: number }[] = [];
  let bytes = 0;
  for (const part of unknownParts(pair.known.equal, offset, offset + size))
    for (let start = part.start; start < part.end; start += PIECE_BYTES) {
      const end = Math.min(part.end, start + PIECE_BYTES);
      if (await sameStretch(pair.known, { left: start, right: start, size: end - start })) continue;
      bytes += end - start;
      const last = windows.at(-1);
      const window = {
        start: Math.max(0, start - offset - MARGIN_BYTES),
        end: Math.min(size, end - offset + MARGIN_BYTES),
      };
      if (last !== undefined && last.end >= window.start) last.end = window.end;
      else windows.push(window);
      if (bytes > WINDOW_BYTES || windows.length > WINDOWS) return undefined;
    }
  return windows;
}

/** What stands at an address, to the byte: code of one layout refers to the same only where addresses are the same. */
export function exactPlaces(pair: ElfPair): PlacesPair {
  const side = (each: ElfSide): ElfPlaces => {
    return { section: exactBook(each), imported: () => undefined, text: () => undefined };
  };
  return { left: side(pair.left), right: side(pair.right), same: (old, now) => old === now };
}

/** The bytes of a window, as a piece of its own: a part of the section with its own address. */
export function windowPiece(piece: ElfPiece, { start, end }: Range): ElfPiece {
  const { section } = piece;
  return {
    ...piece,
    range: { offset: piece.range.offset + start, size: end - start },
    size: end - start,
    section: section === undefined ? undefined : { ...section, address: section.address + BigInt(start) },
  };
}
