import { crc32 } from 'node:zlib';
import { ReproofError } from '../model/index.ts';

/** One block: where it stands in the file, header, padding and check included, and how much content it holds. */
export type XzBlock = {
  readonly offset: number;
  readonly storedBytes: number;
  /** `storedBytes` without the padding, as the index has it. */
  readonly unpaddedBytes: number;
  readonly contentBytes: number;
};

/** One stream, its stream padding not included. `flags` are those of its header: two bytes, the second the check's id. */
export type XzStream = {
  readonly flags: Buffer;
  readonly blocks: readonly XzBlock[];
  readonly offset: number;
  /** Where its index starts, and where the stream ends. */
  readonly indexOffset: number;
  readonly end: number;
};

/** Upper limits of one file. Passing one throws ARCHIVE_LIMIT. */
export type XzLimits = { readonly blocks: number; readonly streams: number };

/** The bytes of the file at `offset`; fewer only at its end. */
export type ReadAt = (offset: number, size: number) => Promise<Buffer>;

const HEADER_MAGIC = Buffer.from('fd377a585a00', 'hex');
const FOOTER_MAGIC = 'YZ';
/** Of a stream's header, and of its footer. */
const FRAME_BYTES = 12;

/**
 * The streams of an xz file of `size` bytes and their blocks, from the indexes at the ends ("The .xz File Format",
 * 1.2.1): no block is unpacked, so a block's sizes are what the index claims until it is. Everything else is verified:
 * CRCs, that header and footer agree, that sizes add up to where things stand. Throws ARCHIVE_MALFORMED, ARCHIVE_LIMIT.
 */
export async function readXz(readAt: ReadAt, size: number, limits: XzLimits): Promise<readonly XzStream[]> {
  const streams: XzStream[] = [];
  let blocks = limits.blocks;
  let padding = 0;
  for (let end = size; end > 0; ) {
    const footer = await exactly(readAt, end - FRAME_BYTES, FRAME_BYTES);
    if (footer.readUInt32LE(8) === 0) {
      // Stream padding: NULs in fours.
      end -= 4;
      padding += 4;
      if (padding > MOST_PADDING) throw passed('stream padding', MOST_PADDING);
      continue;
    }
    if (streams.length >= limits.streams) throw passed('streams', limits.streams);
    const stream = await readStream(readAt, end, footer, blocks);
    blocks -= stream.blocks.length;
    streams.unshift(stream);
    end = stream.offset;
  }
  if (streams[0]?.offset !== 0) throw malformed('stream header', 0);
  return streams;
}

const MOST_PADDING = 2 ** 16;

async function readStream(readAt: ReadAt, end: number, footer: Buffer, limit: number): Promise<XzStream> {
  const at = end - FRAME_BYTES;
  const magic = footer.toString('latin1', 10);
  if (magic !== FOOTER_MAGIC || crc32(footer.subarray(4, 10)) !== footer.readUInt32LE(0))
    throw malformed('stream footer', at);
  const flags = footer.subarray(8, 10);
  const indexBytes = (footer.readUInt32LE(4) + 1) * 4;
  // A record is two numbers of up to nine bytes.
  if (indexBytes > limit * 18 + 32) throw passed('blocks', limit);
  const indexOffset = at - indexBytes;
  const index = await exactly(readAt, indexOffset, indexBytes);
  const records = readIndex(index, indexOffset, limit);
  const stored = records.reduce((sum, record) => sum + record.storedBytes, 0);
  const offset = indexOffset - stored - FRAME_BYTES;
  const header = await exactly(readAt, offset, FRAME_BYTES);
  const whole = header.subarray(0, 6).equals(HEADER_MAGIC) && crc32(header.subarray(6, 8)) === header.readUInt32LE(8);
  if (!whole || !header.subarray(6, 8).equals(flags)) throw malformed('stream header', offset);
  let position = offset + FRAME_BYTES;
  const blocks = records.map((record) => {
    const block = { offset: position, ...record };
    position += record.storedBytes;
    return block;
  });
  return { flags: Buffer.from(flags), blocks, offset, indexOffset, end };
}

function readIndex(index: Buffer, offset: number, limit: number): readonly Omit<XzBlock, 'offset'>[] {
  const end = index.length - 4;
  if (index[0] !== 0 || crc32(index.subarray(0, end)) !== index.readUInt32LE(end)) throw malformed('index', offset);
  let at = 1;
  const number = (): number => {
    let value = 0;
    for (let shift = 1, count = 0; count < 9 && at < end; shift *= 128, count++) {
      const byte = index[at++] as number;
      value += (byte & 127) * shift;
      if (byte < 128) {
        if (byte === 0 && count > 0) break;
        if (value > Number.MAX_SAFE_INTEGER / 4) break;
        return value;
      }
    }
    throw malformed('number in index', offset + at);
  };
  const count = number();
  if (count > limit) throw passed('blocks', limit);
  const records: Omit<XzBlock, 'offset'>[] = [];
  let total = 0;
  while (records.length < count) {
    const unpaddedBytes = number();
    const contentBytes = number();
    total += unpaddedBytes + contentBytes;
    if (unpaddedBytes < 5 || total > Number.MAX_SAFE_INTEGER / 4) throw malformed('sizes in index', offset + at);
    records.push({ unpaddedBytes, contentBytes, storedBytes: Math.ceil(unpaddedBytes / 4) * 4 });
  }
  const padding = index.subarray(at, end);
  if (padding.length > 3 || !padding.every((byte) => byte === 0)) throw malformed('padding of index', offset + at);
  return records;
}

/** What makes a stream of its own of some of a stream's blocks: what goes before them, and what after. */
export function xzFrame(
  flags: Buffer,
  blocks: readonly XzBlock[],
): { readonly header: Buffer; readonly trailer: Buffer } {
  const records = blocks.flatMap((block) => [...numberBytes(block.unpaddedBytes), ...numberBytes(block.contentBytes)]);
  const unpadded = [0, ...numberBytes(blocks.length), ...records];
  const body = Buffer.from([...unpadded, ...new Array((4 - (unpadded.length % 4)) % 4).fill(0)]);
  const index = Buffer.concat([body, checksum(body)]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(index.length / 4 - 1);
  const footer = Buffer.concat([size, flags]);
  return {
    header: Buffer.concat([HEADER_MAGIC, flags, checksum(flags)]),
    trailer: Buffer.concat([index, checksum(footer), footer, Buffer.from(FOOTER_MAGIC)]),
  };
}

/** An xz file that holds 1 to 65,536 bytes as they are: one chunk of LZMA2, not packed, without a check (sections 3, 5.3.1). */
export function xzStored(content: Uint8Array): Buffer {
  const filter = Buffer.from([2, 0, 0x21, 1, 0, 0, 0, 0]);
  const chunk = Buffer.concat([Buffer.from([1, (content.length - 1) >> 8, (content.length - 1) & 0xff]), content, NUL]);
  const unpadded = Buffer.concat([filter, checksum(filter), chunk]);
  const block = Buffer.concat([unpadded, Buffer.alloc((4 - (unpadded.length % 4)) % 4)]);
  const sizes = { unpaddedBytes: unpadded.length, storedBytes: block.length, contentBytes: content.length };
  const { header, trailer } = xzFrame(Buffer.alloc(2), [{ offset: FRAME_BYTES, ...sizes }]);
  return Buffer.concat([header, block, trailer]);
}

const NUL = Buffer.alloc(1);

function numberBytes(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  bytes.push(left);
  return bytes;
}

function checksum(bytes: Buffer): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(bytes));
  return sum;
}

async function exactly(readAt: ReadAt, offset: number, size: number): Promise<Buffer> {
  if (offset < 0) throw malformed('stream', 0, 'it is shorter than its index says');
  const bytes = await readAt(offset, size);
  if (bytes.length < size) throw malformed('stream', offset, 'the file ends inside it');
  return bytes;
}

function malformed(what: string, offset: number, why?: string): ReproofError {
  const message = `reading ${what} of xz file at byte ${offset}${why === undefined ? '' : `: ${why}`}`;
  return new ReproofError('ARCHIVE_MALFORMED', message, { context: { offset } });
}

function passed(limit: string, value: number): ReproofError {
  const message = `reading xz file: more than ${value} ${limit}`;
  return new ReproofError('ARCHIVE_LIMIT', message, { context: { limit, value } });
}
