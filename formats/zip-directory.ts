import { createHash } from 'node:crypto';
import { ReproofError } from '../model/index.ts';
import { ByteReader } from './byte-reader.ts';
import { countInZip64, zip64Sizes } from './zip-extra.ts';

/** What a zip archive is read from: its end first. Where `size` is undefined it is read through once to know it. */
export type ZipInput = { readonly size: number | undefined; open(start?: number): AsyncIterable<Uint8Array> };

/** Upper limits of one archive. Passing one throws ARCHIVE_LIMIT. */
export type ZipLimits = {
  /** Entries of the central directory. */
  readonly members: number;
  /** Bytes of the central directory, which is held in memory. */
  readonly directoryBytes: number;
};

/** What the local header and the central directory both say of a member. `name` is its bytes as latin1. */
export type ZipHeader = {
  readonly name: string;
  readonly needs: number;
  readonly flags: number;
  readonly method: number;
  /** DOS date in the upper 16 bits, DOS time in the lower. */
  readonly dosTime: number;
  readonly crc32: number;
  /** Bytes in the archive and unpacked, zip64 extra field included. */
  readonly packedSize: number;
  readonly size: number;
  readonly extra: Buffer;
  /** How many of its numbers stand in the zip64 extra field, in the order they have there. */
  readonly inZip64: number;
};

/** A member as the central directory has it. `offset` is where its local header starts in the file. */
export type ZipEntry = ZipHeader & {
  readonly madeBy: number;
  readonly internal: number;
  readonly external: number;
  readonly comment: Buffer;
  /** The disk it begins on, of an archive of several: 0 in any that is whole. */
  readonly disk: number;
  readonly offset: number;
};

/** What the end of a zip archive says, APPNOTE 6.3.10, 4.3.12 to 4.3.16. Offsets are in the file. */
export type ZipDirectory = {
  readonly entries: readonly ZipEntry[];
  readonly comment: Buffer;
  /** The file's bytes. */
  readonly fileSize: number;
  /** Where the central directory starts, and where the end record with its comment ends. */
  readonly offset: number;
  readonly end: number;
  /** How far all offsets are off, for what was put before the archive. */
  readonly shift: number;
  /** Facts that most archives do not have: zip64, a signature of the directory, bytes before the end record. */
  readonly facts: Readonly<Record<string, string>>;
};

/** An end record, its comment, and what of zip64 stands before it: read at once, for a stream is costly to reopen. */
const TAIL_BYTES = 128 * 1024;
const END_BYTES = 22;
const ENTRY_BYTES = 46;

/** The central directory. Throws ARCHIVE_MALFORMED, its context holding `offset`; ARCHIVE_LIMIT. */
export async function readZipDirectory(input: ZipInput, limits: ZipLimits): Promise<ZipDirectory> {
  const { tail, size } = await readTail(input);
  const start = size - tail.length;
  const at = findEnd(tail);
  if (at === undefined) throw malformed('end of central directory', size, 'there is none');
  const end = readEnd(tail, at, start);
  if (end.count > limits.members) throw passed('members', limits.members, start + at);
  if (end.size > limits.directoryBytes) throw passed('directoryBytes', limits.directoryBytes, start + at);
  // Offsets count from the archive's first byte, which is not the file's where something was put before it.
  const computed = end.recordOffset - end.size - end.offset;
  const signed = (offset: number): Promise<boolean> => startsEntry({ input, tail, start }, offset);
  const offset =
    computed > 0 && (end.count === 0 || (await signed(end.offset + computed))) ? end.offset + computed : end.offset;
  if (offset + end.size > end.recordOffset) throw malformed('central directory', offset, 'it ends outside the file');
  const bytes = await readAt({ input, tail, start }, offset, end.size);
  const shift = offset - end.offset;
  const { entries, rest } = readEntries(bytes, { offset, shift, limits });
  if (entries.length % 65536 !== end.count % 65536)
    throw malformed('central directory', offset, `it holds ${entries.length} members, not ${end.count}`);
  const comment = tail.subarray(at + END_BYTES, at + END_BYTES + tail.readUInt16LE(at + 20));
  const between = end.recordOffset - offset - end.size;
  return {
    entries,
    comment,
    fileSize: size,
    offset,
    end: start + at + END_BYTES + comment.length,
    shift,
    facts: {
      ...end.facts,
      ...(rest === undefined ? {} : { 'directory signature': rest }),
      ...(between === 0 ? {} : { 'bytes before end record': String(between) }),
    },
  };
}

type Tail = { readonly input: ZipInput; readonly tail: Buffer; readonly start: number };

async function readTail(input: ZipInput): Promise<{ readonly tail: Buffer; readonly size: number }> {
  const from = input.size === undefined ? 0 : Math.max(0, input.size - TAIL_BYTES);
  let pieces: Uint8Array[] = [];
  let held = 0;
  let size = from;
  for await (const piece of input.open(from)) {
    pieces.push(piece);
    held += piece.length;
    size += piece.length;
    if (held <= 16 * TAIL_BYTES) continue;
    const kept = Buffer.concat(pieces).subarray(-TAIL_BYTES);
    pieces = [Buffer.from(kept)];
    held = kept.length;
  }
  return { tail: Buffer.concat(pieces).subarray(-TAIL_BYTES), size };
}

/** The last end record whose comment fits, as unzip(1) looks for it. */
function findEnd(tail: Buffer): number | undefined {
  const oldest = Math.max(0, tail.length - END_BYTES - 0xffff - 0x1000);
  for (let at = tail.lastIndexOf('PK\x05\x06', tail.length, 'latin1'); at >= oldest; ) {
    if (at + END_BYTES <= tail.length && at + END_BYTES + tail.readUInt16LE(at + 20) <= tail.length) return at;
    if (at === 0) return undefined;
    at = tail.lastIndexOf('PK\x05\x06', at - 1, 'latin1');
  }
  return undefined;
}

type End = {
  readonly count: number;
  readonly size: number;
  readonly offset: number;
  /** Where the first of the end records stands: the directory ends before it. */
  readonly recordOffset: number;
  readonly facts: Readonly<Record<string, string>>;
};

function readEnd(tail: Buffer, at: number, start: number): End {
  if (tail.readUInt16LE(at + 4) !== 0 && tail.readUInt16LE(at + 4) !== 0xffff)
    throw malformed('end of central directory', start + at, 'it is one of several disks');
  const count = tail.readUInt16LE(at + 10);
  const disks = `${tail.readUInt16LE(at + 4)}, ${tail.readUInt16LE(at + 6)}`;
  const plain: End = {
    count,
    size: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
    recordOffset: start + at,
    facts: {
      ...(tail.readUInt16LE(at + 8) === count ? {} : { 'members on this disk': String(tail.readUInt16LE(at + 8)) }),
      ...(disks === '0, 0' ? {} : { 'this disk, disk of the directory': disks }),
    },
  };
  const locator = at - 20;
  if (locator < 0 || tail.toString('latin1', locator, locator + 4) !== 'PK\x06\x07') return plain;
  // The record stands before its locator, wherever its offset points: that one is off where something was put before.
  const record = tail.lastIndexOf('PK\x06\x06', locator - 1, 'latin1');
  if (record < 0 || record + 56 > locator) throw malformed('zip64 end record', start + locator, 'there is none');
  const wide = (field: number): number => wideNumber(tail, record + field, start);
  if (wide(4) + 12 !== locator - record) throw malformed('zip64 end record', start + record, 'its size is not its own');
  const extra = tail.subarray(record + 56, locator);
  return {
    count: wide(32),
    size: wide(40),
    offset: wide(48),
    recordOffset: start + record,
    facts: {
      ...plain.facts,
      'zip64 end record': `made by 0x${hex4(tail.readUInt16LE(record + 12))}, needs ${tail.readUInt16LE(record + 14)}`,
      ...zip64Disks(tail, record, locator),
      'end record': `${plain.count} members, ${plain.size} bytes at ${plain.offset}`,
      ...(extra.length === 0 ? {} : { 'zip64 extensible data': bytesText(extra) }),
    },
  };
}

/** What the record and its locator say of disks and of where the record stands, which is behind the directory. */
function zip64Disks(tail: Buffer, record: number, locator: number): Readonly<Record<string, string>> {
  const [count, ofAll, size, offset] = [24, 32, 40, 48].map((field) => tail.readBigUInt64LE(record + field)) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const disks = `${tail.readUInt32LE(record + 16)}, ${tail.readUInt32LE(record + 20)}`;
  const at = tail.readBigUInt64LE(locator + 8);
  const place = `byte ${at} of disk ${tail.readUInt32LE(locator + 4)}, of ${tail.readUInt32LE(locator + 16)} disks`;
  return {
    ...(disks === '0, 0' ? {} : { 'zip64 this disk, disk of the directory': disks }),
    ...(count === ofAll ? {} : { 'zip64 members on this disk': String(count) }),
    ...(place === `byte ${offset + size} of disk 0, of 1 disks` ? {} : { 'zip64 locator': place }),
  };
}

async function startsEntry(tail: Tail, offset: number): Promise<boolean> {
  return (await readAt(tail, offset, 4)).toString('latin1') === 'PK\x01\x02';
}

async function readAt({ input, tail, start }: Tail, offset: number, size: number): Promise<Buffer> {
  if (offset >= start && offset + size <= start + tail.length)
    return tail.subarray(offset - start, offset - start + size);
  const reader = new ByteReader(input.open(offset));
  try {
    return await reader.read(size);
  } finally {
    await reader.close();
  }
}

type Place = { readonly offset: number; readonly shift: number; readonly limits: ZipLimits };

function readEntries(bytes: Buffer, place: Place): { entries: readonly ZipEntry[]; rest: string | undefined } {
  const entries: ZipEntry[] = [];
  let at = 0;
  while (at < bytes.length) {
    const offset = place.offset + at;
    const magic = bytes.toString('latin1', at, at + 4);
    if (magic === 'PK\x05\x05') return { entries, rest: bytesText(bytes.subarray(at)) };
    if (magic !== 'PK\x01\x02' || at + ENTRY_BYTES > bytes.length) throw malformed('directory entry', offset);
    if (entries.length >= place.limits.members) throw passed('members', place.limits.members, offset);
    const [nameSize, extraSize, commentSize] = [28, 30, 32].map((field) => bytes.readUInt16LE(at + field)) as [
      number,
      number,
      number,
    ];
    const name = at + ENTRY_BYTES;
    const end = name + nameSize + extraSize + commentSize;
    if (end > bytes.length) throw malformed('directory entry', offset, 'the directory ends inside it');
    const extra = bytes.subarray(name + nameSize, name + nameSize + extraSize);
    const stored = {
      size: bytes.readUInt32LE(at + 24),
      packedSize: bytes.readUInt32LE(at + 20),
      offset: bytes.readUInt32LE(at + 42),
    };
    const sizes = zip64Sizes(extra, stored);
    if (sizes === undefined) throw malformed('zip64 sizes', offset);
    entries.push({
      name: bytes.toString('latin1', name, name + nameSize),
      madeBy: bytes.readUInt16LE(at + 4),
      needs: bytes.readUInt16LE(at + 6),
      flags: bytes.readUInt16LE(at + 8),
      method: bytes.readUInt16LE(at + 10),
      dosTime: bytes.readUInt32LE(at + 12),
      crc32: bytes.readUInt32LE(at + 16),
      internal: bytes.readUInt16LE(at + 36),
      external: bytes.readUInt32LE(at + 38),
      extra,
      inZip64: countInZip64(stored),
      comment: bytes.subarray(end - commentSize, end),
      disk: bytes.readUInt16LE(at + 34),
      size: sizes.size,
      packedSize: sizes.packedSize,
      offset: sizes.offset + place.shift,
    });
    at = end;
  }
  return { entries, rest: undefined };
}

function wideNumber(bytes: Buffer, at: number, start: number): number {
  const value = bytes.readBigUInt64LE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed('zip64 end record', start + at, 'a number is too large');
  return Number(value);
}

function bytesText(bytes: Buffer): string {
  return `${bytes.length} bytes, sha256 ${createHash('sha256').update(bytes).digest('hex')}`;
}

function hex4(value: number): string {
  return value.toString(16).padStart(4, '0');
}

/** ARCHIVE_MALFORMED for `what` at `offset`. */
export function malformed(what: string, offset: number, why?: string): ReproofError {
  const message = `reading ${what} of zip archive at byte ${offset}${why === undefined ? '' : `: ${why}`}`;
  return new ReproofError('ARCHIVE_MALFORMED', message, { context: { offset } });
}

function passed(limit: keyof ZipLimits, value: number, offset: number): ReproofError {
  const message = `reading zip archive at byte ${offset}: the limit of ${value} ${limit} was reached`;
  return new ReproofError('ARCHIVE_LIMIT', message, { context: { limit, value, offset } });
}
