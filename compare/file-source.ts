import { closeSync, openSync, readSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { ByteSource, RandomReader } from './byte-source.ts';
import type { Range } from './equal-ranges.ts';
import { escapeText } from './escape.ts';

/** The first chunk is small, for readers of a header; each is four times the one before, up to the largest. */
const FIRST_CHUNK_BYTES = 4 * 1024;
const CHUNK_BYTES = 256 * 1024;
/** Reads block: after so many chunks whatever else waits has its turn. */
const CHUNKS_IN_A_ROW = 64;

/**
 * A regular file on disk; its name is the path's last part. Read synchronously, which costs less than any stream: what
 * waits for it waits at most for a few chunks. Throws Node's own error when it cannot be read.
 */
export async function fileSource(path: string): Promise<ByteSource> {
  const { size } = await stat(path);
  return {
    name: escapeText(basename(path)),
    size,
    seekable: true,
    open: (start = 0, chunks) => chunksOf(path, start, chunks),
    random: () => randomOf(path),
    cheaperAt: (from, to) => to - from > CHUNK_BYTES && to <= size,
  };
}

async function* chunksOf(path: string, start: number, chunks?: 'lent'): AsyncGenerator<Uint8Array> {
  const file = openSync(path, 'r');
  try {
    yield* chunksBetween(file, { start, end: Number.POSITIVE_INFINITY }, chunks);
  } finally {
    closeSync(file);
  }
}

/** What an open file holds between two positions, as `open` of a source gives it. */
export async function* chunksBetween(file: number, { start, end }: Range, chunks?: 'lent'): AsyncGenerator<Uint8Array> {
  let bytes = FIRST_CHUNK_BYTES;
  let last: Buffer | undefined;
  for (let position = start, count = 1; position < end; count++) {
    const wanted = Math.min(bytes, end - position);
    const chunk: Buffer = chunks === 'lent' && last?.length === wanted ? last : Buffer.allocUnsafeSlow(wanted);
    last = chunk;
    const length = readSync(file, chunk, 0, wanted, position);
    if (length === 0) return;
    yield length === wanted ? chunk : chunk.subarray(0, length);
    position += length;
    bytes = Math.min(CHUNK_BYTES, bytes * 4);
    if (count % CHUNKS_IN_A_ROW === 0) await setImmediate();
  }
}

function randomOf(path: string): RandomReader {
  const file = openSync(path, 'r');
  return {
    read: (into, position) => {
      let length = 0;
      while (length < into.length) {
        const count = readSync(file, into, length, into.length - length, position + length);
        if (count === 0) break;
        length += count;
      }
      return length;
    },
    close: () => closeSync(file),
  };
}
