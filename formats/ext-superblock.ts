import { ReproofError } from '../model/index.ts';
import type { ReadBytes } from './read-bytes.ts';

/** What of a superblock says where everything stands. Blocks are counted from the image's start, from 0. */
export type ExtSuperblock = {
  readonly blockBytes: number;
  readonly blocks: number;
  readonly firstDataBlock: number;
  readonly blocksPerGroup: number;
  readonly inodes: number;
  readonly inodesPerGroup: number;
  readonly inodeBytes: number;
  readonly descriptorBytes: number;
  readonly features: { readonly compatible: number; readonly incompatible: number; readonly readOnly: number };
  /** Block groups with a backup of the superblock where the feature sparse_super2 says which. */
  readonly backupGroups: readonly [number, number];
  /** The first block of descriptors that stands in its own groups, where the feature meta_bg is on. */
  readonly firstMetaBlock: number;
  readonly journalInode: number;
  /** True where the journal holds what was not written to its place yet: an image of a system that did not end well. */
  readonly unreplayed: boolean;
  readonly hurd: boolean;
};

const OFFSET = 1024;
const BYTES = 1024;
const MAGIC = 0xef53;
const HURD = 1;
const SPARSE_SUPER2 = 0x200;
const SPARSE_SUPER = 1;
const RECOVER = 0x4;
const META_BG = 0x10;
const SIXTY_FOUR_BIT = 0x80;
/**
 * Incompatible features that are read, or change nothing of what is: filetype, recover, meta_bg, extents, 64bit, mmp,
 * flex_bg, ea_inode, csum_seed, largedir, inline_data, encrypt, casefold.
 */
const KNOWN =
  0x2 | RECOVER | META_BG | 0x40 | SIXTY_FOUR_BIT | 0x100 | 0x200 | 0x400 | 0x2000 | 0x4000 | 0x8000 | 0x30000;

/**
 * The superblock of an ext2, ext3 or ext4 image. Throws ARCHIVE_MALFORMED (context `offset`) for what cannot be, and
 * for features that are not known. Source: Linux' Documentation/filesystems/ext4/super.rst.
 */
export function readExtSuperblock(read: ReadBytes): ExtSuperblock {
  const bytes = read(OFFSET, BYTES);
  if (bytes.length < BYTES || bytes.readUInt16LE(0x38) !== MAGIC) throw malformed('superblock', OFFSET);
  const u32 = (offset: number): number => bytes.readUInt32LE(offset);
  const dynamic = u32(0x4c) > 0;
  const features = dynamic
    ? { compatible: u32(0x5c), incompatible: u32(0x60), readOnly: u32(0x64) }
    : { compatible: 0, incompatible: 0, readOnly: 0 };
  const unknown = (features.incompatible & ~KNOWN) >>> 0;
  if (unknown !== 0) throw malformed(`features 0x${unknown.toString(16)}, which are not known,`, OFFSET + 0x60);
  const wide = (features.incompatible & SIXTY_FOUR_BIT) !== 0;
  if (u32(0x18) > 6) throw malformed('block size', OFFSET + 0x18);
  const superblock = {
    blockBytes: 1024 << u32(0x18),
    blocks: u32(0x04) + (wide ? u32(0x150) * 2 ** 32 : 0),
    firstDataBlock: u32(0x14),
    blocksPerGroup: u32(0x20),
    inodes: u32(0x00),
    inodesPerGroup: u32(0x28),
    inodeBytes: dynamic ? bytes.readUInt16LE(0x58) : 128,
    descriptorBytes: wide ? bytes.readUInt16LE(0xfe) : 32,
    features,
    backupGroups: [u32(0x24c), u32(0x250)] as const,
    firstMetaBlock: u32(0x104),
    journalInode: u32(0xe0),
    unreplayed: (features.incompatible & RECOVER) !== 0,
    hurd: u32(0x48) === HURD,
  };
  const { blockBytes, inodeBytes, descriptorBytes, inodesPerGroup, blocksPerGroup } = superblock;
  if (inodeBytes < 128 || inodeBytes > blockBytes) throw malformed('inode size', OFFSET + 0x58);
  if (descriptorBytes < (wide ? 64 : 32) || descriptorBytes > blockBytes)
    throw malformed('descriptor size', OFFSET + 0xfe);
  if (inodesPerGroup === 0 || blocksPerGroup === 0) throw malformed('size of block groups', OFFSET + 0x20);
  if (superblock.blocks > Number.MAX_SAFE_INTEGER / blockBytes) throw malformed('number of blocks', OFFSET + 0x150);
  return superblock;
}

/** Where an inode stands: its group's descriptor names the block that the group's inodes begin at. */
export function extInodeOffset(read: ReadBytes, superblock: ExtSuperblock, inode: number): number {
  const { inodesPerGroup, blockBytes, inodeBytes } = superblock;
  if (inode < 1 || inode > superblock.inodes) throw malformed(`inode ${inode}`, OFFSET);
  const offset = descriptorOffset(superblock, Math.floor((inode - 1) / inodesPerGroup));
  const descriptor = read(offset, superblock.descriptorBytes);
  if (descriptor.length < superblock.descriptorBytes) throw malformed('group descriptor', offset);
  const high = superblock.descriptorBytes >= 64 ? descriptor.readUInt32LE(0x28) : 0;
  const table = descriptor.readUInt32LE(0x08) + high * 2 ** 32;
  if (table === 0 || table >= superblock.blocks) throw malformed('inode table', offset);
  return table * blockBytes + ((inode - 1) % inodesPerGroup) * inodeBytes;
}

/** Source: Linux' Documentation/filesystems/ext4/blockgroup.rst, "Meta Block Groups". */
function descriptorOffset(superblock: ExtSuperblock, group: number): number {
  const { blockBytes, descriptorBytes, firstDataBlock, blocksPerGroup, firstMetaBlock, features } = superblock;
  const perBlock = Math.floor(blockBytes / descriptorBytes);
  const index = Math.floor(group / perBlock);
  const within = (group % perBlock) * descriptorBytes;
  // In blocks of 1024 bytes the superblock fills block 1, also where clusters make the first data block 0.
  const first = blockBytes === 1024 ? 1 : firstDataBlock;
  if ((features.incompatible & META_BG) === 0 || index < firstMetaBlock)
    return (first + 1 + index) * blockBytes + within;
  const firstGroup = index * perBlock;
  const block =
    (firstGroup === 0 ? first : firstDataBlock + firstGroup * blocksPerGroup) +
    (hasBackup(superblock, firstGroup) ? 1 : 0);
  return block * blockBytes + within;
}

/** True when a group begins with the superblock or a backup of it. */
function hasBackup({ features, backupGroups }: ExtSuperblock, group: number): boolean {
  if (group === 0) return true;
  if ((features.compatible & SPARSE_SUPER2) !== 0) return backupGroups.includes(group);
  if (group === 1 || (features.readOnly & SPARSE_SUPER) === 0) return true;
  return [3, 5, 7].some((base) => isPower(group, base));
}

function isPower(value: number, base: number): boolean {
  let left = value;
  while (left > 1 && left % base === 0) left /= base;
  return left === 1;
}

function malformed(what: string, offset: number): ReproofError {
  const message = `reading ${what} of ext image at byte ${offset}`;
  return new ReproofError('ARCHIVE_MALFORMED', message, { context: { offset } });
}
