import { createHash } from 'node:crypto';
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
  const ids: string[] = [];
  const ends: number[] = [];
  const [mask, least, most] = [average - 1, average >> 2, average * 8];
  let offset = start;
  let length = 0;
  let rolling = 0;
  let hash = createHash('sha1');
  const end = (): void => {
    ids.push(hash.digest('base64'));
    ends.push(offset);
    hash = createHash('sha1');
    length = 0;
  };
  for await (const chunk of source.open(start)) {
    let from = 0;
    for (let index = 0; index < chunk.length; index++) {
      rolling = ((rolling << 1) + (GEAR[chunk[index] as number] as number)) | 0;
      length++;
      // The upper bits: the lower ones know only the last few bytes.
      const isEnd = length >= least && ((rolling >>> 8) & mask) === 0;
      if (!isEnd && length < most) continue;
      hash.update(chunk.subarray(from, index + 1));
      offset += index + 1 - from;
      from = index + 1;
      end();
    }
    hash.update(chunk.subarray(from));
    offset += chunk.length - from;
  }
  if (length > 0) end();
  return { ids, ends };
}

/** A number for each byte, spread well, the same each time. */
function gearTable(): Int32Array {
  const digest = (seed: number): Buffer => createHash('sha256').update(`gear ${seed}`).digest();
  return Int32Array.from({ length: 256 }, (_, byte) => digest(byte).readInt32LE(0));
}
