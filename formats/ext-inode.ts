import type { ExtSuperblock } from './ext-superblock.ts';

/** Seconds since 1970, and nanoseconds, 0 where the inode has no room for them. */
export type ExtTime = { readonly seconds: number; readonly nanoseconds: number };

/** An inode. `bytes` is all of it: its block map and the extended attributes in it are read from there. */
export type ExtInode = {
  readonly number: number;
  readonly bytes: Buffer;
  /** Type and permissions, as stat(2) has them. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly links: number;
  readonly size: number;
  readonly flags: number;
  readonly generation: number;
  readonly project: number;
  readonly modified: ExtTime;
  readonly accessed: ExtTime;
  readonly changed: ExtTime;
  /** Where the inode has room for it. */
  readonly born: ExtTime | undefined;
  /** The block that holds extended attributes, 0 for none. */
  readonly attributeBlock: number;
  /** Where in `bytes` extended attributes may begin. */
  readonly attributesAt: number;
};

export const EXT_TYPES = {
  fifo: 0o01,
  characterDevice: 0o02,
  folder: 0o04,
  blockDevice: 0o06,
  file: 0o10,
  symlink: 0o12,
  socket: 0o14,
} as const;
export const EXT_EXTENTS = 0x80000;
export const EXT_INLINE = 0x10000000;
/** Where in an inode its block map stands, or its extents, or a short link's target, and in how many bytes. */
export const EXT_MAP = { offset: 0x28, size: 60 } as const;

const BASE_BYTES = 128;

/**
 * The fields of an inode, `bytes` being all of it: 128 or more. Nothing of them is checked.
 * Source: Linux' Documentation/filesystems/ext4/inodes.rst.
 */
export function readExtInode(bytes: Buffer, number: number, superblock: ExtSuperblock): ExtInode {
  const u16 = (offset: number): number => bytes.readUInt16LE(offset);
  const u32 = (offset: number): number => bytes.readUInt32LE(offset);
  const mode = u16(0x00);
  const extra = bytes.length > BASE_BYTES ? u16(0x80) : 0;
  const end = BASE_BYTES + extra > bytes.length ? BASE_BYTES : BASE_BYTES + extra;
  const has = (offset: number): boolean => offset + 4 <= end;
  const time = (offset: number, more: number): ExtTime => {
    const bits = has(more) ? u32(more) : 0;
    // The two low bits count how often the signed 32 bits of seconds have gone round.
    return { seconds: bytes.readInt32LE(offset) + (bits & 3) * 2 ** 32, nanoseconds: bits >>> 2 };
  };
  const type = mode >> 12;
  const large = type === EXT_TYPES.file || type === EXT_TYPES.folder;
  return {
    number,
    bytes,
    mode,
    uid: u16(0x02) + u16(0x78) * 2 ** 16,
    gid: u16(0x18) + u16(0x7a) * 2 ** 16,
    links: u16(0x1a),
    size: u32(0x04) + (large ? u32(0x6c) * 2 ** 32 : 0),
    flags: u32(0x20),
    generation: u32(0x64),
    project: has(0x9c) ? u32(0x9c) : 0,
    modified: time(0x10, 0x88),
    accessed: time(0x08, 0x8c),
    changed: time(0x0c, 0x84),
    born: has(0x90) ? time(0x90, 0x94) : undefined,
    attributeBlock: u32(0x68) + (superblock.hurd ? 0 : u16(0x76) * 2 ** 32),
    attributesAt: end,
  };
}

/** Major and minor number of a device, packed the old or the new way, makedev(3). */
export function extDevice({ bytes }: ExtInode): { readonly major: number; readonly minor: number } {
  const old = bytes.readUInt32LE(EXT_MAP.offset);
  if (old !== 0) return { major: (old >>> 8) & 0xff, minor: old & 0xff };
  const packed = bytes.readUInt32LE(EXT_MAP.offset + 4);
  return { major: (packed >>> 8) & 0xfff, minor: (packed & 0xff) | ((packed >>> 12) & 0xfff00) };
}
