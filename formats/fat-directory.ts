import { ReproofError } from '../model/index.ts';
import { ENTRY_BYTES, FatChains, type FatLayout, readFatLayout } from './fat.ts';
import type { ReadBytes } from './read-bytes.ts';

/** Upper limits of one image. Passing one throws ARCHIVE_LIMIT. */
export type FatLimits = { readonly names: number; readonly depth: number; readonly pathBytes: number };

/** A name in a folder. `path` is its bytes below the root as latin1, long names in UTF-8: never a path. */
export type FatName = {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'label';
  /** Eight characters and three, as stored, whatever the long name is. */
  readonly shortName: string;
  readonly attributes: number;
  readonly size: number;
  readonly cluster: number;
  /** Local times as the entry has them: "2023-11-14 22:13:20"; without any, empty. */
  readonly modified: string;
  readonly created: string;
  readonly accessed: string;
};

/** No folder has more entries than a number of 16 bits counts. */
const FOLDER_BYTES = 65536 * ENTRY_BYTES;
const LONG = 0x0f;
const LABEL = 0x08;
const FOLDER = 0x10;
const DELETED = 0xe5;
/** A long name of 255 characters takes as many entries. */
const LONG_ENTRIES = 20;

export class FatReader {
  readonly layout: FatLayout;
  readonly chains: FatChains;
  readonly #read: ReadBytes;

  /** Throws ARCHIVE_MALFORMED where the boot sector cannot be. */
  constructor(read: ReadBytes) {
    this.#read = read;
    this.layout = readFatLayout(read);
    this.chains = new FatChains(read, this.layout);
  }

  /**
   * Every name in the order that its folders hold them, each folder before what is in it. A folder that is reached again
   * is named, and not entered. Throws ARCHIVE_MALFORMED (context `offset`), ARCHIVE_LIMIT.
   */
  *names(limits: FatLimits): Generator<FatName> {
    const entered = new Set<number>();
    const { root } = this.layout;
    if ('cluster' in root) entered.add(root.cluster);
    const open = [{ prefix: '', entries: this.#entries('cluster' in root ? root.cluster : undefined) }];
    let [names, pathBytes] = [0, 0];
    for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
      const next = folder.entries.next();
      if (next.done) {
        open.pop();
        continue;
      }
      const name = { ...next.value, path: `${folder.prefix}${next.value.path}` };
      pathBytes += name.path.length;
      if (++names > limits.names) throw passed('names', limits.names);
      if (pathBytes > limits.pathBytes) throw passed('pathBytes', limits.pathBytes);
      yield name;
      if (name.kind !== 'folder' || entered.has(name.cluster)) continue;
      entered.add(name.cluster);
      if (open.length >= limits.depth) throw passed('depth', limits.depth);
      open.push({ prefix: `${name.path}/`, entries: this.#entries(name.cluster) });
    }
  }

  /** The bytes of the image at `offset`. */
  bytes(offset: number, size: number): Buffer {
    const bytes = this.#read(offset, size);
    if (bytes.length < size) throw malformed('content', offset);
    return bytes;
  }

  /** The names in a folder, but for those of itself and of the folder it is in. */
  *#entries(cluster: number | undefined): Generator<FatName> {
    let long: Buffer[] = [];
    for (const { bytes, offset } of this.#blocks(cluster)) {
      for (let at = 0; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
        const entry = bytes.subarray(at, at + ENTRY_BYTES);
        if (entry[0] === 0) return;
        if (entry[0] === DELETED) long = [];
        else if (((entry[11] as number) & 0x3f) === LONG) {
          if (long.length >= LONG_ENTRIES) throw malformed('long name', offset + at);
          long.push(entry);
        } else {
          const name = nameOf(entry, long);
          long = [];
          if (name.shortName !== '.' && name.shortName !== '..') yield name;
        }
      }
    }
  }

  *#blocks(cluster: number | undefined): Generator<{ readonly bytes: Buffer; readonly offset: number }> {
    const { root } = this.layout;
    const pieces =
      cluster === undefined && 'offset' in root ? [root] : this.chains.folderPieces(cluster ?? 0, FOLDER_BYTES);
    for (const piece of pieces) {
      if (piece === undefined) throw malformed('folder, which does not end,', this.layout.tableAt);
      yield { bytes: this.bytes(piece.offset, piece.size), offset: piece.offset };
    }
  }
}

/** Source: Microsoft's FAT specification 1.03, sections 6 and 7. */
function nameOf(entry: Buffer, long: readonly Buffer[]): FatName {
  const attributes = entry.readUInt8(11);
  const shortName = shortNameOf(entry);
  const kind = (attributes & LABEL) !== 0 ? 'label' : (attributes & FOLDER) !== 0 ? 'folder' : 'file';
  return {
    path: kind === 'label' ? shortName : (longNameOf(entry, long) ?? cased(entry, shortName)),
    kind,
    shortName,
    attributes,
    size: kind === 'file' ? entry.readUInt32LE(28) : 0,
    cluster: entry.readUInt16LE(20) * 2 ** 16 + entry.readUInt16LE(26),
    modified: timeOf(entry.readUInt16LE(24), entry.readUInt16LE(22), 0),
    created: timeOf(entry.readUInt16LE(16), entry.readUInt16LE(14), entry.readUInt8(13)),
    accessed: timeOf(entry.readUInt16LE(18), undefined, 0),
  };
}

function shortNameOf(entry: Buffer): string {
  const base = entry.toString('latin1', 0, 8).trimEnd();
  const extension = entry.toString('latin1', 8, 11).trimEnd();
  // 5 stands for the character that marks a deleted entry.
  const first = base.startsWith('\x05') ? `\xe5${base.slice(1)}` : base;
  if ((entry.readUInt8(11) & LABEL) !== 0) return entry.toString('latin1', 0, 11).trimEnd();
  return extension === '' ? first : `${first}.${extension}`;
}

/** Windows NT's bits for names that are all small letters. */
function cased(entry: Buffer, shortName: string): string {
  const bits = entry.readUInt8(12);
  const dot = shortName.indexOf('.');
  const [base, extension] = dot < 0 ? [shortName, ''] : [shortName.slice(0, dot), shortName.slice(dot)];
  const small = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return `${(bits & 8) !== 0 ? small(base) : base}${(bits & 16) !== 0 ? small(extension) : extension}`;
}

/** The parts stand before the entry, the last one first; undefined where they are not this entry's, or no text. */
function longNameOf(entry: Buffer, parts: readonly Buffer[]): string | undefined {
  if (parts.length === 0) return undefined;
  const sum = checksum(entry);
  const own = parts.every((part, index) => {
    const number = parts.length - index;
    return part[0] === (index === 0 ? number | 0x40 : number) && part[13] === sum;
  });
  if (!own) return undefined;
  const units = parts
    .toReversed()
    .map((part) => Buffer.concat([part.subarray(1, 11), part.subarray(14, 26), part.subarray(28)]));
  const text = Buffer.concat(units).toString('utf16le');
  const end = text.indexOf('\0');
  const name = end < 0 ? text : text.slice(0, end);
  return name === '' || !name.isWellFormed() ? undefined : Buffer.from(name).toString('latin1');
}

function checksum(entry: Buffer): number {
  let sum = 0;
  for (const byte of entry.subarray(0, 11)) sum = (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff;
  return sum;
}

function timeOf(date: number, time: number | undefined, hundredths: number): string {
  if (date === 0) return '';
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${1980 + (date >> 9)}-${two((date >> 5) & 15)}-${two(date & 31)}`;
  if (time === undefined) return day;
  const seconds = (time & 31) * 2 + Math.floor(hundredths / 100);
  const fraction = hundredths % 100 === 0 ? '' : `.${two(hundredths % 100)}`;
  return `${day} ${two(time >> 11)}:${two((time >> 5) & 63)}:${two(seconds)}${fraction}`;
}

function malformed(what: string, offset: number): ReproofError {
  const message = `reading ${what} of FAT image at byte ${offset}`;
  return new ReproofError('ARCHIVE_MALFORMED', message, { context: { offset } });
}

function passed(limit: keyof FatLimits, value: number): ReproofError {
  return new ReproofError('ARCHIVE_LIMIT', `reading FAT image: more than ${value} ${limit}`, {
    context: { limit, value },
  });
}
