/** How an archive is written, cpio(5): newc and crc in hex, odc in octal, bin in 16-bit numbers of either byte order. */
export type CpioVariant = 'newc' | 'crc' | 'odc' | 'bin-le' | 'bin-be';

/** The numbers of an entry's header; `check` is the sum of the content's bytes in crc, and means nothing in newc. */
export type CpioFields = {
  readonly inode: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly links: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly size: number;
  /** Major and minor number in newc and crc, else one number. */
  readonly device: string;
  readonly rdevice: string;
  readonly nameBytes: number;
  readonly check: number;
};

export const CPIO_MAGIC_BYTES = 6;
const HEADER_BYTES: Readonly<Record<CpioVariant, number>> = {
  newc: 110,
  crc: 110,
  odc: 76,
  'bin-le': 26,
  'bin-be': 26,
};
/** Name and content end at multiples of this many bytes. */
const ALIGNMENT: Readonly<Record<CpioVariant, number>> = { newc: 4, crc: 4, odc: 1, 'bin-le': 2, 'bin-be': 2 };

/** The variant that the first six bytes of an entry say; undefined where they are none. */
export function cpioVariant(magic: Uint8Array): CpioVariant | undefined {
  const bytes = Buffer.from(magic.buffer, magic.byteOffset, magic.length);
  const text = bytes.toString('latin1', 0, CPIO_MAGIC_BYTES);
  if (text === '070701') return 'newc';
  if (text === '070702') return 'crc';
  if (text === '070707') return 'odc';
  if (bytes.length < 2) return undefined;
  return bytes.readUInt16LE() === 0o070707 ? 'bin-le' : bytes.readUInt16BE() === 0o070707 ? 'bin-be' : undefined;
}

/** Bytes of a header of this variant, its magic included. */
export function cpioHeaderBytes(variant: CpioVariant): number {
  return HEADER_BYTES[variant];
}

/** Bytes of padding after `length` bytes. */
export function cpioPadding(variant: CpioVariant, length: number): number {
  const alignment = ALIGNMENT[variant];
  return (alignment - (length % alignment)) % alignment;
}

/** Undefined where a number is not written as it must be. `bytes` is a whole header. */
export function readCpioHeader(variant: CpioVariant, bytes: Buffer): CpioFields | undefined {
  if (variant === 'newc' || variant === 'crc') return readHex(bytes.toString('latin1'));
  if (variant === 'odc') return readOctal(bytes.toString('latin1'));
  const number = (index: number): number =>
    variant === 'bin-le' ? bytes.readUInt16LE(2 * index) : bytes.readUInt16BE(2 * index);
  // A long number's high half stands first in either byte order.
  const long = (index: number): number => number(index) * 65_536 + number(index + 1);
  return {
    device: String(number(1)),
    inode: number(2),
    mode: number(3),
    uid: number(4),
    gid: number(5),
    links: number(6),
    rdevice: String(number(7)),
    mtime: long(8),
    nameBytes: number(10),
    size: long(11),
    check: 0,
  };
}

function readHex(text: string): CpioFields | undefined {
  if (!/^[0-9a-f]{110}$/i.test(text)) return undefined;
  const number = (index: number): number => Number.parseInt(text.slice(6 + 8 * index, 14 + 8 * index), 16);
  return {
    inode: number(0),
    mode: number(1),
    uid: number(2),
    gid: number(3),
    links: number(4),
    mtime: number(5),
    size: number(6),
    device: `${number(7)}:${number(8)}`,
    rdevice: `${number(9)}:${number(10)}`,
    nameBytes: number(11),
    check: number(12),
  };
}

function readOctal(text: string): CpioFields | undefined {
  if (!/^[0-7]{76}$/.test(text)) return undefined;
  const number = (start: number, end: number): number => Number.parseInt(text.slice(start, end), 8);
  return {
    device: String(number(6, 12)),
    inode: number(12, 18),
    mode: number(18, 24),
    uid: number(24, 30),
    gid: number(30, 36),
    links: number(36, 42),
    rdevice: String(number(42, 48)),
    mtime: number(48, 59),
    nameBytes: number(59, 65),
    size: number(65, 76),
    check: 0,
  };
}
