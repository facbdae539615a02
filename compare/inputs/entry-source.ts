import { constants, createReadStream } from 'node:fs';
import { ReproofError } from '../../model/index.ts';
import type { ByteSource } from '../byte-source.ts';

const CHUNK_BYTES = 1024 * 1024;
/** What was a regular file when it was listed is no longer followed or waited for when it has become something else. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A regular file that a folder listed, by the bytes of its path. Opening throws Node's own error. */
export function entrySource(path: Buffer, name: string, size: number): ByteSource {
  return {
    name,
    size,
    seekable: true,
    // Node's types know flags as words only; numbers are documented.
    open: (start = 0) =>
      createReadStream(path, { start, highWaterMark: CHUNK_BYTES, flags: FLAGS as unknown as string }),
  };
}

/** What cannot be read: opening it throws ARCHIVE_MALFORMED with `why` as its message, which is a note wherever it is looked into. */
export function unreadableSource(name: string, why: string): ByteSource {
  return {
    name,
    size: undefined,
    // biome-ignore lint/correctness/useYield: it throws instead.
    async *open() {
      throw new ReproofError('ARCHIVE_MALFORMED', why);
    },
  };
}
