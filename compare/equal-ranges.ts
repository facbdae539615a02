import { setImmediate } from 'node:timers/promises';
import { bothOf } from './both-sides.ts';
import type { ByteSource, RandomReader, StoredBlocks } from './byte-source.ts';

/** From `start` up to `end`, in bytes; `end` is infinite where only reading tells where the content ends. */
export type Range = { readonly start: number; readonly end: number };

/** Files are compared in pieces of this size: a piece with one byte that differs is no equal range. */
const PIECE_BYTES = 64 * 1024;
const READ_BYTES = 256 * 1024;
const STORED_BYTES = 256 * 1024;
/** Read at first: most of what is compared in an archive is small, and memory for more costs more than its bytes. */
const FIRST_READ_BYTES = PIECE_BYTES;
/** Reads block: after so many whatever else waits has its turn. */
const READS_IN_A_ROW = 64;

/**
 * Where both sides hold the same bytes at the same offsets, as far as that is known without unpacking anything: from
 * equal blocks of how they are stored, or, of two files, from comparing them. Sorted, without touching each other;
 * what is in none may be equal all the same. Nothing where neither side can be asked.
 */
export async function equalRanges(left: ByteSource, right: ByteSource): Promise<readonly Range[]> {
  const pieces = filePieces(left, right);
  if (pieces !== undefined) return equalPieces(pieces);
  if (left.blocks === undefined || right.blocks === undefined) return [];
  const [old, now] = await bothOf(left.blocks(), right.blocks());
  return old === undefined || now === undefined ? [] : equalBlocks(old, now);
}

/** The ranges that are left between `equal` ones: all that may differ, the last one to wherever the content ends. */
export function rangesBetween(equal: readonly Range[]): readonly Range[] {
  const between: Range[] = [];
  let start = 0;
  for (const range of equal) {
    if (range.start > start) between.push({ start, end: range.start });
    start = range.end;
  }
  between.push({ start, end: Number.POSITIVE_INFINITY });
  return between;
}

async function equalBlocks(old: StoredBlocks, now: StoredBlocks): Promise<readonly Range[]> {
  const byOffset = new Map(old.blocks.map((block) => [block.offset, block]));
  const ranges = new Ranges();
  const stored = new StoredPair(old.random(), now.random());
  try {
    for (const block of now.blocks) {
      const other = byOffset.get(block.offset);
      const { offset, size, method, storedBytes } = block;
      if (size === 0 || other?.size !== size || other.method !== method || other.storedBytes !== storedBytes) continue;
      if (stored.areEqual(other.storedAt, block.storedAt, storedBytes)) ranges.add(offset, offset + size);
      await setImmediate();
    }
    return ranges.all;
  } finally {
    stored.close();
  }
}

/** For all pairs: nothing waits between reading and comparing. */
const STORED = [Buffer.allocUnsafeSlow(STORED_BYTES), Buffer.allocUnsafeSlow(STORED_BYTES)] as const;

/** Stretches of two files, which may stand at different places. */
class StoredPair {
  readonly #sides: readonly [RandomReader, RandomReader];

  constructor(old: RandomReader, now: RandomReader) {
    this.#sides = [old, now];
  }

  areEqual(old: number, now: number, size: number): boolean {
    for (let at = 0; at < size; at += STORED_BYTES) {
      const wanted = Math.min(STORED_BYTES, size - at);
      const [one, other] = STORED.map((piece) => piece.subarray(0, wanted)) as [Buffer, Buffer];
      if (this.#sides[0].read(one, old + at) < wanted || this.#sides[1].read(other, now + at) < wanted) return false;
      if (!one.equals(other)) return false;
    }
    return true;
  }

  close(): void {
    for (const side of this.#sides) side.close();
  }
}

async function equalPieces(pieces: FilePieces): Promise<readonly Range[]> {
  const ranges = new Ranges();
  for await (const piece of pieces) {
    ranges.addPieces(piece);
    if (piece.old.length !== piece.now.length) break;
  }
  return ranges.all;
}

/** What stands at `position` in both files, as long on both sides but where one ends. */
export type FilePiece = { readonly position: number; readonly old: Uint8Array; readonly now: Uint8Array };
export type FilePieces = AsyncIterable<FilePiece>;

/**
 * Both sides from start to end in large pieces, each overwritten by the next; undefined where one of them cannot be read
 * from anywhere.
 */
export function filePieces(left: ByteSource, right: ByteSource): FilePieces | undefined {
  if (left.memory !== undefined && right.memory !== undefined) return piecesInMemory(left.memory, right.memory);
  return left.random === undefined || right.random === undefined
    ? undefined
    : piecesOfFiles(left.random.bind(left), right.random.bind(right));
}

async function* piecesInMemory(old: Uint8Array, now: Uint8Array): AsyncGenerator<FilePiece> {
  if (old.length > 0 || now.length > 0) yield { position: 0, old, now };
}

async function* piecesOfFiles(openLeft: () => RandomReader, openRight: () => RandomReader): AsyncGenerator<FilePiece> {
  const left = openLeft();
  const right = openRight();
  try {
    let [old, now] = [Buffer.allocUnsafeSlow(FIRST_READ_BYTES), Buffer.allocUnsafeSlow(FIRST_READ_BYTES)];
    for (let position = 0, count = 1; ; count++) {
      const [one, other] = [left.read(old, position), right.read(now, position)];
      if (one > 0 || other > 0) yield { position, old: old.subarray(0, one), now: now.subarray(0, other) };
      if (Math.max(one, other) < old.length) return;
      position += old.length;
      if (count === 1) [old, now] = [Buffer.allocUnsafeSlow(READ_BYTES), Buffer.allocUnsafeSlow(READ_BYTES)];
      if (count % READS_IN_A_ROW === 0) await setImmediate();
    }
  } finally {
    left.close();
    right.close();
  }
}

/** Ranges added in order; those that touch become one. */
export class Ranges {
  readonly #ranges: { start: number; end: number }[] = [];

  add(start: number, end: number): void {
    if (start === end) return;
    const last = this.#ranges.at(-1);
    if (last?.end === start) last.end = end;
    else this.#ranges.push({ start, end });
  }

  /** Adds what is equal of them, and says whether all of it is. */
  addPieces({ position, old, now }: FilePiece): boolean {
    const length = Math.min(old.length, now.length);
    const same = (from: number, to: number): boolean =>
      Buffer.compare(old.subarray(from, to), now.subarray(from, to)) === 0;
    const equal = same(0, length);
    if (equal) this.add(position, position + length);
    else
      for (let at = 0; at < length; at += PIECE_BYTES) {
        const end = Math.min(length, at + PIECE_BYTES);
        if (same(at, end)) this.add(position + at, position + end);
      }
    return equal && old.length === now.length;
  }

  get all(): readonly Range[] {
    return this.#ranges;
  }
}
