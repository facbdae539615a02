import type { RpmFile } from '../formats/index.ts';

/** Bytes that can be read again, as often as asked, from any offset. */
export interface ByteSource {
  /** For people: what it is called, escaped. */
  readonly name: string;
  /** Bytes; undefined where only reading tells, as for a compressed file's content. */
  readonly size: number | undefined;
  /**
   * The bytes from `start` on, 0 when absent; nothing when the content ends before. Chunks are the reader's to keep; with
   * `lent` they may be overwritten once the next is asked for, which costs less. Of what stands from `end` on nothing will
   * be read: a source may leave it out, and need not prepare for it.
   */
  open(start?: number, chunks?: 'lent', end?: number): AsyncIterable<Uint8Array>;
  /**
   * How the content is stored, where pieces of it can be reached alone and be told equal without unpacking them: in
   * order, without gaps, all of it. Undefined where it is not stored so.
   */
  blocks?(): Promise<StoredBlocks | undefined>;
  /** Of a package's payload, packed or not: the files that its header tells, for a payload that names them by number. */
  payloadFiles?(): readonly RpmFile[];
  /** True where beginning anywhere costs nothing: a file, a buffer, a range of either. */
  readonly seekable?: boolean;
  /** All of it, where it is in memory. */
  readonly memory?: Uint8Array;
  /** Reads at any place into the caller's memory, which costs less than a stream: as `seekable`. */
  random?(): RandomReader;
  /** True where opening at `to` costs less than reading on from `from` up to it; never past the end. */
  cheaperAt?(from: number, to: number): boolean;
}

/** Reading at any place; to be closed. */
export interface RandomReader {
  /** Fills `into` from `position` on, and gives how many bytes there were: fewer only at the end. */
  read(into: Uint8Array, position: number): number;
  close(): void;
}

/** Blocks, and the bytes that they are stored in. */
export type StoredBlocks = { readonly blocks: readonly StoredBlock[]; random(): RandomReader };

/**
 * `size` bytes of content at `offset`, stored in `storedBytes` from `storedAt` on. Blocks of one size and one `method`
 * whose stored bytes are equal hold the same bytes.
 */
export type StoredBlock = {
  readonly offset: number;
  readonly size: number;
  readonly method: string;
  readonly storedAt: number;
  readonly storedBytes: number;
};

/** `size` bytes of `parent` from `offset` on, as a source of their own. */
export function rangeSource(parent: ByteSource, range: { name: string; offset: number; size: number }): ByteSource {
  const { name, offset, size } = range;
  const { blocks, memory, random, cheaperAt } = parent;
  return {
    name,
    size,
    seekable: parent.seekable === true,
    ...(blocks === undefined ? {} : { blocks: async () => blocksWithin(await blocks(), offset, offset + size) }),
    ...(memory === undefined ? {} : { memory: memory.subarray(offset, offset + size) }),
    ...(random === undefined ? {} : { random: () => randomWithin(random(), offset, size) }),
    ...(cheaperAt === undefined
      ? {}
      : { cheaperAt: (from: number, to: number) => to <= size && cheaperAt(offset + from, offset + to) }),
    async *open(start = 0, chunks, end = size) {
      let left = size - start;
      if (left <= 0) return;
      for await (const chunk of parent.open(offset + start, chunks, offset + Math.min(end, size))) {
        if (chunk.length >= left) {
          yield chunk.subarray(0, left);
          return;
        }
        left -= chunk.length;
        yield chunk;
      }
    },
  };
}

/** Blocks by offset from `start`; of those that reach over an edge the part within, named for which part it is. */
function blocksWithin(stored: StoredBlocks | undefined, start: number, end: number): StoredBlocks | undefined {
  if (stored === undefined) return undefined;
  const blocks = stored.blocks
    .filter((block) => block.offset < end && block.offset + block.size > start)
    .map((block) => {
      const from = Math.max(start, block.offset);
      const to = Math.min(end, block.offset + block.size);
      const within = `${from - block.offset}-${to - block.offset}`;
      const method = to - from === block.size ? block.method : `${block.method}[${within}]`;
      return { ...block, offset: from - start, size: to - from, method };
    });
  return { ...stored, blocks };
}

function randomWithin(parent: RandomReader, offset: number, size: number): RandomReader {
  return {
    read: (into, position) => {
      const count = Math.max(0, Math.min(into.length, size - position));
      return count === 0 ? 0 : parent.read(into.subarray(0, count), offset + position);
    },
    close: () => parent.close(),
  };
}

/** `stream` without its first `count` bytes. */
export async function* dropBytes(stream: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array> {
  let left = count;
  for await (const chunk of stream) {
    if (chunk.length > left) yield left > 0 ? chunk.subarray(left) : chunk;
    left = Math.max(0, left - chunk.length);
  }
}
