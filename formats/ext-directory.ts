import { ReproofError } from '../model/index.ts';
import { EXT_TYPES, type ExtInode } from './ext-inode.ts';
import type { ExtReader } from './ext-reader.ts';

/** Upper limits of one image. Passing one throws ARCHIVE_LIMIT. */
export type ExtLimits = {
  /** Names, in all folders together. */
  readonly names: number;
  /** Folders inside each other. */
  readonly depth: number;
  /** Bytes of all paths together. */
  readonly pathBytes: number;
  /** Bytes of one folder's entries. */
  readonly folderBytes: number;
};

/** A name in a folder. `path` is its bytes below the root, as latin1: for pairing and display, never a path. */
export type ExtName = { readonly path: string; readonly inode: number };

const ROOT_INODE = 2;
const FILE_TYPES = 0x2;
/** Where entries begin in a folder that is kept in its inode, behind the number of the folder it is in. */
const INLINE_AT = 4;
const INLINE_FIRST_END = 60;

type Entry = { readonly name: string; readonly inode: number };

/**
 * Every name of an image in the order that its folders hold them, each folder before what is in it. A folder that is
 * reached again is named, and not entered. Throws ARCHIVE_MALFORMED (context `offset`), ARCHIVE_LIMIT.
 */
export function* readExtNames(reader: ExtReader, limits: ExtLimits): Generator<ExtName> {
  const entered = new Set([ROOT_INODE]);
  const open = [{ prefix: '', entries: entriesOf(reader, reader.inode(ROOT_INODE), limits) }];
  let [names, pathBytes] = [0, 0];
  for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
    const next = folder.entries.next();
    if (next.done) {
      open.pop();
      continue;
    }
    const { name, inode } = next.value;
    const path = `${folder.prefix}${name}`;
    pathBytes += path.length;
    if (++names > limits.names) throw passed('names', limits.names);
    if (pathBytes > limits.pathBytes) throw passed('pathBytes', limits.pathBytes);
    yield { path, inode };
    const found = reader.inode(inode);
    if (found.mode >> 12 !== EXT_TYPES.folder || entered.has(inode)) continue;
    entered.add(inode);
    if (open.length >= limits.depth) throw passed('depth', limits.depth);
    open.push({ prefix: `${path}/`, entries: entriesOf(reader, found, limits) });
  }
}

/** The names in a folder, in their order, but for those of itself and of the folder it is in. */
function* entriesOf(reader: ExtReader, inode: ExtInode, { folderBytes }: ExtLimits): Generator<Entry> {
  const typed = (reader.superblock.features.incompatible & FILE_TYPES) !== 0;
  let left = folderBytes;
  for (const { bytes, offset } of blocksOf(reader, inode)) {
    left -= bytes.length;
    if (left < 0) throw passed('folderBytes', folderBytes);
    for (const entry of entriesIn(bytes, offset, typed)) if (entry.name !== '.' && entry.name !== '..') yield entry;
  }
}

type Block = { readonly bytes: Buffer; readonly offset: number };

function* blocksOf(reader: ExtReader, inode: ExtInode): Generator<Block> {
  const kept = reader.inline(inode);
  const { blockBytes } = reader.superblock;
  if (kept !== undefined) {
    // Entries never reach over the edge between the two places.
    yield { bytes: kept.subarray(INLINE_AT, INLINE_FIRST_END), offset: 0 };
    yield { bytes: kept.subarray(INLINE_FIRST_END), offset: 0 };
    return;
  }
  for (const { offset, size } of reader.pieces(inode)) {
    if (offset === undefined) continue;
    for (let at = 0; at < size; at += blockBytes)
      yield { bytes: reader.bytes(offset + at, Math.min(blockBytes, size - at)), offset: offset + at };
  }
}

/**
 * The entries of one block. Those of inode 0 are unused, as are what holds a hash tree and a block's checksum, which
 * look like such. Source: Linux' Documentation/filesystems/ext4/directory.rst.
 */
function* entriesIn(bytes: Buffer, offset: number, typed: boolean): Generator<Entry> {
  for (let at = 0; at < bytes.length; ) {
    if (at + 8 > bytes.length) throw malformed(offset + at);
    const inode = bytes.readUInt32LE(at);
    const length = recordBytes(bytes.readUInt16LE(at + 4), bytes.length);
    const nameBytes = typed ? bytes.readUInt8(at + 6) : bytes.readUInt16LE(at + 6);
    if (length < 8 || length % 4 !== 0 || at + length > bytes.length) throw malformed(offset + at);
    if (inode !== 0) {
      if (nameBytes === 0 || nameBytes > 255 || 8 + nameBytes > length) throw malformed(offset + at);
      yield { name: bytes.toString('latin1', at + 8, at + 8 + nameBytes), inode };
    }
    at += length;
  }
}

/** In blocks of 64 KiB a record may be as long as 16 bits cannot say. */
function recordBytes(stored: number, blockBytes: number): number {
  if (blockBytes < 65536) return stored;
  return stored === 65535 || stored === 0 ? blockBytes : (stored & 65532) | ((stored & 3) << 16);
}

function malformed(offset: number): ReproofError {
  const message = `reading folder of ext image at byte ${offset}`;
  return new ReproofError('ARCHIVE_MALFORMED', message, { context: { offset } });
}

function passed(limit: keyof ExtLimits, value: number): ReproofError {
  return new ReproofError('ARCHIVE_LIMIT', `reading ext image: more than ${value} ${limit}`, {
    context: { limit, value },
  });
}
