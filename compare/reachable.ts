import { ReproofError } from '../model/index.ts';
import type { ByteSource, StoredBlock } from './byte-source.ts';
import { equalRanges, type Range } from './equal-ranges.ts';
import { fileSource } from './file-source.ts';
import type { Helpers } from './helpers/helper-runner.ts';
import { bothOf } from './identity.ts';
import type { Context } from './types.ts';

/** Bytes of a file that is unpacked to disk, so that its parts can be read one by one. */
const UNPACKED_BYTES = 4 * 2 ** 30;
const FIRST_CHUNK_BYTES = 64 * 1024;
const CHUNK_BYTES = 2 ** 20;

/** Two sources that can be read from anywhere at once, with what is known to be equal in both: see equalRanges. */
export type ReachablePair = {
  readonly left: ByteSource;
  readonly right: ByteSource;
  readonly equal: readonly Range[];
  remove(): Promise<void>;
};

/**
 * Both sources, to be read from anywhere at once. What is inside something packed is unpacked to disk: where it is
 * stored in blocks only those that are asked for, and what both sides hold alike once for both.
 */
export async function reachablePair(left: ByteSource, right: ByteSource, { helpers }: Context): Promise<ReachablePair> {
  const equal = await equalRanges(left, right);
  const blocks = new UnpackedBlocks(helpers);
  const removals = [() => blocks.remove()];
  const reachable = async (source: ByteSource): Promise<ByteSource> => {
    if (source.seekable === true) return source;
    const stored = await source.blocks?.();
    if (stored !== undefined && stored.length > 0) return blocks.source(source, stored);
    const copy = await helpers.file(source, UNPACKED_BYTES);
    if (copy === undefined) return source;
    removals.push(() => copy.remove());
    return { ...(await fileSource(copy.path)), name: source.name };
  };
  const remove = async (): Promise<void> => {
    for (const removal of removals) await removal();
  };
  try {
    const [one, other] = await bothOf(reachable(left), reachable(right));
    return { left: one, right: other, equal, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

type ScratchFile = Awaited<ReturnType<Helpers['scratchFile']>>;

/** Blocks of one pair in one file, each unpacked when it is first read. */
class UnpackedBlocks {
  readonly #helpers: Helpers;
  readonly #places = new Map<string, Promise<number>>();
  #file: Promise<ScratchFile> | undefined;
  #end = 0;

  constructor(helpers: Helpers) {
    this.#helpers = helpers;
  }

  source(packed: ByteSource, blocks: readonly StoredBlock[]): ByteSource {
    const { name, size } = packed;
    const self = this;
    return {
      name,
      size,
      seekable: true,
      blocks: () => Promise.resolve(blocks),
      cheaperAt: (from, to) => to - from > CHUNK_BYTES && to <= (size ?? 0),
      async *open(start = 0) {
        let bytes = FIRST_CHUNK_BYTES;
        for (let index = blockAt(blocks, start); index < blocks.length; index++) {
          const block = blocks[index] as StoredBlock;
          const place = await self.#placeOf(packed, block);
          for (let at = Math.max(0, start - block.offset); at < block.size; ) {
            const chunk = Buffer.allocUnsafeSlow(Math.min(bytes, block.size - at));
            const { handle } = await self.#opened();
            await handle.read(chunk, 0, chunk.length, place + at);
            yield chunk;
            at += chunk.length;
            bytes = Math.min(CHUNK_BYTES, bytes * 2);
          }
        }
      },
    };
  }

  async remove(): Promise<void> {
    const file = await this.#file;
    await file?.handle.close();
    await file?.remove();
  }

  /** Where a block stands in the file; one of the same bytes stands there but once. */
  #placeOf(packed: ByteSource, block: StoredBlock): Promise<number> {
    const key = `${block.size} ${block.id}`;
    let place = this.#places.get(key);
    if (place === undefined) {
      place = this.#unpack(packed, block);
      this.#places.set(key, place);
    }
    return place;
  }

  async #unpack(packed: ByteSource, block: StoredBlock): Promise<number> {
    const { handle } = await this.#opened();
    const place = this.#end;
    this.#end += block.size;
    if (this.#end > UNPACKED_BYTES)
      throw new ReproofError('ARCHIVE_LIMIT', `unpacking blocks of ${packed.name}: more than ${UNPACKED_BYTES} bytes`, {
        context: { limit: 'unpacked bytes', value: UNPACKED_BYTES },
      });
    let written = 0;
    for await (const chunk of packed.open(block.offset)) {
      const piece = chunk.subarray(0, block.size - written);
      await handle.write(piece, 0, piece.length, place + written);
      written += piece.length;
      if (written === block.size) return place;
    }
    throw new ReproofError('ARCHIVE_MALFORMED', `unpacking ${packed.name} from byte ${block.offset}: it ends early`, {
      context: { offset: block.offset },
    });
  }

  #opened(): Promise<ScratchFile> {
    this.#file ??= this.#helpers.scratchFile();
    return this.#file;
  }
}

/** The index of the block that holds a byte; the number of blocks past the end. */
function blockAt(blocks: readonly StoredBlock[], position: number): number {
  let [low, high] = [0, blocks.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const block = blocks[middle] as StoredBlock;
    if (block.offset + block.size <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}
