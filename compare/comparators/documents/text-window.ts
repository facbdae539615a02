import { bothOf, inStep } from '../../identity.ts';
import type { ByteSource } from '../../types.ts';

/** Bytes shown before the first that differs. */
const BEFORE_BYTES = 8_192;

/** The same stretch of both sides, from a little before they begin to differ. */
export type TextWindow = {
  readonly offset: number;
  readonly left: Buffer;
  readonly right: Buffer;
  /** Whether both sides end in it. */
  readonly complete: boolean;
};

/** Reads up to `limitBytes` of either side around where they begin to differ. Undefined when they never do. */
export async function windowAroundChange(
  left: ByteSource,
  right: ByteSource,
  limitBytes: number,
): Promise<TextWindow | undefined> {
  let before: Buffer = Buffer.alloc(0);
  for await (const step of inStep(left, right)) {
    const at = firstDifference(step.left, step.right);
    if (at === undefined) {
      before = tail(before, step.left);
      continue;
    }
    // A whole number of the widest characters from the beginning.
    const kept = tail(before, step.left.subarray(0, at));
    const offset = Math.ceil((step.offset + at - kept.length) / 4) * 4;
    const [old, now] = await bothOf(take(left, offset, limitBytes), take(right, offset, limitBytes));
    return { offset, left: old.bytes, right: now.bytes, complete: old.ended && now.ended };
  }
  return undefined;
}

function firstDifference(left: Uint8Array, right: Uint8Array): number | undefined {
  const shared = Math.min(left.length, right.length);
  if (left.length === right.length && Buffer.compare(left, right) === 0) return undefined;
  for (let index = 0; index < shared; index++) if (left[index] !== right[index]) return index;
  return shared;
}

function tail(before: Buffer, piece: Uint8Array): Buffer {
  if (piece.length >= BEFORE_BYTES) return Buffer.from(piece.subarray(piece.length - BEFORE_BYTES));
  return Buffer.concat([before, piece]).subarray(-BEFORE_BYTES);
}

async function take(
  source: ByteSource,
  offset: number,
  limitBytes: number,
): Promise<{ bytes: Buffer; ended: boolean }> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of source.open(offset)) {
    const room = limitBytes - size;
    pieces.push(piece.subarray(0, room));
    size += Math.min(piece.length, room);
    if (piece.length > room) return { bytes: Buffer.concat(pieces), ended: false };
  }
  return { bytes: Buffer.concat(pieces), ended: true };
}
