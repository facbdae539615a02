import { isReproofError, ReproofError } from '../model/index.ts';
import { type ByteSource, rangeSource, type StoredBlock, type StoredBlocks } from './byte-source.ts';
import { equalRanges, type Range } from './equal-ranges.ts';
import { chunksBetween, fileSource } from './file-source.ts';
import { type Helpers, written } from './helpers/helper-runner.ts';
import { bothOf } from './identity.ts';
import { unknownParts } from './same-stretch.ts';
import type { Context } from './types.ts';

/** Going on to a place as far as this costs more than beginning there. */
const NEAR_BYTES = 2 ** 20;

/** Two sources that can be read from anywhere at once, with what is known to be equal in both: see equalRanges. */
export type ReachablePair = {
  readonly left: ByteSource;
  readonly right: ByteSource;
  readonly equal: readonly Range[];
  remove(): Promise<void>;
};

/**
 * Both sources, to be read from anywhere at once. What is inside something packed is unpacked to disk: where it is
 * stored in blocks only those that are asked for, and what both sides hold alike once for both. Where no file can be
 * written they are given back as they are: all is as told, only slower.
 */
export async function reachablePair(left: ByteSource, right: ByteSource, context: Context): Promise<ReachablePair> {
  const { budget, helpers } = context;
  const equal = await equalRanges(left, right);
  const blocks = new UnpackedBlocks(context, equal);
  const removals = [() => blocks.remove()];
  const reachable = async (source: ByteSource): Promise<ByteSource> => {
    if (source.seekable === true) return source;
    const stored = await source.blocks?.();
    if (stored !== undefined && stored.blocks.length > 0 && (await blocks.canBeKept()))
      return blocks.source(source, stored);
    const copy = await orNone(helpers.file(source, budget.limits.copyBytes));
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

/** Undefined where no file can be written. */
async function orNone<Result>(file: Promise<Result>): Promise<Result | undefined> {
  try {
    return await file;
  } catch (error) {
    if (isReproofError(error, 'PROGRAM_FAILED')) return undefined;
    throw error;
  }
}

type ScratchFile = Awaited<ReturnType<Helpers['scratchFile']>>;

/** As many blocks of a side are kept where only they differ. */
const KEPT_BLOCKS = 3;

/** As a reachable pair; `equal` is undefined where that was not looked for. */
export type KeptPair = Omit<ReachablePair, 'equal'> & { readonly equal: readonly Range[] | undefined };

/**
 * Two sources of which little differs and the rest need not be read: what differs is unpacked once and kept on disk,
 * so that it can be looked at as often as it takes. Others, and those not stored in blocks, are given back as they are.
 */
export async function keptPair(left: ByteSource, right: ByteSource, context: Context): Promise<KeptPair> {
  const same = { left, right, equal: undefined, remove: () => Promise.resolve() };
  const [old, now] = [await left.blocks?.(), await right.blocks?.()];
  if (old === undefined || now === undefined) return same;
  const equal = await equalRanges(left, right);
  const differs = ({ offset, size }: StoredBlock): boolean => unknownParts(equal, offset, offset + size).length > 0;
  const count = Math.max(old.blocks.filter(differs).length, now.blocks.filter(differs).length);
  if (equal.length === 0 || count > KEPT_BLOCKS) return { ...same, equal };
  const blocks = new UnpackedBlocks(context, equal);
  if (!(await blocks.canBeKept())) return same;
  const [one, other] = [blocks.source(left, old, differs), blocks.source(right, now, differs)];
  return { left: one, right: other, equal, remove: () => blocks.remove() };
}

/** Where in a block, and whether what is given may be overwritten by the next. */
type From = { readonly start: number; readonly chunks: 'lent' | undefined };

type Side = { readonly packed: ByteSource; readonly number: number };

/** Blocks of one pair in one file, each unpacked when it is first read. */
class UnpackedBlocks {
  readonly #helpers: Helpers;
  readonly #limitBytes: number;
  readonly #equal: readonly Range[];
  readonly #places = new Map<string, Promise<number>>();
  #file: Promise<ScratchFile> | undefined;
  #end = 0;
  #sides = 0;

  /** `equal` is what both sides hold alike at the same places. */
  constructor({ helpers, budget }: Context, equal: readonly Range[]) {
    this.#helpers = helpers;
    this.#equal = equal;
    this.#limitBytes = budget.limits.copyBytes;
  }

  /** All of a source from its blocks; where some are kept and others not, those are read from the source as ever. */
  source(packed: ByteSource, stored: StoredBlocks, isKept?: (block: StoredBlock) => boolean): ByteSource {
    const { name, size } = packed;
    const { blocks } = stored;
    const side: Side = { packed, number: this.#sides++ };
    const self = this;
    const cheaperAt = (from: number, to: number): boolean => to - from > NEAR_BYTES && to <= (size ?? 0);
    return {
      ...packed,
      ...(isKept === undefined ? { name, seekable: true, cheaperAt } : {}),
      blocks: () => Promise.resolve(stored),
      async *open(start = 0, chunks) {
        for (let index = blockAt(blocks, start); index < blocks.length; ) {
          const block = blocks[index] as StoredBlock;
          const from = Math.max(start, block.offset);
          if (isKept === undefined || isKept(block)) {
            yield* self.#read(side, block, { start: from - block.offset, chunks });
            index++;
            continue;
          }
          while (index < blocks.length && !isKept(blocks[index] as StoredBlock)) index++;
          const end = blocks[index]?.offset;
          // To its end, where nothing is kept after it, so that what unpacks it verifies it.
          if (end === undefined) yield* packed.open(from, chunks);
          else yield* rangeSource(packed, { name, offset: from, size: end - from }).open(0, chunks);
        }
      },
    };
  }

  async *#read(side: Side, block: StoredBlock, { start, chunks }: From): AsyncGenerator<Uint8Array> {
    const place = await this.#placeOf(side, block);
    const { handle } = await this.#opened();
    yield* chunksBetween(handle.fd, { start: place + start, end: place + block.size }, chunks);
  }

  /** True where a file can be made for them, which is made. */
  async canBeKept(): Promise<boolean> {
    return (await orNone(this.#opened())) !== undefined;
  }

  async remove(): Promise<void> {
    const file = await this.#file?.catch(() => undefined);
    await file?.handle.close();
    await file?.remove();
  }

  /** Where a block stands in the file; one that both sides hold alike stands there but once. */
  #placeOf({ packed, number }: Side, block: StoredBlock): Promise<number> {
    const { offset, size } = block;
    const key = `${unknownParts(this.#equal, offset, offset + size).length === 0 ? 'both' : number} ${offset} ${size}`;
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
    if (this.#end > this.#limitBytes)
      throw new ReproofError('ARCHIVE_LIMIT', `unpacking ${packed.name}: the limit of ${this.#limitBytes} copyBytes`, {
        context: { limit: 'copyBytes', value: this.#limitBytes },
      });
    let size = 0;
    for await (const chunk of packed.open(block.offset, 'lent', block.offset + block.size)) {
      if (size === block.size) break;
      const piece = chunk.subarray(0, block.size - size);
      await written(handle.write(piece, 0, piece.length, place + size));
      size += piece.length;
    }
    // It was read on to its end, where that is the block's, so that what unpacks it has verified it.
    if (size === block.size) return place;
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
