import { createHash } from 'node:crypto';
import { ReproofError } from '../model/index.ts';
import { ByteReader } from './byte-reader.ts';

/** A frame of a zstd file, RFC 8878 3.1. */
export type ZstdFrame =
  | {
      readonly kind: 'frame';
      /** Bytes that a decoder must keep; undefined where it is the content's size. */
      readonly window: number | undefined;
      /** Bytes; undefined where the header does not say. */
      readonly contentSize: bigint | undefined;
      readonly dictionary: number;
      readonly checksum: boolean;
      readonly blocks: number;
    }
  /** `variant` is 0 to 15; `sha256` of what is in it. */
  | { readonly kind: 'skippable'; readonly variant: number; readonly size: number; readonly sha256: string };

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;

/**
 * The frames of a zstd file, without unpacking them. `limits.frames` bounds them.
 * Throws ARCHIVE_MALFORMED, its context holding `offset`, for anything else or where it ends early; ARCHIVE_LIMIT.
 */
export async function* readZstdFrames(
  source: AsyncIterable<Uint8Array>,
  limits: { readonly frames: number },
): AsyncGenerator<ZstdFrame> {
  const reader = new ByteReader(source);
  try {
    for (let count = 0; ; count++) {
      const offset = reader.position;
      const magic = await reader.read(4);
      if (magic.length === 0 && count > 0) return;
      if (count >= limits.frames)
        throw new ReproofError(
          'ARCHIVE_LIMIT',
          `reading zstd file at byte ${offset}: more than ${limits.frames} frames`,
          {
            context: { limit: 'frames', value: limits.frames, offset },
          },
        );
      const number = magic.length < 4 ? 0 : magic.readUInt32LE(0);
      if (number === MAGIC) yield await readFrame(reader);
      else if ((number & 0xfffffff0) >>> 0 === SKIPPABLE) {
        const size = (await exactly(reader, 4, 'skippable frame')).readUInt32LE(0);
        const hash = createHash('sha256');
        for await (const piece of reader.stream(size)) hash.update(piece);
        if (reader.position < offset + 8 + size) throw malformed('skippable frame', offset);
        yield { kind: 'skippable', variant: number & 15, size, sha256: hash.digest('hex') };
      } else throw malformed('magic', offset);
    }
  } finally {
    await reader.close();
  }
}

async function readFrame(reader: ByteReader): Promise<ZstdFrame> {
  const offset = reader.position;
  const descriptor = (await exactly(reader, 1, 'frame header')).readUInt8(0);
  if ((descriptor & 8) !== 0) throw malformed('frame header', offset, 'a reserved bit is set');
  const single = (descriptor & 0x20) !== 0;
  const checksum = (descriptor & 4) !== 0;
  const window = single ? undefined : windowSize((await exactly(reader, 1, 'window')).readUInt8(0));
  const idBytes = [0, 1, 2, 4][descriptor & 3] as number;
  const id = await exactly(reader, idBytes, 'dictionary id');
  const sizeBytes = [single ? 1 : 0, 2, 4, 8][descriptor >> 6] as number;
  const size = Buffer.alloc(8);
  (await exactly(reader, sizeBytes, 'content size')).copy(size);
  const blocks = await skipBlocks(reader);
  if (checksum) await exactly(reader, 4, 'checksum');
  return {
    kind: 'frame',
    window,
    contentSize: sizeBytes === 0 ? undefined : size.readBigUInt64LE(0) + (sizeBytes === 2 ? 256n : 0n),
    dictionary: idBytes === 0 ? 0 : id.readUIntLE(0, idBytes),
    checksum,
    blocks,
  };
}

function windowSize(byte: number): number {
  const base = 2 ** (10 + (byte >> 3));
  return base + (base / 8) * (byte & 7);
}

async function skipBlocks(reader: ByteReader): Promise<number> {
  for (let count = 1; ; count++) {
    const offset = reader.position;
    const header = (await exactly(reader, 3, 'block header')).readUIntLE(0, 3);
    const type = (header >> 1) & 3;
    if (type === 3) throw malformed('block header', offset);
    const size = type === 1 ? 1 : header >> 3;
    if ((await reader.skip(size)) < size) throw malformed('block', offset, 'the file ends inside it');
    if ((header & 1) !== 0) return count;
  }
}

async function exactly(reader: ByteReader, count: number, what: string): Promise<Buffer> {
  const offset = reader.position;
  const bytes = await reader.read(count);
  if (bytes.length < count) throw malformed(what, offset, 'the file ends inside it');
  return bytes;
}

function malformed(what: string, offset: number, why?: string): ReproofError {
  const message = `reading ${what} of zstd file at byte ${offset}${why === undefined ? '' : `: ${why}`}`;
  return new ReproofError('ARCHIVE_MALFORMED', message, { context: { offset } });
}
