/** The header of an LZ4 frame, lz4_Frame_format.md 1.6.4. */
export type Lz4Header = {
  readonly kind: 'frame';
  readonly independentBlocks: boolean;
  readonly blockChecksums: boolean;
  readonly contentChecksum: boolean;
  /** Largest block: 4 to 7 for 64 KiB, 256 KiB, 1 MiB, 4 MiB. */
  readonly blockSize: number;
  readonly contentSize: bigint | undefined;
  readonly dictionary: number | undefined;
};

/** What an LZ4 file's first frame says, or that it has the old format, which says nothing; undefined for neither. */
export function lz4Header(head: Uint8Array): Lz4Header | { readonly kind: 'legacy' } | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  if (bytes.length < 7) return undefined;
  const magic = bytes.readUInt32LE(0);
  if (magic === 0x184c2102) return { kind: 'legacy' };
  const flags = bytes.readUInt8(4);
  if (magic !== 0x184d2204 || flags >> 6 !== 1) return undefined;
  const [sized, named] = [(flags & 8) !== 0, (flags & 1) !== 0];
  if (bytes.length < 7 + (sized ? 8 : 0) + (named ? 4 : 0)) return undefined;
  return {
    kind: 'frame',
    independentBlocks: (flags & 0x20) !== 0,
    blockChecksums: (flags & 0x10) !== 0,
    contentChecksum: (flags & 4) !== 0,
    blockSize: (bytes.readUInt8(5) >> 4) & 7,
    contentSize: sized ? bytes.readBigUInt64LE(6) : undefined,
    dictionary: named ? bytes.readUInt32LE(sized ? 14 : 6) : undefined,
  };
}
