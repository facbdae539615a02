/** What the beginning of a serialized R object says: who wrote it, and who can read it. */
export type RDataHeader = {
  readonly version: number;
  readonly writtenBy: string;
  readonly readableFrom: string;
  /** The writer's own encoding, from version 3 on. */
  readonly encoding: string | undefined;
  /** Where the objects begin, in bytes. */
  readonly bytes: number;
};

const MAGIC = 'X\n';
const ENCODING_BYTES = 64;

/** Reads the header of R's binary form in big-endian numbers (R Internals, 1.8 Serialization Formats); undefined for others. */
export function readRDataHeader(head: Uint8Array): RDataHeader | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  if (bytes.length < 14 || bytes.toString('latin1', 0, 2) !== MAGIC) return undefined;
  const [version, written, readable] = [2, 6, 10].map((at) => bytes.readUInt32BE(at)) as [number, number, number];
  if (version < 2 || version > 3 || written >>> 24 !== 0 || readable >>> 24 !== 0) return undefined;
  const told = { version, writtenBy: release(written), readableFrom: release(readable) };
  if (version === 2) return { ...told, encoding: undefined, bytes: 14 };
  const size = bytes.length < 18 ? 0 : bytes.readUInt32BE(14);
  if (size === 0 || size > ENCODING_BYTES || bytes.length < 18 + size) return undefined;
  return { ...told, encoding: bytes.toString('latin1', 18, 18 + size), bytes: 18 + size };
}

/** R's own number of a release: a byte each. */
function release(version: number): string {
  return [version >>> 16, (version >>> 8) & 0xff, version & 0xff].join('.');
}
