import { createHash, hash } from 'node:crypto';
import { bothOf } from '../../identity.ts';
import { lineEdits } from '../../lines/line-edits.ts';
import type { ByteSource } from '../../types.ts';
import type { RangePair } from './differing-ranges.ts';

/** About so many pieces are made of a side, whatever its size. */
const PIECES = 65_536;
const SMALLEST_PIECE = 64;
/** Bytes that decide where a piece ends: those that a hash of 32 bits, shifted by one for each, still knows. */
const GEAR = gearTable();

/**
 * Stretches that differ where equal ones may stand at other offsets: both sides from `start` on are cut into pieces
 * where a rolling hash of the last 32 bytes says so (content-defined chunking, as LBFS and FastCDC do it), and the
 * pieces compared as lines are. `size` is that of the larger side. One pass of either, memory bounded by PIECES.
 */
export async function shiftedRanges(
  left: ByteSource,
  right: ByteSource,
  { start, size }: { readonly start: number; readonly size: number },
): Promise<readonly RangePair[]> {
  const average = Math.max(SMALLEST_PIECE, 2 ** Math.ceil(Math.log2(Math.max(1, (size - start) / PIECES))));
  const [old, now] = await bothOf(cut(left, start, average), cut(right, start, average));
  const edits = lineEdits({ left: old.ids, right: now.ids, leftOpen: false, rightOpen: false });
  const range = (ends: readonly number[], from: number, to: number): RangePair['left'] => {
    const offset = from === 0 ? start : (ends[from - 1] as number);
    return { offset, size: to === 0 ? 0 : (ends[to - 1] as number) - offset };
  };
  return edits.map((edit) => ({
    left: range(old.ends, edit.leftFrom, edit.leftTo),
    right: range(now.ends, edit.rightFrom, edit.rightTo),
  }));
}

type Pieces = { readonly ids: readonly string[]; readonly ends: readonly number[] };

async function cut(source: ByteSource, start: number, average: number): Promise<Pieces> {
  const cutter = new Cutter(start, average);
  for await (const chunk of source.open(start)) cutter.take(chunk);
  cutter.end();
  return cutter;
}

/** Cuts what it is given, chunk by chunk. */
class Cutter implements Pieces {
  /** One that stays: see let-go.ts. */
  static readonly lasting = new Cutter(0, SMALLEST_PIECE);

  readonly ids: string[] = [];
  readonly ends: number[] = [];
  readonly #mask: number;
  readonly #least: number;
  readonly #most: number;
  /** What of the piece at hand came with earlier chunks. */
  #before: Uint8Array[] = [];
  #offset: number;
  #length = 0;
  #rolling = 0;

  constructor(start: number, average: number) {
    this.#offset = start;
    this.#mask = average - 1;
    this.#least = average >> 2;
    this.#most = average * 8;
  }

  take(chunk: Uint8Array): void {
    let from = 0;
    let rolling = this.#rolling;
    let length = this.#length;
    for (let index = 0; index < chunk.length; index++) {
      rolling = ((rolling << 1) + (GEAR[chunk[index] as number] as number)) | 0;
      length++;
      // The upper bits: the lower ones know only the last few bytes.
      const isEnd = length >= this.#least && ((rolling >>> 8) & this.#mask) === 0;
      if (!isEnd && length < this.#most) continue;
      this.#add(chunk.subarray(from, index + 1));
      from = index + 1;
      length = 0;
    }
    this.#rolling = rolling;
    this.#length = length;
    if (from < chunk.length) this.#before.push(chunk.subarray(from));
  }

  end(): void {
    if (this.#length > 0) this.#add(new Uint8Array(0));
  }

  #add(last: Uint8Array): void {
    const piece = this.#before.length === 0 ? last : Buffer.concat([...this.#before, last]);
    this.#before = [];
    this.#offset += piece.length;
    this.ids.push(hash('sha1', piece, 'base64'));
    this.ends.push(this.#offset);
  }
}

/** A number for each byte, spread well, the same each time. */
function gearTable(): Int32Array {
  const digest = (seed: number): Buffer => createHash('sha256').update(`gear ${seed}`).digest();
  return Int32Array.from({ length: 256 }, (_, byte) => digest(byte).readInt32LE(0));
}
