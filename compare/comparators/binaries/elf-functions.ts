import { elfSymbolName, parseEhFrame, STT_FUNC, STT_GNU_IFUNC } from '../../../formats/index.ts';
import { byBytes } from '../../by-bytes.ts';
import { type CodeBytes, codeBytes } from './elf-code-bytes.ts';
import { type ElfPiece, type ElfSide, pieceBytes, readSymbols } from './elf-side.ts';

const LIMIT = 2_000_000;
/** Bytes that assemblers fill the space between functions with: nops of all lengths, int3, zeros. */
const PADDING = new Set([0x00, 0x0f, 0x1f, 0x2e, 0x40, 0x44, 0x66, 0x80, 0x84, 0x90, 0xcc]);

/** The functions of a section, by offset in it, without overlap: named by symbols, or found in .eh_frame without names. */
export type ElfFunctions = {
  readonly code: CodeBytes;
  /** The address of the section's first byte; 0 in an object file. */
  readonly address: number;
  readonly count: number;
  readonly start: Float64Array;
  readonly size: Float64Array;
  /** As latin1. */
  readonly names: readonly (string | undefined)[];
};

/** Functions as columns, without names where nothing names them. */
type Found = { readonly start: number[]; readonly size: number[]; readonly names: (string | undefined)[] };

/**
 * All code of a section as functions: symbols', those that frames tell of, and between them what is no padding.
 * Undefined where the section is larger than `limit` bytes. `code` is to be
 * closed. Throws ELF_*.
 */
export async function readFunctions(side: ElfSide, piece: ElfPiece, limit: number): Promise<ElfFunctions | undefined> {
  const code = await codeBytes(side, piece, limit);
  if (code === undefined) return undefined;
  const address = side.file.type === 1 ? 0 : Number(piece.section?.address ?? 0n);
  const all: Found = { start: [], size: [], names: [] };
  const add = (start: number, size: number, name?: string | undefined): void => {
    if (start >= 0 && size > 0 && start + size <= code.size) push(all, start, size, name);
  };
  await symbolFunctions(side, { piece, address }, add);
  if (!side.pieces.has('.symtab')) await frameFunctions(side, address, add);
  const kept: Found = { start: [], size: [], names: [] };
  let end = 0;
  const gap = (until: number): void => {
    if (until > end && !isPadding(code.at(end, until - end))) push(kept, end, until - end, undefined);
  };
  for (const index of inOrder(all)) {
    const [start, size] = [all.start[index] as number, all.size[index] as number];
    if (start < end) continue;
    gap(start);
    push(kept, start, size, all.names[index]);
    end = start + size;
  }
  gap(code.size);
  return {
    code,
    address,
    count: kept.start.length,
    start: Float64Array.from(kept.start),
    size: Float64Array.from(kept.size),
    names: kept.names,
  };
}

function push({ start, size, names }: Found, ...[at, bytes, name]: [number, number, string | undefined]): void {
  start.push(at);
  size.push(bytes);
  names.push(name);
}

/** By place; of two at one place named ones first, so that a function known both ways has its name, then longer ones. */
function inOrder({ start, size, names }: Found): Uint32Array {
  const rank = (index: number): number => (names[index] === undefined ? 1 : 0);
  const number = (column: readonly number[], index: number): number => column[index] as number;
  return Uint32Array.from(start.keys()).sort(
    (one, other) =>
      number(start, one) - number(start, other) ||
      rank(one) - rank(other) ||
      number(size, other) - number(size, one) ||
      byBytes(names[one] ?? '', names[other] ?? ''),
  );
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

function isPadding(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at++) if (!PADDING.has(bytes[at] as number)) return false;
  return true;
}

type Add = (start: number, size: number, name?: string) => void;
type Place = { readonly piece: ElfPiece; readonly address: number };

async function symbolFunctions(side: ElfSide, { piece, address }: Place, add: Add): Promise<void> {
  const table = (await readSymbols(side, '.symtab')) ?? (await readSymbols(side, '.dynsym'));
  if (table === undefined) return;
  const index = side.names.indexOf(piece.name);
  const end = address + piece.range.size;
  for (let at = 0, found = 0; at < table.count && found < LIMIT; at++) {
    const type = (table.info[at] as number) & 15;
    const value = table.value[at] as number;
    if ((type !== STT_FUNC && type !== STT_GNU_IFUNC) || table.section[at] !== index) continue;
    if (value < address || value >= end) continue;
    add(value - address, table.size[at] as number, elfSymbolName(table, at));
    found++;
  }
}

async function frameFunctions(side: ElfSide, address: number, add: Add): Promise<void> {
  const piece = side.pieces.get('.eh_frame');
  const bytes = piece === undefined || side.file.type === 1 ? undefined : await pieceBytes(side, piece);
  if (bytes === undefined || piece?.section === undefined) return;
  const frames = parseEhFrame(bytes, Number(piece.section.address), { ...side.file, limit: LIMIT });
  frames.start.forEach((start, index) => {
    add(start - address, frames.size[index] as number);
  });
}
