import { crc32 } from 'node:zlib';
import { ReproofError } from '../model/index.ts';
import { ByteReader } from './byte-reader.ts';
import { inflateFrom } from './inflate.ts';

/** Upper limits of one file. Passing one throws ARCHIVE_LIMIT. */
export type GzipLimits = {
  readonly members: number;
  /** Bytes of a file name or a comment. */
  readonly textBytes: number;
};

/** A member's header, RFC 1952 2.3. Texts are latin1, as the format has them. */
export type GzipHeader = {
  /** Bit 0: said to be text; 1: header CRC; 2: extra; 3: name; 4: comment. */
  readonly flags: number;
  /** Seconds since 1970; 0 for none. */
  readonly mtime: number;
  readonly extraFlags: number;
  readonly system: number;
  readonly extra: Buffer | undefined;
  readonly name: string | undefined;
  readonly comment: string | undefined;
  /** Bytes of the header. */
  readonly headerSize: number;
};

/** What stands in the file, in its order. */
export type GzipPiece =
  | { readonly kind: 'header'; readonly header: GzipHeader; readonly offset: number }
  | { readonly kind: 'content'; readonly bytes: Uint8Array }
  /** A member has ended as its trailer says. Sizes are of the content and of the deflated bytes. */
  | { readonly kind: 'member-end'; readonly size: number; readonly packedSize: number }
  /** Bytes after the last member, to the end of the file. */
  | { readonly kind: 'trailing'; readonly bytes: Uint8Array };

const FIXED_BYTES = 10;
const [HEADER_CRC, EXTRA, NAME, COMMENT, RESERVED] = [2, 4, 8, 16, 0xe0];

/**
 * A gzip file, RFC 1952: every member with its header, content and trailer, and whatever follows them. Sizes and
 * checksums are checked. What begins as a member does must be one: it is no trailing byte.
 * Throws ARCHIVE_MALFORMED, its context holding `offset`, for anything broken or cut short; ARCHIVE_LIMIT.
 */
export async function* readGzip(source: AsyncIterable<Uint8Array>, limits: GzipLimits): AsyncGenerator<GzipPiece> {
  const reader = new ByteReader(source);
  try {
    for (let count = 0; ; count++) {
      const offset = reader.position;
      const magic = await reader.read(2);
      if (magic.length === 0 && count > 0) return;
      if (magic.toString('latin1') !== '\x1f\x8b') {
        if (count === 0) throw malformed('magic', offset);
        yield { kind: 'trailing', bytes: magic };
        for await (const bytes of reader.stream(Number.POSITIVE_INFINITY)) yield { kind: 'trailing', bytes };
        return;
      }
      if (count >= limits.members) throw passed('members', limits.members, offset);
      const header = await readHeader(reader, magic, limits);
      yield { kind: 'header', header, offset };
      yield* readContent(reader);
    }
  } finally {
    await reader.close();
  }
}

async function* readContent(reader: ByteReader): AsyncGenerator<GzipPiece> {
  const start = reader.position;
  let crc = 0;
  let size = 0;
  for await (const bytes of inflateFrom(reader, (why) => malformed('member', start, why))) {
    crc = crc32(bytes, crc);
    size += bytes.length;
    yield { kind: 'content', bytes };
  }
  const end = reader.position;
  const trailer = await reader.read(8);
  if (trailer.length < 8) throw malformed('trailer', end, 'the file ends inside it');
  if (trailer.readUInt32LE(0) !== crc) throw malformed('CRC-32', end, 'it is not that of the content');
  if (trailer.readUInt32LE(4) !== size % 2 ** 32) throw malformed('size', end + 4, 'it is not that of the content');
  yield { kind: 'member-end', size, packedSize: end - start };
}

async function readHeader(reader: ByteReader, magic: Buffer, limits: GzipLimits): Promise<GzipHeader> {
  const offset = reader.position - magic.length;
  const parts = [magic];
  const take = async (count: number): Promise<Buffer> => {
    const bytes = await reader.read(count);
    if (bytes.length < count) throw malformed('header', offset, 'the file ends inside it');
    parts.push(bytes);
    return bytes;
  };
  const fixed = await take(FIXED_BYTES - 2);
  if (fixed[0] !== 8) throw malformed('method', offset + 2);
  const flags = fixed.readUInt8(1);
  if ((flags & RESERVED) !== 0) throw malformed('flags', offset + 3, 'reserved ones are set');
  const extra = (flags & EXTRA) === 0 ? undefined : await take((await take(2)).readUInt16LE(0));
  const text = async (): Promise<string> => {
    const bytes = await readText(reader, offset, limits);
    parts.push(bytes);
    return bytes.toString('latin1', 0, bytes.length - 1);
  };
  const name = (flags & NAME) === 0 ? undefined : await text();
  const comment = (flags & COMMENT) === 0 ? undefined : await text();
  const sum = crc32(Buffer.concat(parts)) & 0xffff;
  if ((flags & HEADER_CRC) !== 0 && (await take(2)).readUInt16LE(0) !== sum)
    throw malformed('header CRC', reader.position - 2, 'it is not that of the header');
  return {
    flags,
    mtime: fixed.readUInt32LE(2),
    extraFlags: fixed.readUInt8(6),
    system: fixed.readUInt8(7),
    extra,
    name,
    comment,
    headerSize: reader.position - offset,
  };
}

/** Bytes up to a NUL and with it. */
async function readText(reader: ByteReader, offset: number, limits: GzipLimits): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of reader.stream(Number.POSITIVE_INFINITY)) {
    const end = piece.indexOf(0) + 1;
    pieces.push(end === 0 ? piece : piece.subarray(0, end));
    size += end === 0 ? piece.length : end;
    if (end > 0) reader.unread(piece.subarray(end));
    if (size > limits.textBytes + 1) throw passed('textBytes', limits.textBytes, offset);
    if (end > 0) return Buffer.concat(pieces);
  }
  throw malformed('header', offset, 'the file ends inside it');
}

function malformed(what: string, offset: number, why?: string): ReproofError {
  const message = `reading ${what} of gzip file at byte ${offset}${why === undefined ? '' : `: ${why}`}`;
  return new ReproofError('ARCHIVE_MALFORMED', message, { context: { offset } });
}

function passed(limit: keyof GzipLimits, value: number, offset: number): ReproofError {
  const message = `reading gzip file at byte ${offset}: the limit of ${value} ${limit} was reached`;
  return new ReproofError('ARCHIVE_LIMIT', message, { context: { limit, value, offset } });
}
