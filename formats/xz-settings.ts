/** What the beginning of an .xz file says of how it was made, xz-file-format.txt 2.1.1 and 3.1. */
export type XzSettings = {
  /** The kind of the integrity check: 0 none, 1 CRC-32, 4 CRC-64, 10 SHA-256. */
  readonly check: number;
  /** True where the first block's header says its sizes, as encoders with threads write it. */
  readonly sizesInHeader: boolean;
  /** Ids of the filters of the first block, LZMA2 (0x21) the last. */
  readonly filters: readonly number[];
  /** The first block's LZMA2 dictionary, in bytes. */
  readonly dictionary: number;
};

const MAGIC = '\xfd7zXZ\0';
const LZMA2 = 0x21;
const STREAM_HEADER_BYTES = 12;

/** The settings that the first block shows; undefined for a file without one, or that is no .xz file. */
export function xzSettings(head: Uint8Array): XzSettings | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC || bytes.length < STREAM_HEADER_BYTES + 8) return undefined;
  const end = STREAM_HEADER_BYTES + ((bytes[STREAM_HEADER_BYTES] as number) + 1) * 4 - 4;
  // A size of 0 is the index: there is no block.
  if (bytes[STREAM_HEADER_BYTES] === 0 || end > bytes.length) return undefined;
  const flags = bytes.readUInt8(STREAM_HEADER_BYTES + 1);
  let at = STREAM_HEADER_BYTES + 2;
  const number = (): number => {
    for (let value = 0, scale = 1; at < end; scale *= 128) {
      const byte = bytes[at++] as number;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    return Number.NaN;
  };
  if ((flags & 0x40) !== 0) number();
  if ((flags & 0x80) !== 0) number();
  const filters: number[] = [];
  let dictionary = Number.NaN;
  for (let filter = 0; filter <= (flags & 3); filter++) {
    const id = number();
    const size = number();
    if (!Number.isSafeInteger(id) || !(at + size <= end)) return undefined;
    filters.push(id);
    if (id === LZMA2 && size === 1) dictionary = dictionarySize(bytes[at] as number);
    at += size;
  }
  return { check: (bytes[7] as number) & 15, sizesInHeader: (flags & 0xc0) !== 0, filters, dictionary };
}

function dictionarySize(coded: number): number {
  return coded >= 40 ? 2 ** 32 - 1 : (2 | (coded & 1)) * 2 ** (Math.floor(coded / 2) + 11);
}
