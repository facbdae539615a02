import { elfSymbolName, parseEhFrame, STT_FUNC, STT_GNU_IFUNC } from '../../../formats/index.ts';
import { type ElfPiece, type ElfSide, pieceBytes, readSymbols } from './elf-side.ts';

const LIMIT = 2_000_000;
/** Bytes that assemblers fill the space between functions with: nops of all lengths, int3, zeros. */
const PADDING = new Set([0x00, 0x0f, 0x1f, 0x2e, 0x40, 0x44, 0x66, 0x80, 0x84, 0x90, 0xcc]);

/** The functions of a section, by offset in it, without overlap: named by symbols, or found in .eh_frame without names. */
export type ElfFunctions = {
  readonly bytes: Buffer;
  /** The address of the section's first byte; 0 in an object file. */
  readonly address: number;
  readonly count: number;
  readonly start: Float64Array;
  readonly size: Float64Array;
  /** As latin1. */
  readonly names: readonly (string | undefined)[];
};

type Found = { readonly start: number; readonly size: number; readonly name: string | undefined };

/**
 * All code of a section as functions: symbols', those that frames tell of, and between them what is no padding.
 * Undefined where the section is larger than `limit` bytes. Throws ELF_*.
 */
export async function readFunctions(side: ElfSide, piece: ElfPiece, limit: number): Promise<ElfFunctions | undefined> {
  const bytes = await pieceBytes(side, piece, limit);
  if (bytes === undefined) return undefined;
  const address = side.file.type === 1 ? 0 : Number(piece.section?.address ?? 0n);
  const named = await symbolFunctions(side, piece, address);
  const framed = side.pieces.has('.symtab') ? [] : await frameFunctions(side, address);
  const all = [...named, ...framed]
    .filter(({ start, size }) => start >= 0 && size > 0 && start + size <= bytes.length)
    .sort(
      (one, other) => one.start - other.start || rank(one) - rank(other) || other.size - one.size || byName(one, other),
    );
  const kept: Found[] = [];
  let end = 0;
  const gap = (until: number): void => {
    if (!isPadding(bytes, end, until)) kept.push({ start: end, size: until - end, name: undefined });
  };
  for (const one of all) {
    if (one.start < end) continue;
    gap(one.start);
    kept.push(one);
    end = one.start + one.size;
  }
  gap(bytes.length);
  return {
    bytes,
    address,
    count: kept.length,
    start: Float64Array.from(kept, (one) => one.start),
    size: Float64Array.from(kept, (one) => one.size),
    names: kept.map((one) => one.name),
  };
}

/** The function that an offset of the section lies in; undefined between them. */
export function functionAt(functions: ElfFunctions, offset: number): number | undefined {
  let [low, high] = [0, functions.count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((functions.start[middle] as number) <= offset) low = middle + 1;
    else high = middle;
  }
  const index = low - 1;
  if (index < 0 || offset >= (functions.start[index] as number) + (functions.size[index] as number)) return undefined;
  return index;
}

/** Named before unnamed, so that a function known both ways has its name. */
function rank(found: Found): number {
  return found.name === undefined ? 1 : 0;
}

function byName(one: Found, other: Found): number {
  return (one.name ?? '') < (other.name ?? '') ? -1 : 1;
}

function isPadding(bytes: Buffer, from: number, until: number): boolean {
  for (let at = from; at < until; at++) if (!PADDING.has(bytes[at] as number)) return false;
  return true;
}

async function symbolFunctions(side: ElfSide, piece: ElfPiece, address: number): Promise<Found[]> {
  const table = (await readSymbols(side, '.symtab')) ?? (await readSymbols(side, '.dynsym'));
  const index = side.names.indexOf(piece.name);
  const found: Found[] = [];
  for (let at = 0; table !== undefined && at < table.count && found.length < LIMIT; at++) {
    const type = (table.info[at] as number) & 15;
    if ((type !== STT_FUNC && type !== STT_GNU_IFUNC) || table.section[at] !== index) continue;
    const start = (table.value[at] as number) - address;
    found.push({ start, size: table.size[at] as number, name: elfSymbolName(table, at) });
  }
  return found;
}

async function frameFunctions(side: ElfSide, address: number): Promise<Found[]> {
  const piece = side.pieces.get('.eh_frame');
  const bytes = piece === undefined || side.file.type === 1 ? undefined : await pieceBytes(side, piece);
  if (bytes === undefined || piece?.section === undefined) return [];
  const frames = parseEhFrame(bytes, Number(piece.section.address), { ...side.file, limit: LIMIT });
  return frames.start.map((start, index) => ({
    start: start - address,
    size: frames.size[index] as number,
    name: undefined,
  }));
}
