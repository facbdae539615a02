import { ReproofError } from '../model/index.ts';
import { EXT_EXTENTS, EXT_MAP, type ExtInode } from './ext-inode.ts';
import type { ExtSuperblock } from './ext-superblock.ts';
import type { ReadBytes } from './read-bytes.ts';

/** `count` blocks of a file from its block `block` on stand at block `at` of the image, or read as NULs. */
export type ExtRun = { readonly block: number; readonly count: number; readonly at: number | undefined };

/** Blocks of a file that are wanted: from `from` up to `to`. */
export type ExtWanted = { readonly from: number; readonly to: number };

const EXTENT_MAGIC = 0xf30a;
const ENTRY_BYTES = 12;
/** Linux writes no deeper tree. */
const MAX_DEPTH = 5;
/** An extent longer than this is allocated and not written: it reads as NULs. */
const WRITTEN_BLOCKS = 32768;
const DIRECT_BLOCKS = 12;

type Place = { readonly read: ReadBytes; readonly superblock: ExtSuperblock };

/**
 * Where the blocks of a file stand, in their order in the file; blocks in none of the runs are holes. Throws
 * ARCHIVE_MALFORMED (context `offset`) where a run reaches out of the image, or the map contradicts itself: no block
 * of the file is told twice. Source: Linux' Documentation/filesystems/ext4/ifork.rst.
 */
export function* extRuns(place: Place, inode: ExtInode, wanted: ExtWanted): Generator<ExtRun> {
  const map = inode.bytes.subarray(EXT_MAP.offset, EXT_MAP.offset + EXT_MAP.size);
  if ((inode.flags & EXT_EXTENTS) === 0) yield* merged(mappedBlocks(place, map, wanted));
  else {
    const depth = map.readUInt16LE(6);
    if (depth > MAX_DEPTH) throw malformed(`extents of inode ${inode.number}`, 0);
    yield* extents(place, { node: map, depth, offset: 0, low: 0, high: 2 ** 32 }, wanted);
  }
}

type Node = {
  readonly node: Buffer;
  readonly depth: number;
  /** Where it stands in the image, for messages. */
  readonly offset: number;
  /** Blocks of the file that its entries may be of. */
  readonly low: number;
  readonly high: number;
};

function* extents(place: Place, { node, depth, offset, low, high }: Node, wanted: ExtWanted): Generator<ExtRun> {
  const { read, superblock } = place;
  const entries = node.readUInt16LE(2);
  const fits = ENTRY_BYTES * (entries + 1) <= node.length;
  if (node.readUInt16LE(0) !== EXTENT_MAGIC || node.readUInt16LE(6) !== depth || !fits)
    throw malformed('extents', offset);
  // A tree of nodes without entries would be walked for nothing.
  if (entries === 0 && (depth > 0 || offset > 0)) throw malformed('extents', offset);
  let next = low;
  for (let index = 0; index < entries; index++) {
    const entry = ENTRY_BYTES * (index + 1);
    const block = node.readUInt32LE(entry);
    if (block < next || block >= high) throw malformed('order of extents', offset + entry);
    if (depth === 0) {
      const length = node.readUInt16LE(entry + 4);
      const written = length <= WRITTEN_BLOCKS;
      const count = written ? length : length - WRITTEN_BLOCKS;
      const at = node.readUInt32LE(entry + 8) + node.readUInt16LE(entry + 6) * 2 ** 32;
      if (count === 0 || block + count > high || !inImage(superblock, at, count))
        throw malformed('extent', offset + entry);
      next = block + count;
      if (block >= wanted.to) return;
      if (next > wanted.from) yield { block, count, at: written ? at : undefined };
      continue;
    }
    const last = index === entries - 1 ? high : node.readUInt32LE(entry + ENTRY_BYTES);
    const child = node.readUInt32LE(entry + 4) + node.readUInt16LE(entry + 8) * 2 ** 32;
    if (last <= block || last > high || !inImage(superblock, child, 1)) throw malformed('extents', offset + entry);
    next = last;
    if (block >= wanted.to) return;
    if (last <= wanted.from) continue;
    const at = child * superblock.blockBytes;
    const inner = { node: blockOf(read, superblock, child), depth: depth - 1, offset: at, low: block, high: last };
    yield* extents(place, inner, wanted);
  }
}

/** Twelve blocks, then the blocks that a block of numbers names, then two and three levels of such. */
function* mappedBlocks(place: Place, map: Buffer, wanted: ExtWanted): Generator<ExtRun> {
  const perBlock = place.superblock.blockBytes / 4;
  let block = 0;
  for (let index = 0; index < DIRECT_BLOCKS; index++, block++)
    yield* indirect(place, { at: map.readUInt32LE(4 * index), block, level: 0, span: 1 }, wanted);
  let span = perBlock;
  for (let level = 1; level <= 3; level++) {
    yield* indirect(place, { at: map.readUInt32LE(4 * (DIRECT_BLOCKS + level - 1)), block, level, span }, wanted);
    block += span;
    span *= perBlock;
  }
}

/** A block number of the image; `span` blocks of the file from `block` on hang on it, `level` blocks of numbers apart. */
type Pointer = { readonly at: number; readonly block: number; readonly level: number; readonly span: number };

function* indirect(place: Place, { at, block, level, span }: Pointer, wanted: ExtWanted): Generator<ExtRun> {
  const { read, superblock } = place;
  if (at === 0 || block >= wanted.to || block + span <= wanted.from) return;
  if (!inImage(superblock, at, 1)) throw malformed(`block ${at} of a file`, at * superblock.blockBytes);
  if (level === 0) {
    yield { block, count: 1, at };
    return;
  }
  const numbers = blockOf(read, superblock, at);
  const perBlock = superblock.blockBytes / 4;
  const inner = span / perBlock;
  const first = Math.max(0, Math.floor((wanted.from - block) / inner));
  for (let index = first; index < perBlock && block + index * inner < wanted.to; index++) {
    const pointer = {
      at: numbers.readUInt32LE(4 * index),
      block: block + index * inner,
      level: level - 1,
      span: inner,
    };
    yield* indirect(place, pointer, wanted);
  }
}

/** Runs that go on in one another become one. */
function* merged(runs: Iterable<ExtRun>): Generator<ExtRun> {
  let last: ExtRun | undefined;
  for (const run of runs) {
    if (last?.at !== undefined && last.block + last.count === run.block && last.at + last.count === run.at)
      last = { ...last, count: last.count + run.count };
    else {
      if (last !== undefined) yield last;
      last = run;
    }
  }
  if (last !== undefined) yield last;
}

function inImage({ blocks }: ExtSuperblock, at: number, count: number): boolean {
  return at > 0 && at + count <= blocks;
}

function blockOf(read: ReadBytes, { blockBytes }: ExtSuperblock, block: number): Buffer {
  const bytes = read(block * blockBytes, blockBytes);
  if (bytes.length < blockBytes) throw malformed('block', block * blockBytes);
  return bytes;
}

function malformed(what: string, offset: number): ReproofError {
  const message = `reading ${what} of ext image at byte ${offset}`;
  return new ReproofError('ARCHIVE_MALFORMED', message, { context: { offset } });
}
