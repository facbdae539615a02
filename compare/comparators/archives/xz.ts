import { readXz, type XzBlock, type XzStream, xzFrame } from '../../../formats/index.ts';
import { isReproofError } from '../../../model/index.ts';
import { bothOf } from '../../both-sides.ts';
import { type ByteSource, dropBytes, rangeSource, type StoredBlock } from '../../byte-source.ts';
import type { Context, Head, MemberHeader, WrapperComparator } from '../../types.ts';
import { packedEnd, packedOnly, TRAILING, trailingFields } from './packed-end.ts';
import { explainXzPacking } from './xz-packing.ts';
import { type Sized, XzTogether } from './xz-together.ts';
import { runXz, unpackedXz } from './xz-unpacking.ts';

const ID = 'xz';
const MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0];
/** 2 TiB in blocks of dpkg-deb's size, and an index that fits in memory. */
const CHECKS: Readonly<Record<number, string>> = { 0: 'none', 1: 'CRC32', 4: 'CRC64', 10: 'SHA-256' };
const LIMITS = { blocks: 100_000, streams: 1_000 };
/** What starting xz anew costs, in bytes that it unpacks in that time. */
const STARTING_BYTES = 2 * 2 ** 20;
/** The next block is mostly unpacked already while this one is read, where it is not larger. */
const AHEAD_BYTES = 32 * 2 ** 20;

/**
 * xz files, unpacked by xz(1). Where the indexes at the ends can be read, the content's size is known, it is reached
 * from the block that holds it, and blocks packed alike on both sides need no unpacking. What follows the streams, beside
 * padding, is a fact, and then they are read from their start.
 */
export const xz: WrapperComparator = {
  kind: 'wrapper',
  id: ID,
  recognizes: (head: Head) => MAGIC.every((byte, index) => head[index] === byte),
  async unwrap(source, context) {
    const streams = await streamsOf(source);
    return streams === undefined ? unpackedXz(packedOnly(source, ID), context) : inBlocks(source, streams, context);
  },
  async unwrapTogether(sources, context) {
    const sized: Sized[] = [];
    for (const source of sources) {
      const streams = await streamsOf(source);
      if (streams !== undefined) sized.push({ source, contentBytes: contentBytes(streams) });
    }
    return new XzTogether(sized, context);
  },
  following: async (source) => ((await streamsOf(source)) === undefined ? packedEnd(source, ID) : undefined),
  header,
  async *explainPacking(left, right, context) {
    const headers = await bothOf(header(left), header(right));
    if (headers.every((said) => said[TRAILING] === undefined)) yield* explainXzPacking(left, right, context);
  },
};

async function header(source: ByteSource): Promise<MemberHeader> {
  const streams = await streamsOf(source);
  if (streams === undefined) return trailingFields(source, ID);
  const padding = (source.size ?? 0) - (streams.at(-1)?.end ?? 0);
  return { ...headerOf(streams), ...(padding === 0 ? {} : { [TRAILING]: `${padding} bytes of zero` }) };
}

function contentBytes(streams: readonly XzStream[]): number {
  let bytes = 0;
  for (const { blocks } of streams) for (const block of blocks) bytes += block.contentBytes;
  return bytes;
}

/** What the indexes say of how it was packed. */
function headerOf(streams: readonly XzStream[]): MemberHeader {
  const blocks = streams.flatMap((stream) => stream.blocks);
  const sizes = new Set(blocks.slice(0, -1).map((block) => block.contentBytes));
  const check = [...new Set(streams.map(({ flags }) => flags[1] as number))].map((id) => CHECKS[id] ?? `check ${id}`);
  return {
    check: check.join(', '),
    blocks: String(blocks.length),
    ...(streams.length === 1 ? {} : { streams: String(streams.length) }),
    ...(sizes.size === 0 ? {} : { 'block size': sizes.size === 1 ? String([...sizes][0]) : 'varying' }),
  };
}

/** Undefined where the source cannot be read from its end, or is not as its indexes say: xz itself then judges it. */
async function streamsOf(source: ByteSource): Promise<readonly XzStream[] | undefined> {
  const { random, size } = source;
  if (random === undefined || size === undefined) return undefined;
  const reader = random();
  try {
    const readAt = async (offset: number, bytes: number): Promise<Buffer> => {
      const into = Buffer.allocUnsafeSlow(bytes);
      return into.subarray(0, reader.read(into, offset));
    };
    return await readXz(readAt, size, LIMITS);
  } catch (error) {
    if (isReproofError(error, 'ARCHIVE_MALFORMED', 'ARCHIVE_LIMIT')) return undefined;
    throw error;
  } finally {
    reader.close();
  }
}

/** A block with where its content stands in the whole. */
type Placed = { readonly block: XzBlock; readonly stream: XzStream; readonly offset: number };

function inBlocks(source: ByteSource, streams: readonly XzStream[], context: Context): ByteSource {
  const placed: Placed[] = [];
  let size = 0;
  for (const stream of streams)
    for (const block of stream.blocks) {
      placed.push({ block, stream, offset: size });
      size += block.contentBytes;
    }
  const at = (position: number): Placed | undefined => {
    let [low, high] = [0, placed.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((placed[middle] as Placed).offset <= position) low = middle + 1;
      else high = middle;
    }
    return placed[low - 1];
  };
  const { random } = source;
  return {
    name: source.name,
    size,
    ...(random === undefined ? {} : { blocks: async () => ({ blocks: placed.map(storedBlock), random }) }),
    cheaperAt: (from, to) => {
      const [here, there] = [at(from), at(to)];
      if (here === undefined || there === undefined || to > size) return false;
      const ahead = at(here.offset + here.block.contentBytes)?.block.contentBytes ?? 0;
      return there.offset - from > STARTING_BYTES + Math.min(ahead, AHEAD_BYTES);
    },
    async *open(start = 0, chunks, end = size) {
      const unpack = (input: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> => runXz({ input, chunks }, context);
      const last = end < size ? at(end - 1) : undefined;
      if (start === 0 && last === undefined) return yield* unpack(source.open(0, 'lent'));
      const first = at(start);
      if (first === undefined || start >= Math.min(end, size)) return;
      const input = last?.stream === first.stream ? between(source, first, last) : from(source, first);
      yield* dropBytes(unpack(input), start - first.offset);
    },
  };
}

/** The file as if it began with this block, to its end. */
async function* from(source: ByteSource, first: Placed): AsyncGenerator<Uint8Array> {
  yield* between(source, first, undefined);
  yield* source.open(first.stream.end, 'lent');
}

/** A stream as if it held only these blocks and those between them; without a last one, all from the first on. */
async function* between(
  source: ByteSource,
  { block, stream }: Placed,
  last: Placed | undefined,
): AsyncGenerator<Uint8Array> {
  const end = last === undefined ? stream.indexOffset : last.block.offset + last.block.storedBytes;
  const blocks = stream.blocks.filter(({ offset }) => offset >= block.offset && offset < end);
  const { header, trailer } = xzFrame(stream.flags, blocks);
  yield header;
  const stored = { name: source.name, offset: block.offset, size: end - block.offset };
  yield* rangeSource(source, stored).open(0, 'lent');
  yield trailer;
}

/** A block with all its bytes, header and check among them: what it is unpacked by, and to. */
function storedBlock({ block, stream, offset }: Placed): StoredBlock {
  const method = stream.flags.toString('hex');
  return { offset, size: block.contentBytes, method, storedAt: block.offset, storedBytes: block.storedBytes };
}
