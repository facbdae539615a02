import { ReproofError } from '../model/index.ts';

/** Images of file systems, and U-Boot's header around an image of anything. */
export type DiskImageFormat = 'squashfs' | 'ext' | 'iso9660' | 'fat' | 'uimage';

/** Bytes from an image's start that hold what readDiskImage reads. */
export const DISK_IMAGE_START_BYTES = 32_768 + 2048;

type Value =
  | 'u8'
  | 'u16'
  | 'u32'
  | 'u64'
  | 'be32'
  | 'time'
  | 'be-time'
  | 'uuid'
  | { readonly text: number }
  | { readonly hex: number };
type Layout = readonly (readonly [name: string, offset: number, value: Value])[];

/** Linux' fs/squashfs/squashfs_fs.h. */
const SQUASHFS: Layout = [
  ['inodes', 4, 'u32'],
  ['made', 8, 'time'],
  ['block size', 12, 'u32'],
  ['fragments', 16, 'u32'],
  ['compression', 20, 'u16'],
  ['flags', 24, 'u16'],
  ['ids', 26, 'u16'],
  ['major version', 28, 'u16'],
  ['minor version', 30, 'u16'],
  ['root inode', 32, 'u64'],
  ['bytes used', 40, 'u64'],
  ['id table', 48, 'u64'],
  ['xattr table', 56, 'u64'],
  ['inode table', 64, 'u64'],
  ['directory table', 72, 'u64'],
  ['fragment table', 80, 'u64'],
  ['export table', 88, 'u64'],
];

/** Linux' Documentation/filesystems/ext4/super.rst; the superblock starts at 1024. */
const EXT: Layout = [
  ['inodes', 1024, 'u32'],
  ['blocks', 1028, 'u32'],
  ['reserved blocks', 1032, 'u32'],
  ['free blocks', 1036, 'u32'],
  ['free inodes', 1040, 'u32'],
  ['block size as power of two over 1024', 1048, 'u32'],
  ['blocks per group', 1056, 'u32'],
  ['inodes per group', 1064, 'u32'],
  ['last mounted', 1068, 'time'],
  ['last written', 1072, 'time'],
  ['mounts since check', 1076, 'u16'],
  ['state', 1082, 'u16'],
  ['last checked', 1088, 'time'],
  ['made by system', 1096, 'u32'],
  ['revision', 1100, 'u32'],
  ['inode size', 1112, 'u16'],
  ['compatible features', 1116, 'u32'],
  ['incompatible features', 1120, 'u32'],
  ['read-only features', 1124, 'u32'],
  ['UUID', 1128, 'uuid'],
  ['volume name', 1144, { text: 16 }],
  ['last mounted on', 1160, { text: 64 }],
  ['journal UUID', 1232, 'uuid'],
  ['hash seed', 1260, 'uuid'],
  ['hash of folders', 1276, 'u8'],
  ['default mount options', 1280, { hex: 4 }],
  ['made', 1288, 'time'],
  ['flags', 1376, { hex: 4 }],
  ['KiB written', 1400, 'u64'],
  ['checksum seed', 1648, 'u32'],
  ['checksum of the superblock', 2044, 'u32'],
];

const EXT_SUPERBLOCK = { offset: 1024, size: 1024 } as const;

/** ECMA-119 section 8.4, the primary volume descriptor, which starts at 32768. */
const ISO: Layout = [
  ['system identifier', 32_776, { text: 32 }],
  ['volume identifier', 32_808, { text: 32 }],
  ['blocks', 32_848, 'u32'],
  ['path table bytes', 32_900, 'u32'],
  ['path table block', 32_908, 'u32'],
  ['root folder', 32_924, { hex: 34 }],
  ['volume set identifier', 32_958, { text: 128 }],
  ['publisher identifier', 33_086, { text: 128 }],
  ['data preparer identifier', 33_214, { text: 128 }],
  ['application identifier', 33_342, { text: 128 }],
  ['copyright file identifier', 33_470, { text: 37 }],
  ['abstract file identifier', 33_507, { text: 37 }],
  ['bibliographic file identifier', 33_544, { text: 37 }],
  ['creation date', 33_581, { text: 16 }],
  ['modification date', 33_598, { text: 16 }],
  ['expiration date', 33_615, { text: 16 }],
  ['effective date', 33_632, { text: 16 }],
  ['time zones of the dates', 33_597, 'u8'],
];

/** Microsoft's FAT specification 1.03, section 3: the boot sector. What stands behind 36 differs in FAT32. */
const FAT: Layout = [
  ['made by', 3, { text: 8 }],
  ['bytes per sector', 11, 'u16'],
  ['sectors per cluster', 13, 'u8'],
  ['reserved sectors', 14, 'u16'],
  ['file allocation tables', 16, 'u8'],
  ['root entries', 17, 'u16'],
  ['sectors in 16 bits', 19, 'u16'],
  ['sectors per table', 22, 'u16'],
  ['sectors', 32, 'u32'],
];
const FAT16: Layout = [
  ...FAT,
  ['serial number', 39, { hex: 4 }],
  ['label', 43, { text: 11 }],
  ['type', 54, { text: 8 }],
];
const FAT32: Layout = [
  ...FAT,
  ['serial number', 67, { hex: 4 }],
  ['label', 71, { text: 11 }],
  ['type', 82, { text: 8 }],
];

/** U-Boot's include/image.h, struct legacy_img_hdr: 64 bytes, then the image. */
const UIMAGE: Layout = [
  ['checksum of the header', 4, { hex: 4 }],
  ['made', 8, 'be-time'],
  ['bytes', 12, 'be32'],
  ['load address', 16, { hex: 4 }],
  ['entry point', 20, { hex: 4 }],
  ['checksum of the image', 24, { hex: 4 }],
  ['system', 28, 'u8'],
  ['architecture', 29, 'u8'],
  ['type', 30, 'u8'],
  ['compression', 31, 'u8'],
  ['name', 32, { text: 32 }],
];
/** By number: squashfs_fs.h, and U-Boot's include/image.h. */
const COMPRESSIONS: Readonly<Partial<Record<DiskImageFormat, readonly string[]>>> = {
  squashfs: ['0', 'gzip', 'lzma', 'lzo', 'xz', 'lz4', 'zstd'],
  uimage: ['none', 'gzip', 'bzip2', 'lzma', 'lzo', 'lz4', 'zstd'],
};
export const UIMAGE_HEADER_BYTES = 64;
/** ECMA-119 section 6.2.1: 16 sectors before the descriptors, for whatever starts a machine. */
export const ISO_SYSTEM_AREA_BYTES = 32_768;

/** An ext superblock with NULs for what readDiskImage gives of it. `start` is as there, and was read by it. */
export function restOfExtSuperblock(start: Buffer): Buffer {
  const rest = Buffer.from(start.subarray(EXT_SUPERBLOCK.offset, EXT_SUPERBLOCK.offset + EXT_SUPERBLOCK.size));
  for (const [, offset, value] of EXT)
    rest.fill(0, offset - EXT_SUPERBLOCK.offset, offset - EXT_SUPERBLOCK.offset + bytesOf(value));
  return rest;
}

function bytesOf(value: Value): number {
  if (typeof value !== 'string') return 'hex' in value ? value.hex : value.text;
  const sizes = { u8: 1, u16: 2, u32: 4, u64: 8, be32: 4, time: 4, 'be-time': 4, uuid: 16 } as const;
  return sizes[value];
}

/** What an image is, by its first 33 KiB or more; undefined where it is none of these. */
export function diskImageFormat(start: Uint8Array): DiskImageFormat | undefined {
  const bytes = Buffer.from(start.buffer, start.byteOffset, start.length);
  const at = (offset: number, size: number): string => bytes.toString('latin1', offset, offset + size);
  if (at(0, 4) === 'hsqs') return 'squashfs';
  if (at(0, 4) === '\x27\x05\x19\x56') return 'uimage';
  if (at(32_769, 5) === 'CD001') return 'iso9660';
  if (isExt(bytes)) return 'ext';
  const fat = at(510, 2) === '\x55\xaa' && (at(54, 3) === 'FAT' || at(82, 5) === 'FAT32');
  return fat ? 'fat' : undefined;
}

/** The magic number is short: revision and block size must be such as there are. */
function isExt(bytes: Buffer): boolean {
  return (
    bytes.length >= 2048 &&
    bytes.readUInt16LE(1080) === 0xef53 &&
    bytes.readUInt32LE(1100) <= 1 &&
    bytes.readUInt32LE(1048) <= 6
  );
}

/**
 * The fields of an image's superblock, volume descriptor or header by name, text as latin1. `start` is its first
 * DISK_IMAGE_START_BYTES, or all of it. Throws FORMAT_MALFORMED, its context holding `offset`, where it ends too soon.
 */
export function readDiskImage(start: Buffer, format: DiskImageFormat): ReadonlyMap<string, string> {
  const fat = start.toString('latin1', 82, 87) === 'FAT32' ? FAT32 : FAT16;
  const layout = { squashfs: SQUASHFS, ext: EXT, iso9660: ISO, fat, uimage: UIMAGE }[format];
  try {
    const fields = new Map(layout.map(([name, offset, value]) => [name, read(start, offset, value)]));
    const compression = fields.get('compression');
    if (compression === undefined) return fields;
    return fields.set('compression', COMPRESSIONS[format]?.[Number(compression)] ?? compression);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ReproofError('FORMAT_MALFORMED', `reading header of ${format} image: it ends at byte ${start.length}`, {
      context: { offset: start.length },
    });
  }
}

function read(bytes: Buffer, offset: number, value: Value): string {
  switch (value) {
    case 'u8':
      return String(bytes.readUInt8(offset));
    case 'u16':
      return String(bytes.readUInt16LE(offset));
    case 'u32':
      return String(bytes.readUInt32LE(offset));
    case 'u64':
      return String(bytes.readBigUInt64LE(offset));
    case 'be32':
      return String(bytes.readUInt32BE(offset));
    case 'time':
      return new Date(1000 * bytes.readUInt32LE(offset)).toISOString();
    case 'be-time':
      return new Date(1000 * bytes.readUInt32BE(offset)).toISOString();
    case 'uuid':
      return piece(bytes, offset, 16)
        .toString('hex')
        .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    default:
      return 'hex' in value
        ? piece(bytes, offset, value.hex).toString('hex')
        : piece(bytes, offset, value.text).toString('latin1').replaceAll('\0', ' ').trimEnd();
  }
}

function piece(bytes: Buffer, offset: number, size: number): Buffer {
  if (offset + size > bytes.length) throw new RangeError('past the end');
  return bytes.subarray(offset, offset + size);
}
