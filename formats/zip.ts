import { crc32 } from 'node:zlib';
import { ByteReader } from './byte-reader.ts';
import {
  malformed,
  readZipDirectory,
  type ZipDirectory,
  type ZipEntry,
  type ZipHeader,
  type ZipInput,
  type ZipLimits,
} from './zip-directory.ts';
import { countInZip64, zip64Sizes, zipExtras } from './zip-extra.ts';

/**
 * What stands in the file, in its order. `content` is read before the next piece is asked for, or not at all: what is
 * unread is passed over then.
 */
export type ZipPiece =
  | {
      readonly kind: 'member';
      readonly entry: ZipEntry;
      readonly local: ZipHeader;
      /** Where the member's bytes start in the file: `content` is those, packed as they are. */
      readonly dataOffset: number;
      readonly content: AsyncIterable<Uint8Array>;
    }
  /** Bytes that nothing in the archive speaks of. `after` is the member before them; undefined before the first. */
  | {
      readonly kind: 'unclaimed';
      readonly where: 'before' | 'between' | 'before-directory' | 'after';
      readonly after: string | undefined;
      readonly offset: number;
      readonly size: number;
      readonly content: AsyncIterable<Uint8Array>;
    }
  /** What is wrong with the last member: a checksum or a data descriptor that belies it. One line of ASCII. */
  | { readonly kind: 'flaw'; readonly member: string; readonly what: string; readonly value: string }
  | { readonly kind: 'end'; readonly directory: ZipDirectory; readonly descriptors: string };

const STORED = 0;
const HAS_DESCRIPTOR = 8;
const LOCAL_BYTES = 30;

/**
 * A zip archive, APPNOTE 6.3.10: the central directory first, then everything in the order it stands in the file, in one
 * pass, every byte of it given or accounted for. Stored members are checked against their CRC-32.
 * Throws ARCHIVE_MALFORMED, its context holding `offset`, also where members overlap or lie outside; ARCHIVE_LIMIT.
 */
export async function* readZip(input: ZipInput, limits: ZipLimits): AsyncGenerator<ZipPiece> {
  const directory = await readZipDirectory(input, limits);
  const regions = inFileOrder(directory);
  const descriptors = new Map<string, number>();
  const reader = new ByteReader(input.open());
  let after: string | undefined;
  try {
    for (const [index, region] of regions.entries()) {
      const next = regions[index + 1]?.offset ?? directory.fileSize;
      const { entry } = region;
      const gap = region.offset - reader.position;
      if (gap < 0) throw malformed('members', region.offset, 'they overlap');
      const where = index === 0 ? 'before' : entry === undefined ? 'before-directory' : 'between';
      if (gap > 0) yield* unclaimed(reader, gap, { where, after });
      if (entry === undefined) {
        await skipTo(reader, directory.end, directory.fileSize);
        continue;
      }
      after = entry.name;
      yield* readMember(reader, entry, next);
      if ((entry.flags & HAS_DESCRIPTOR) === 0 || reader.position === next) continue;
      const found = await readDescriptor(reader, entry, next);
      descriptors.set(found.form, (descriptors.get(found.form) ?? 0) + 1);
      if (found.belies !== undefined)
        yield { kind: 'flaw', member: entry.name, what: 'data descriptor', value: found.belies };
    }
    const gap = directory.fileSize - reader.position;
    if (gap > 0) yield* unclaimed(reader, gap, { where: 'after', after });
  } finally {
    await reader.close();
  }
  const forms = [...descriptors].sort().map(([form, count]) => `${count} of ${form}`);
  yield { kind: 'end', directory, descriptors: forms.join(', ') };
}

type Region = { readonly offset: number; readonly entry: ZipEntry | undefined };

/** Members and the directory by where they start; the directory has no entry. */
function inFileOrder(directory: ZipDirectory): readonly Region[] {
  const regions: Region[] = directory.entries.map((entry) => ({ offset: entry.offset, entry }));
  regions.push({ offset: directory.offset, entry: undefined });
  const sorted = regions.every(
    (region, index) => index === 0 || (regions[index - 1] as Region).offset <= region.offset,
  );
  return sorted ? regions : regions.sort((one, other) => one.offset - other.offset);
}

async function* unclaimed(
  reader: ByteReader,
  size: number,
  place: Pick<Extract<ZipPiece, { kind: 'unclaimed' }>, 'where' | 'after'>,
): AsyncGenerator<ZipPiece> {
  const offset = reader.position;
  yield { kind: 'unclaimed', ...place, offset, size, content: reader.stream(size) };
  await skipTo(reader, offset + size, offset + size);
}

async function* readMember(reader: ByteReader, entry: ZipEntry, next: number): AsyncGenerator<ZipPiece> {
  const { offset } = entry;
  if (offset + LOCAL_BYTES > next) throw malformed('local header', offset, 'it overlaps what follows');
  const fixed = await reader.read(LOCAL_BYTES);
  if (fixed.length < LOCAL_BYTES || fixed.toString('latin1', 0, 4) !== 'PK\x03\x04')
    throw malformed('local header', offset);
  const nameSize = fixed.readUInt16LE(26);
  const rest = await reader.read(nameSize + fixed.readUInt16LE(28));
  const dataOffset = reader.position;
  if (dataOffset + entry.packedSize > next) throw malformed('member', offset, 'it overlaps what follows');
  const extra = rest.subarray(nameSize);
  const stored = { size: fixed.readUInt32LE(22), packedSize: fixed.readUInt32LE(18), offset: 0 };
  const sizes = zip64Sizes(extra, stored);
  if (sizes === undefined) throw malformed('zip64 sizes', offset);
  const local: ZipHeader = {
    name: rest.toString('latin1', 0, nameSize),
    needs: fixed.readUInt16LE(4),
    flags: fixed.readUInt16LE(6),
    method: fixed.readUInt16LE(8),
    dosTime: fixed.readUInt32LE(10),
    crc32: fixed.readUInt32LE(14),
    packedSize: sizes.packedSize,
    size: sizes.size,
    extra,
    inZip64: countInZip64(stored),
  };
  const plain = entry.method === STORED && (entry.flags & 1) === 0;
  if (plain && entry.size !== entry.packedSize) throw malformed('member', offset, 'it is stored in another size');
  const checked = { crc: 0, bytes: 0 };
  const content = plain ? withCrc(reader.stream(entry.packedSize), checked) : reader.stream(entry.packedSize);
  yield { kind: 'member', entry, local, dataOffset, content };
  await skipTo(reader, dataOffset + entry.packedSize, next);
  if (plain && checked.bytes === entry.size && checked.crc !== entry.crc32)
    yield { kind: 'flaw', member: entry.name, what: 'crc32 of other content', value: hex8(entry.crc32) };
}

async function* withCrc(
  content: AsyncIterable<Uint8Array>,
  checked: { crc: number; bytes: number },
): AsyncGenerator<Uint8Array> {
  for await (const piece of content) {
    checked.crc = crc32(piece, checked.crc);
    checked.bytes += piece.length;
    yield piece;
  }
}

/** Which of its four forms the descriptor has, and what it says where that is not what the directory says. */
async function readDescriptor(
  reader: ByteReader,
  entry: ZipEntry,
  next: number,
): Promise<{ readonly form: string; readonly belies: string | undefined }> {
  const offset = reader.position;
  const room = next - offset;
  const first = await reader.read(Math.min(4, room));
  const signed = first.toString('latin1') === 'PK\x07\x08';
  const narrow = signed ? 16 : 12;
  const wide = room === narrow + 8 || (room !== narrow && zipExtras(entry.extra).fields.some(({ id }) => id === 1));
  const size = narrow + (wide ? 8 : 0);
  if (size > room) throw malformed('data descriptor', offset, 'there is no room for it');
  const rest = await reader.read(size - 4);
  const bytes = signed ? rest : Buffer.concat([first, rest]);
  if (bytes.length < size - (signed ? 4 : 0)) throw malformed('data descriptor', offset, 'the file ends inside it');
  const [packedSize, full] = wide
    ? [Number(bytes.readBigUInt64LE(4)), Number(bytes.readBigUInt64LE(12))]
    : [bytes.readUInt32LE(4), bytes.readUInt32LE(8)];
  const right = bytes.readUInt32LE(0) === entry.crc32 && packedSize === entry.packedSize && full === entry.size;
  return {
    form: `${size} bytes${signed ? '' : ' without signature'}`,
    belies: right ? undefined : bytes.toString('hex'),
  };
}

async function skipTo(reader: ByteReader, offset: number, fileSize: number): Promise<void> {
  await reader.skip(offset - reader.position);
  if (reader.position < offset)
    throw malformed('content', Math.min(reader.position, fileSize), 'the file ends inside it');
}

function hex8(value: number): string {
  return value.toString(16).padStart(8, '0');
}
