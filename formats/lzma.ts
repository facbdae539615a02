/** The header of an .lzma file, xz's doc/lzma-file-format.txt. */
export type LzmaHeader = {
  /** Bits of literal context, literal position and position. */
  readonly lc: number;
  readonly lp: number;
  readonly pb: number;
  /** Bytes. */
  readonly dictionary: number;
  /** Bytes; undefined where an end marker says so. */
  readonly contentSize: bigint | undefined;
};

const HEADER_BYTES = 13;
const UNKNOWN = 0xffff_ffff_ffff_ffffn;

/** An .lzma file's header; undefined for what xz(1) would not take for one. The format has no magic number. */
export function lzmaHeader(head: Uint8Array): LzmaHeader | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  // The range coder's first byte is always 0.
  if (bytes.length <= HEADER_BYTES || bytes[HEADER_BYTES] !== 0) return undefined;
  const properties = bytes.readUInt8(0);
  const dictionary = bytes.readUInt32LE(1);
  const size = bytes.readBigUInt64LE(5);
  if (properties >= 225 || !isUsual(dictionary) || (size !== UNKNOWN && size >= 2n ** 38n)) return undefined;
  return {
    lc: properties % 9,
    lp: Math.floor(properties / 9) % 5,
    pb: Math.floor(properties / 45),
    dictionary,
    contentSize: size === UNKNOWN ? undefined : size,
  };
}

/** 2^n or 2^n + 2^(n-1) from 4 KiB up, as encoders write them. */
function isUsual(size: number): boolean {
  if (size === 0xffff_ffff) return true;
  const power = 2 ** Math.floor(Math.log2(size));
  return size >= 4096 && (size === power || size === power * 1.5);
}

/** The header of an .lz file, lzip's manual, "File format". `dictionary` is in bytes. */
export type LzipHeader = { readonly version: number; readonly dictionary: number };

/** An .lz file's header; undefined without its magic number. */
export function lzipHeader(head: Uint8Array): LzipHeader | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  if (bytes.length < 6 || bytes.toString('latin1', 0, 4) !== 'LZIP') return undefined;
  const coded = bytes.readUInt8(5);
  const base = 2 ** (coded & 31);
  return { version: bytes.readUInt8(4), dictionary: base - (base / 16) * (coded >> 5) };
}
