import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { ReproofError } from '../model/index.ts';
import { guid } from './pe.ts';
import type { ReadBytes } from './read-bytes.ts';

/** A partition: what a table says of it beside where it stands, and where that is, in bytes of the image. */
export type Partition = {
  /** As systems number it: its place in the table, from 1; from 5 on inside an extended partition. */
  readonly number: number;
  readonly offset: number;
  readonly size: number;
  /** In words, by name; values as latin1 or decimal. */
  readonly fields: Readonly<Record<string, string>>;
};

/** A partition table. `tables` are the bytes that it and its parts and copies take: no content. */
export type PartitionTable = {
  readonly kind: 'GPT' | 'MBR';
  readonly fields: Readonly<Record<string, string>>;
  readonly partitions: readonly Partition[];
  readonly tables: readonly { readonly offset: number; readonly size: number }[];
};

/** Upper limits of one table. Passing one throws ARCHIVE_LIMIT. */
export type PartitionLimits = { readonly partitions: number };

export type Disk = { readonly read: ReadBytes; readonly size: number };

/** Code before the partition table of an MBR, in bytes from the start. */
export const BOOT_CODE_BYTES = 440;
const SECTOR_BYTES = 512;
const MBR_ENTRIES = { offset: 446, size: 16, count: 4 } as const;
const EXTENDED: ReadonlySet<number> = new Set([0x05, 0x0f, 0x85]);
const PROTECTIVE = 0xee;
const GPT_MAGIC = 'EFI PART';
const GPT_HEADER_BYTES = 92;
/** Sectors that a table may be counted in. */
const SECTOR_SIZES = [512, 4096] as const;

/**
 * What kind of partition table an image begins with, by its first 4608 bytes or more; undefined where it begins with
 * none. An MBR must hold nothing but entries that can be.
 */
export function partitionTableKind(start: Uint8Array): PartitionTable['kind'] | undefined {
  const bytes = Buffer.from(start.buffer, start.byteOffset, start.length);
  if (bytes.length < SECTOR_BYTES || bytes.readUInt16BE(510) !== 0x55aa) return undefined;
  if (sectorBytesOf(bytes) !== undefined) return 'GPT';
  const entries = mbrEntries(bytes);
  const possible = entries.every(
    ({ status, type, start: first, sectors }) =>
      (status & 0x7f) === 0 && (type === 0 ? sectors === 0 : first > 0 && sectors > 0),
  );
  return possible && entries.some(({ type }) => type !== 0 && type !== PROTECTIVE) ? 'MBR' : undefined;
}

/**
 * Reads a partition table. Throws ARCHIVE_MALFORMED (context `offset`) where a partition reaches out of the image or the
 * table cannot be, ARCHIVE_LIMIT. Source: UEFI 2.10, 5.2 and 5.3, and for extended partitions sfdisk(8).
 */
export function readPartitionTable(disk: Disk, limits: PartitionLimits): PartitionTable {
  const start = disk.read(0, SECTOR_SIZES[1] + SECTOR_BYTES);
  const kind = partitionTableKind(start);
  if (kind === undefined) throw malformed('partition table', 0);
  const sectorBytes = sectorBytesOf(start);
  return sectorBytes === undefined ? readMbr(disk, start, limits) : readGpt(disk, sectorBytes, limits);
}

type MbrEntry = {
  readonly status: number;
  readonly type: number;
  readonly start: number;
  readonly sectors: number;
  /** Its first and last sector as stored. */
  readonly ends: string;
};

function mbrEntries(sector: Buffer): readonly MbrEntry[] {
  return Array.from({ length: MBR_ENTRIES.count }, (_, index) => {
    const at = MBR_ENTRIES.offset + index * MBR_ENTRIES.size;
    return {
      status: sector.readUInt8(at),
      type: sector.readUInt8(at + 4),
      start: sector.readUInt32LE(at + 8),
      sectors: sector.readUInt32LE(at + 12),
      ends: `${sector.toString('hex', at + 1, at + 4)} ${sector.toString('hex', at + 5, at + 8)}`,
    };
  });
}

function readMbr(disk: Disk, start: Buffer, limits: PartitionLimits): PartitionTable {
  const partitions: Partition[] = [];
  const tables = [{ offset: 0, size: SECTOR_BYTES }];
  // What is told of no partition, such as the size of an extended one.
  const rest = createHash('sha256').update(start.subarray(BOOT_CODE_BYTES + 4, MBR_ENTRIES.offset));
  for (const [index, entry] of mbrEntries(start).entries()) {
    if (entry.type === 0 || EXTENDED.has(entry.type)) rest.update(mbrEntryBytes(start, index));
    if (entry.type === 0) continue;
    partitions.push(mbrPartition(disk, index + 1, entry, 0));
    if (!EXTENDED.has(entry.type)) continue;
    // Each record names a partition and the next record, all within the extended one.
    for (let at: number | undefined = entry.start; at !== undefined; ) {
      const sector = disk.read(at * SECTOR_BYTES, SECTOR_BYTES);
      if (sector.length < SECTOR_BYTES || sector.readUInt16BE(510) !== 0x55aa)
        throw malformed('extended partition', at * SECTOR_BYTES);
      if (tables.length > limits.partitions) throw passed(limits.partitions);
      tables.push({ offset: at * SECTOR_BYTES, size: SECTOR_BYTES });
      const [logical, next] = mbrEntries(sector) as [MbrEntry, MbrEntry];
      if (logical.type !== 0) partitions.push(mbrPartition(disk, 3 + tables.length, logical, at));
      const told = logical.type === 0 ? 0 : MBR_ENTRIES.size;
      rest.update(sector.subarray(0, MBR_ENTRIES.offset)).update(sector.subarray(MBR_ENTRIES.offset + told));
      at = next.type === 0 ? undefined : entry.start + next.start;
    }
  }
  const fields = {
    'disk signature': hex(start.readUInt32LE(BOOT_CODE_BYTES), 8),
    'rest of the tables': `sha256 ${rest.digest('hex')}`,
  };
  return { kind: 'MBR', fields, partitions, tables };
}

function mbrEntryBytes(sector: Buffer, index: number): Buffer {
  const at = MBR_ENTRIES.offset + index * MBR_ENTRIES.size;
  return sector.subarray(at, at + MBR_ENTRIES.size);
}

function mbrPartition(disk: Disk, number: number, entry: MbrEntry, base: number): Partition {
  const fields = {
    type: hex(entry.type, 2),
    active: entry.status === 0 ? '' : hex(entry.status, 2),
    'ends as cylinder, head, sector': entry.ends,
  };
  return placed(disk, number, {
    first: base + entry.start,
    // What is in an extended partition is told by itself.
    sectors: EXTENDED.has(entry.type) ? 0 : entry.sectors,
    sectorBytes: SECTOR_BYTES,
    fields,
  });
}

function sectorBytesOf(start: Buffer): number | undefined {
  return SECTOR_SIZES.find((size) => start.toString('latin1', size, size + GPT_MAGIC.length) === GPT_MAGIC);
}

function readGpt(disk: Disk, sectorBytes: number, limits: PartitionLimits): PartitionTable {
  const header = gptHeader(disk, sectorBytes, sectorBytes, limits);
  const { entries, entryBytes, bytes } = header;
  const partitions: Partition[] = [];
  for (let index = 0; index * entryBytes < entries.length; index++) {
    const entry = entries.subarray(index * entryBytes, (index + 1) * entryBytes);
    if (entry.subarray(0, 16).every((byte) => byte === 0)) continue;
    partitions.push(gptPartition(disk, index + 1, entry, sectorBytes));
  }
  const backupAt = sectors(bytes, 32) * sectorBytes;
  const backup = backupOf(disk, backupAt, sectorBytes, limits);
  const fields = {
    'protective MBR': disk.read(BOOT_CODE_BYTES, SECTOR_BYTES - BOOT_CODE_BYTES).toString('hex'),
    'disk GUID': guid(bytes.subarray(56, 72)),
    'bytes of a sector': String(sectorBytes),
    revision: bytes.subarray(8, 12).toString('hex'),
    'first usable sector': String(bytes.readBigUInt64LE(40)),
    'last usable sector': String(bytes.readBigUInt64LE(48)),
    'entries of the table': `${entries.length / entryBytes} of ${entryBytes} bytes at sector ${bytes.readBigUInt64LE(72)}`,
    'checksums of the table': header.sound ? 'right' : 'wrong',
    'sector of the backup': String(bytes.readBigUInt64LE(32)),
    'backup of the table': backup === undefined ? 'missing' : sameTable(header, backup) ? 'the same' : 'another',
  };
  const tables = [
    { offset: 0, size: 2 * sectorBytes },
    { offset: header.entriesAt, size: entries.length },
    ...(backup === undefined
      ? []
      : [
          { offset: backupAt, size: sectorBytes },
          { offset: backup.entriesAt, size: backup.entries.length },
        ]),
  ];
  return { kind: 'GPT', fields, partitions, tables };
}

type GptHeader = {
  readonly bytes: Buffer;
  readonly entriesAt: number;
  readonly entries: Buffer;
  readonly entryBytes: number;
  /** True where both checksums are right. */
  readonly sound: boolean;
};

function gptHeader(disk: Disk, offset: number, sectorBytes: number, limits: PartitionLimits): GptHeader {
  const bytes = disk.read(offset, sectorBytes);
  const headerBytes = bytes.length < GPT_HEADER_BYTES ? 0 : bytes.readUInt32LE(12);
  const magic = bytes.toString('latin1', 0, GPT_MAGIC.length);
  if (magic !== GPT_MAGIC || headerBytes < GPT_HEADER_BYTES || headerBytes > bytes.length)
    throw malformed('GPT header', offset);
  const [count, entryBytes] = [bytes.readUInt32LE(80), bytes.readUInt32LE(84)];
  if (count > limits.partitions) throw passed(limits.partitions);
  if (entryBytes < 128 || entryBytes > 4096) throw malformed('size of GPT entries', offset + 84);
  const entriesAt = sectors(bytes, 72) * sectorBytes;
  const entries = disk.read(entriesAt, count * entryBytes);
  if (entries.length < count * entryBytes) throw malformed('GPT entries', entriesAt);
  const summed = Buffer.from(bytes.subarray(0, headerBytes)).fill(0, 16, 20);
  const sound = crc32(summed) === bytes.readUInt32LE(16) && crc32(entries) === bytes.readUInt32LE(88);
  return { bytes, entriesAt, entries, entryBytes, sound };
}

/** The copy at the end of the disk; undefined where there is none. */
function backupOf(disk: Disk, offset: number, sectorBytes: number, limits: PartitionLimits): GptHeader | undefined {
  const magic = offset > 0 && offset < disk.size ? disk.read(offset, GPT_MAGIC.length).toString('latin1') : '';
  return magic === GPT_MAGIC ? gptHeader(disk, offset, sectorBytes, limits) : undefined;
}

/** True when both tell the same of the disk; where they stand themselves is each one's own. */
function sameTable(one: GptHeader, other: GptHeader): boolean {
  const own = (header: GptHeader): Buffer => Buffer.from(header.bytes).fill(0, 16, 40).fill(0, 72, 80);
  return one.sound === other.sound && one.entries.equals(other.entries) && own(one).equals(own(other));
}

function gptPartition(disk: Disk, number: number, entry: Buffer, sectorBytes: number): Partition {
  const [first, last] = [sectors(entry, 32), sectors(entry, 40)];
  return placed(disk, number, {
    first,
    sectors: last - first + 1,
    sectorBytes,
    fields: {
      type: guid(entry.subarray(0, 16)),
      GUID: guid(entry.subarray(16, 32)),
      name: gptName(entry.subarray(56, 128)),
      attributes: entry.subarray(48, 56).toString('hex'),
    },
  });
}

/** UTF-16 up to the first NUL; all of it in hex where that is not all it holds. */
function gptName(bytes: Buffer): string {
  const name = bytes.toString('utf16le').replace(/\0+$/, '');
  const plain = name.isWellFormed() && !name.includes('\0');
  return plain ? Buffer.from(name).toString('latin1') : bytes.toString('hex');
}

type Placed = Pick<Partition, 'fields'> & {
  readonly first: number;
  readonly sectors: number;
  readonly sectorBytes: number;
};

function placed(disk: Disk, number: number, { first, sectors: count, sectorBytes, fields }: Placed): Partition {
  const [offset, size] = [first * sectorBytes, count * sectorBytes];
  if (count < 0 || offset + size > disk.size) throw malformed(`partition ${number}`, offset);
  return { number, offset, size, fields: { ...fields, 'first sector': String(first), sectors: String(count) } };
}

function sectors(bytes: Buffer, at: number): number {
  const value = Number(bytes.readBigUInt64LE(at));
  if (value > Number.MAX_SAFE_INTEGER / SECTOR_SIZES[1]) throw malformed('sector number', at);
  return value;
}

function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

function malformed(what: string, offset: number): ReproofError {
  const message = `reading ${what} of disk image at byte ${offset}`;
  return new ReproofError('ARCHIVE_MALFORMED', message, { context: { offset } });
}

function passed(value: number): ReproofError {
  return new ReproofError('ARCHIVE_LIMIT', `reading disk image: more than ${value} partitions`, {
    context: { limit: 'partitions', value },
  });
}
