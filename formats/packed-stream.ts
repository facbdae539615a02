import { bzip2Streams } from './bzip2-streams.ts';
import { Taken } from './taken-bytes.ts';
import { xzStreams } from './xz-streams.ts';

/** Formats whose streams show where they end without being unpacked. */
export type PackedStreamFormat = 'zstd' | 'lz4-legacy' | 'xz' | 'bzip2';

const ZSTD_MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
const LZ4_LEGACY_MAGIC = 0x184c2102;
/** What 8 MiB may grow to when they are packed. */
const LZ4_LEGACY_BLOCK_BYTES = 8 * 2 ** 20 + Math.ceil((8 * 2 ** 20) / 255) + 16;

/**
 * The bytes of the streams that a file begins with, and no more: what follows, as in an initrd, is left. Returns where
 * that is. What is broken or cut short is given to the end of the file: whoever unpacks it says so.
 * Sources: RFC 8878, 3.1; lz4_Frame_format.md 1.6.4, "Legacy frame".
 */
export async function* packedStream(
  source: AsyncIterable<Uint8Array>,
  format: PackedStreamFormat,
): AsyncGenerator<Uint8Array, number> {
  if (format === 'bzip2') return yield* bzip2Streams(source);
  const taken = new Taken(source);
  try {
    if (format === 'zstd') yield* zstdFrames(taken);
    else if (format === 'xz') yield* xzStreams(taken);
    else yield* lz4Blocks(taken);
    yield* taken.rest();
    return taken.end;
  } finally {
    await taken.reader.close();
  }
}

async function* zstdFrames(taken: Taken): AsyncGenerator<Uint8Array> {
  for (;;) {
    const magic = await taken.take(4);
    const number = magic.length < 4 ? 0 : magic.readUInt32LE(0);
    if (number === ZSTD_MAGIC) {
      if (!(yield* zstdFrame(taken))) return;
    } else if ((number & 0xfffffff0) >>> 0 === SKIPPABLE) {
      const size = await taken.take(4);
      if (!(yield* taken.through(size.length < 4 ? 4 : size.readUInt32LE(0)))) return;
    } else return;
  }
}

/** False where it is broken, or the file ends in it: all that is left was given. */
async function* zstdFrame(taken: Taken): AsyncGenerator<Uint8Array, boolean> {
  const descriptor = (await taken.take(1))[0] ?? 0;
  const single = (descriptor & 0x20) !== 0;
  const idBytes = [0, 1, 2, 4][descriptor & 3] as number;
  const sizeBytes = [single ? 1 : 0, 2, 4, 8][descriptor >> 6] as number;
  if (!(yield* taken.through((single ? 0 : 1) + idBytes + sizeBytes))) return false;
  for (;;) {
    const header = await taken.take(3);
    const value = header.length < 3 ? 0 : header.readUIntLE(0, 3);
    const type = (value >> 1) & 3;
    if (header.length < 3 || type === 3) {
      yield* taken.through(Number.POSITIVE_INFINITY);
      return false;
    }
    if (!(yield* taken.through(type === 1 ? 1 : value >> 3))) return false;
    if ((value & 1) !== 0) return (descriptor & 4) === 0 || (yield* taken.through(4));
  }
}

async function* lz4Blocks(taken: Taken): AsyncGenerator<Uint8Array> {
  for (;;) {
    const bytes = await taken.take(4);
    const size = bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
    // A further stream begins where a block could. Linux takes no bytes for the end, too.
    if (size !== LZ4_LEGACY_MAGIC && (size === 0 || size > LZ4_LEGACY_BLOCK_BYTES)) return;
    if (!(yield* taken.through(size === LZ4_LEGACY_MAGIC ? 0 : size))) return;
  }
}
