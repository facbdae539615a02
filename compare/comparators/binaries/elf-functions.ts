import {
  type ElfFrames,
  elfAddress,
  elfSymbolName,
  parseEhFrame,
  STT_FUNC,
  STT_GNU_IFUNC,
} from '../../../formats/index.ts';
import { byBytes } from '../../by-bytes.ts';
import { type CodeBytes, codeBytes, HELD_BYTES, WholeCode } from './elf-code-bytes.ts';
import { type ElfPiece, type ElfSide, pieceBytes, readSymbols } from './elf-side.ts';
import { readOnce } from './read-once.ts';

const LIMIT = 2_000_000;
/** Bytes that assemblers fill the space between functions with: nops of all lengths, int3, zeros. */
const PADDING = new Uint8Array(256);
for (const byte of [0x00, 0x0f, 0x1f, 0x2e, 0x40, 0x44, 0x66, 0x80, 0x84, 0x90, 0xcc]) PADDING[byte] = 1;
/** The instruction that does nothing, of machines by e_machine, where it stands alone between functions. */
const FILLS: Readonly<Record<number, string>> = { 22: '0707', 40: '00bf', 183: '1f2003d5' };
const EM_ARM = 40;

/**
 * All code of a section as functions: symbols', those that frames tell of, and between them what is no padding.
 * Undefined where the section is larger than `limit` bytes. `code` is to be closed. Throws ELF_*.
 */
export async function readFunctions(side: ElfSide, piece: ElfPiece, limit: number): Promise<ElfFunctions | undefined> {
  const code = await codeBytes(side, piece, limit);
  if (code === undefined) return undefined;
  const address = side.file.type === 1 ? 0 : elfAddress(piece.section?.address ?? 0n);
  const { kept, thumb } = known.get(piece) ?? (await findFunctions(side, { piece, address }, code));
  known.set(piece, { kept, thumb });
  return new ElfFunctions(code, address, kept, thumb);
}

type Found = { readonly kept: Columns; readonly thumb: ReadonlySet<number> };

/** Found once: a section's functions are asked for where data refers to them, and again with their code. */
const known = new WeakMap<ElfPiece, Found>();

async function findFunctions(side: ElfSide, place: Place, code: CodeBytes): Promise<Found> {
  const all = new Columns(code.size);
  const thumb = await addSymbols(all, side, place);
  if (!side.pieces.has('.symtab')) await addFrames(all, side, place.address);
  return { kept: apart(all, code, FILLS[side.file.machine]), thumb };
}

/** Functions of the first `end` bytes as columns that grow: without names where nothing names them. */
class Columns {
  /** One that stays: see let-go.ts. */
  static readonly lasting = new Columns(0);

  count = 0;
  readonly #end: number;
  readonly names: (string | undefined)[] = [];
  #start: Uint32Array = new Uint32Array(1024);
  #size: Uint32Array = new Uint32Array(1024);

  constructor(end: number) {
    this.#end = end;
  }

  get start(): Uint32Array {
    return this.#start.subarray(0, this.count);
  }

  get size(): Uint32Array {
    return this.#size.subarray(0, this.count);
  }

  /** Adds one that lies within; others are left out. */
  add(start: number, size: number, name?: string): void {
    if (!(start >= 0 && size > 0 && start + size <= this.#end)) return;
    if (this.count === this.#start.length) {
      this.#start = larger(this.#start);
      this.#size = larger(this.#size);
    }
    this.#start[this.count] = start;
    this.#size[this.count] = size;
    this.names.push(name);
    this.count++;
  }

  /** Adds what stands between two, where it is code. */
  addGap(code: CodeBytes, [from, to]: readonly [number, number], fill: string | undefined): void {
    if (to > from && !isPadding(code, [from, to], fill)) this.add(from, to - from);
  }
}

function larger(column: Uint32Array): Uint32Array {
  const room = new Uint32Array(2 * column.length);
  room.set(column);
  return room;
}

const NONE: ReadonlySet<number> = new Set();

/** The functions of a section, by offset in it, without overlap: named by symbols, or found in .eh_frame without names. */
export class ElfFunctions {
  /** One that stays: see let-go.ts. */
  static readonly lasting = new ElfFunctions(new WholeCode(Buffer.alloc(0)), 0, new Columns(0));

  readonly code: CodeBytes;
  /** The address of the section's first byte; 0 in an object file. */
  readonly address: number;
  readonly count: number;
  readonly start: Uint32Array;
  readonly size: Uint32Array;
  /** As latin1. */
  readonly names: readonly (string | undefined)[];
  /** Where functions of ARM begin that are in its other, shorter instructions. */
  readonly thumb: ReadonlySet<number>;

  constructor(code: CodeBytes, address: number, { count, start, size, names }: Columns, thumb = NONE) {
    this.code = code;
    this.address = address;
    this.count = count;
    this.start = start;
    this.size = size;
    this.names = names;
    this.thumb = thumb;
  }

  /** What has no name is taken for what most are. */
  isThumb(index: number): boolean {
    return this.thumb.has(this.start[index] as number) || (this.names[index] === undefined && this.#mostAreThumb());
  }

  #mostAreThumb(): boolean {
    return this.thumb.size > 0 && this.thumb.size >= this.names.filter((name) => name !== undefined).length / 2;
  }
}

/** Those that do not overlap, in order, with the code between them. */
function apart(all: Columns, code: CodeBytes, fill: string | undefined): Columns {
  const kept = new Columns(code.size);
  const { start: starts, size: sizes } = all;
  const sorted = byPlace(starts);
  let end = 0;
  for (let at = 0; at < sorted.length; ) {
    const start = starts[sorted[at] as number] as number;
    let chosen = sorted[at] as number;
    for (at++; at < sorted.length && starts[sorted[at] as number] === start; at++)
      if (isBetter(all, sorted[at] as number, chosen)) chosen = sorted[at] as number;
    if (start < end) continue;
    kept.addGap(code, [end, start], fill);
    kept.add(start, sizes[chosen] as number, all.names[chosen]);
    end = start + (sizes[chosen] as number);
  }
  kept.addGap(code, [end, code.size], fill);
  return kept;
}

/** Indices in the order of their numbers, which are below 2^29: one sort of numbers that hold both, where it is needed. */
function byPlace(starts: Uint32Array): Uint32Array {
  if (starts.every((start, index) => index === 0 || start >= (starts[index - 1] as number)))
    return starts.map((_, index) => index);
  const keys = new Float64Array(starts.length);
  for (let index = 0; index < starts.length; index++) keys[index] = (starts[index] as number) * 2 ** 24 + index;
  keys.sort();
  const order = new Uint32Array(starts.length);
  for (let at = 0; at < order.length; at++) order[at] = (keys[at] as number) % 2 ** 24;
  return order;
}

/** Of two at one place the named one, so that a function known both ways has its name, then the longer one. */
function isBetter({ size, names }: Columns, one: number, other: number): boolean {
  const [name, otherName] = [names[one], names[other]];
  if ((name === undefined) !== (otherName === undefined)) return name !== undefined;
  const longer = (size[one] as number) - (size[other] as number);
  return longer > 0 || (longer === 0 && byBytes(name ?? '', otherName ?? '') < 0);
}

/** The function that an offset of the section lies in; undefined between them. */
export function functionAt(
  functions: Pick<ElfFunctions, 'count' | 'start' | 'size'>,
  offset: number,
): number | undefined {
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

/** Bytes up to which a loop here costs less than to ask the runtime. */
const SHORT_BYTES = 48;

/** True where two functions of the same size have the same bytes. */
export function sameBytes(left: ElfFunctions, old: number, right: ElfFunctions, now: number): boolean {
  const whole = left.size[old] as number;
  for (let done = 0; done < whole; done += HELD_BYTES) {
    const size = Math.min(HELD_BYTES, whole - done);
    const from = left.code.hold((left.start[old] as number) + done, size);
    const to = right.code.hold((right.start[now] as number) + done, size);
    const [before, after] = [left.code.memory, right.code.memory];
    if (size > SHORT_BYTES) {
      if (before.compare(after, to, to + size, from, from + size) !== 0) return false;
    } else for (let at = 0; at < size; at++) if (before[from + at] !== after[to + at]) return false;
  }
  return true;
}

/** `fill` is what a machine's nothing looks like, which a gap holds any number of. */
function isPadding(code: CodeBytes, gap: readonly [number, number], fill: string | undefined): boolean {
  return (fill !== undefined && isFilled(code, gap, Buffer.from(fill, 'hex'))) || isBlank(code, gap);
}

function isFilled(code: CodeBytes, [from, to]: readonly [number, number], fill: Buffer): boolean {
  for (let at = from; at < to; at += HELD_BYTES) {
    const piece = code.at(at, Math.min(HELD_BYTES, to - at));
    for (let index = 0; index < piece.length; index++)
      if (piece[index] !== fill[(at - from + index) % fill.length]) return false;
  }
  return true;
}

function isBlank(code: CodeBytes, [from, to]: readonly [number, number]): boolean {
  for (let at = from; at < to; at += HELD_BYTES) {
    const size = Math.min(HELD_BYTES, to - at);
    const start = code.hold(at, size);
    for (let index = start; index < start + size; index++)
      if (PADDING[code.memory[index] as number] === 0) return false;
  }
  return true;
}

type Place = { readonly piece: ElfPiece; readonly address: number };

/** Gives where functions begin whose lowest bit says that they are Thumb (ELF for the Arm Architecture, 5.5.3). */
async function addSymbols(found: Columns, side: ElfSide, { piece, address }: Place): Promise<ReadonlySet<number>> {
  const thumb = new Set<number>();
  const table = (await readSymbols(side, '.symtab')) ?? (await readSymbols(side, '.dynsym'));
  if (table === undefined) return thumb;
  const index = side.names.indexOf(piece.name);
  const end = address + piece.range.size;
  for (let at = 0, told = 0; at < table.count && told < LIMIT; at++) {
    const type = (table.info[at] as number) & 15;
    const isThumb = side.file.machine === EM_ARM && (table.value[at] as number) % 2 === 1;
    const value = (table.value[at] as number) - (isThumb ? 1 : 0);
    if ((type !== STT_FUNC && type !== STT_GNU_IFUNC) || table.section[at] !== index) continue;
    if (value < address || value >= end) continue;
    // An empty name is none: it would pair whatever has one.
    found.add(value - address, table.size[at] as number, elfSymbolName(table, at) || undefined);
    if (isThumb) thumb.add(value - address);
    told++;
  }
  return thumb;
}

async function addFrames(found: Columns, side: ElfSide, address: number): Promise<void> {
  const frames = await framesOf(side);
  if (frames === undefined) return;
  for (let at = 0; at < frames.start.length; at++)
    found.add((frames.start[at] as number) - address, frames.size[at] as number);
}

/** What .eh_frame tells of all sections; undefined where there is none. */
const framesOf = readOnce(readFrames);

async function readFrames(side: ElfSide): Promise<ElfFrames | undefined> {
  const piece = side.pieces.get('.eh_frame');
  const bytes = piece === undefined || side.file.type === 1 ? undefined : await pieceBytes(side, piece);
  if (bytes === undefined || piece?.section === undefined) return undefined;
  return parseEhFrame(bytes, elfAddress(piece.section.address), { ...side.file, limit: LIMIT });
}
