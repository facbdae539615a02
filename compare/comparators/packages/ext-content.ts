import { setImmediate } from 'node:timers/promises';
import { type ExtInode, type ExtPiece, ExtReader } from '../../../formats/index.ts';
import { readBytesOf } from '../../random-access.ts';
import type { ByteSource, Context } from '../../types.ts';

const CHUNK_BYTES = 2 ** 20;
const NULS = new Uint8Array(CHUNK_BYTES);
/** Reads block: after so many whatever else waits has its turn. */
const READS_IN_A_ROW = 32;

/** The bytes of the file of this inode from `start` on. Holes are spent as what is read is: a small image may hold endless ones. */
export async function* extContent({
  number,
  source,
  start,
  context,
}: {
  readonly number: number;
  readonly source: ByteSource;
  readonly start: number;
  readonly context: Context;
}): AsyncGenerator<Uint8Array> {
  const { read, close } = readBytesOf(source);
  try {
    const reader = new ExtReader(read);
    const inode = reader.inode(number);
    let reads = 0;
    for (const { bytes, offset, size } of start < inode.size ? piecesOf(reader, inode, start) : []) {
      if (bytes !== undefined) yield bytes;
      for (let at = bytes?.length ?? 0; at < size; at += CHUNK_BYTES) {
        const length = Math.min(CHUNK_BYTES, size - at);
        if (offset === undefined) context.budget.spend('bytes', length);
        yield offset === undefined ? NULS.subarray(0, length) : reader.bytes(offset + at, length);
        if (++reads % READS_IN_A_ROW === 0) await setImmediate();
      }
    }
  } finally {
    close();
  }
}

function* piecesOf(
  reader: ExtReader,
  inode: ExtInode,
  start: number,
): Generator<ExtPiece & { readonly bytes?: Buffer }> {
  const kept = reader.inline(inode);
  if (kept === undefined) yield* reader.pieces(inode, start);
  else yield { bytes: kept.subarray(start), offset: undefined, size: inode.size - start };
}
