import { Readable } from 'node:stream';
import { constants, createZstdDecompress } from 'node:zlib';
import { ByteReader } from '../../formats/index.ts';
import { ReproofError } from '../../model/index.ts';

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
/** What a sender may make us hold: 32 MiB. zstd's own levels up to 19 stay below. */
const WINDOW_LOG = 25;
/** How long the field of the content's size is, by its two bits; one byte where the single segment bit is set. */
const SIZE_BYTES = [0, 2, 4, 8] as const;
const DICTIONARY_BYTES = [0, 1, 2, 4] as const;

/**
 * Unpacks zstd. Frames are told apart here and unpacked one by one: Node's zlib stops in silence after the first frame
 * of a piece (https://github.com/nodejs/node/issues/64741). Throws REQUEST_INVALID for what is no zstd, or ends early.
 */
export async function* readZstd(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(source);
  try {
    for (;;) {
      const magic = await reader.read(4);
      if (magic.length === 0) return;
      const number = magic.length < 4 ? 0 : magic.readUInt32LE(0);
      if (number === MAGIC) yield* unpack(frameBytes(reader, Buffer.from(magic)));
      else if ((number & 0xfffffff0) >>> 0 === SKIPPABLE) {
        const size = (await exactly(reader, 4)).readUInt32LE(0);
        if ((await reader.skip(size)) < size) throw malformed();
      } else throw malformed();
    }
  } finally {
    await reader.close();
  }
}

async function* unpack(frame: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const packed = Readable.from(frame, { objectMode: false });
  const unpacked = createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG } });
  packed.on('error', (error) => unpacked.destroy(error));
  packed.pipe(unpacked);
  try {
    for await (const chunk of unpacked) yield chunk as Buffer;
  } catch (cause) {
    if (cause instanceof ReproofError) throw cause;
    throw malformed(cause);
  } finally {
    packed.destroy();
    unpacked.destroy();
  }
}

/** The bytes of one frame, RFC 8878 3.1.1. */
async function* frameBytes(reader: ByteReader, magic: Buffer): AsyncGenerator<Uint8Array> {
  const descriptor = Buffer.from(await exactly(reader, 1));
  const flags = descriptor.readUInt8(0);
  const single = (flags & 0x20) !== 0;
  const sizeBytes = single && flags >> 6 === 0 ? 1 : SIZE_BYTES[(flags >> 6) as 0 | 1 | 2 | 3];
  const rest = (single ? 0 : 1) + DICTIONARY_BYTES[(flags & 3) as 0 | 1 | 2 | 3] + sizeBytes;
  yield Buffer.concat([magic, descriptor, await exactly(reader, rest)]);
  for (;;) {
    const header = Buffer.from(await exactly(reader, 3));
    const word = header.readUIntLE(0, 3);
    const kind = (word >> 1) & 3;
    yield Buffer.concat([header, await exactly(reader, kind === 1 ? 1 : word >> 3)]);
    if ((word & 1) !== 0) break;
  }
  if ((flags & 4) !== 0) yield Buffer.from(await exactly(reader, 4));
}

async function exactly(reader: ByteReader, length: number): Promise<Buffer> {
  const bytes = await reader.read(length);
  if (bytes.length < length) throw malformed();
  return bytes;
}

function malformed(cause?: unknown): ReproofError {
  return new ReproofError('REQUEST_INVALID', 'unpacking zstd: it is damaged, or ends early', { cause });
}
