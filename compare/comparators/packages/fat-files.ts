import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import {
  DISK_IMAGE_START_BYTES,
  diskImageFormat,
  type FatName,
  FatReader,
  readDiskImage,
} from '../../../formats/index.ts';
import { byBytes } from '../../by-bytes.ts';
import { escapeName } from '../../escape.ts';
import { readBytesOf } from '../../random-access.ts';
import type { ByteSource, ContainerComparator, ContainerFact, Context, Member, MemberHeader } from '../../types.ts';
import { fieldReason } from './disk-image.ts';

const DEPTH = 1000;
const PATH_BYTES = 256 * 2 ** 20;
const CHUNK_BYTES = 2 ** 20;
const SKIPPED_BYTES = 2 ** 20;
/** Reads block: after so many names, or chunks, whatever else waits has its turn. */
const IN_A_ROW = 64;
const BOOT_SECTOR_BYTES = 512;
/** Bytes of the boot sector before its code that no field tells: the jump over it, the media, the geometry, flags. */
const UNTOLD = {
  fat: [
    [0, 3],
    [21, 22],
    [24, 32],
    [36, 39],
    [62, 90],
  ],
  fat32: [
    [0, 3],
    [21, 22],
    [24, 32],
    [36, 67],
  ],
} as const;
const ATTRIBUTES = ['read-only', 'hidden', 'system', 'label', 'folder', 'archive', 'bit 6', 'bit 7'] as const;
/** What the kind of an entry says already. */
const KIND_BITS = 0x18;

/** FAT file systems, such as EFI system partitions: every name with all that its entry says. */
export const fatFiles: ContainerComparator = {
  kind: 'container',
  id: 'fat',
  readsAnywhere: true,
  recognizes: (head) => diskImageFormat(head) === 'fat',
  members,
};

async function* members(source: ByteSource, context: Context): AsyncGenerator<Member | ContainerFact> {
  const opened = readBytesOf(source);
  try {
    const reader = new FatReader(opened.read);
    yield* bootSectorFacts(opened.read(0, DISK_IMAGE_START_BYTES));
    yield { fact: 'other reserved sectors', value: reservedDigest(reader) };
    yield* tableFacts(reader);
    const limits = { names: context.budget.limits.members, depth: DEPTH, pathBytes: PATH_BYTES };
    const places: string[] = [];
    let count = 0;
    for (const name of reader.names(limits)) {
      if (name.kind === 'label') yield { fact: 'label in the root folder', value: labelText(name) };
      else yield memberOf(name, source);
      places.push(`${name.path}\0${name.cluster}\n`);
      if (++count % IN_A_ROW === 0) await setImmediate();
    }
    yield { fact: 'first clusters', value: digestOf(places.sort(byBytes)) };
  } finally {
    opened.close();
  }
}

function* bootSectorFacts(start: Buffer): Generator<ContainerFact> {
  for (const [name, value] of readDiskImage(start, 'fat')) {
    const reason = fieldReason(name, 'fat');
    yield { fact: name, value: escapeName(value), ...(reason === undefined ? {} : { reason }) };
  }
  yield { fact: 'boot code', value: digestOf([start.subarray(90, BOOT_SECTOR_BYTES)]) };
  const untold = UNTOLD[start.toString('latin1', 82, 87) === 'FAT32' ? 'fat32' : 'fat'];
  yield { fact: 'rest of the boot sector', value: digestOf(untold.map(([from, to]) => start.subarray(from, to))) };
}

/** What stands between the boot sector and the first table, such as a copy of it and the count of free clusters. */
function reservedDigest(reader: FatReader): string {
  const hash = createHash('sha256');
  const { tableAt } = reader.layout;
  for (let at = BOOT_SECTOR_BYTES; at < tableAt; at += CHUNK_BYTES)
    hash.update(reader.bytes(at, Math.min(CHUNK_BYTES, tableAt - at)));
  return `sha256 ${hash.digest('hex')}`;
}

/** Later tables are copies of the first. */
function* tableFacts(reader: FatReader): Generator<ContainerFact> {
  const { bits, tables, tableAt, tableBytes } = reader.layout;
  yield { fact: 'bits of the table', value: String(bits) };
  let differing = 0;
  for (let table = 1; table < tables; table++) {
    for (let at = 0; at < tableBytes; at += CHUNK_BYTES) {
      const size = Math.min(CHUNK_BYTES, tableBytes - at);
      const first = reader.bytes(tableAt + at, size);
      if (first.equals(reader.bytes(tableAt + table * tableBytes + at, size))) continue;
      differing++;
      break;
    }
  }
  yield { fact: 'copies of the table', value: differing === 0 ? 'the same' : `${differing} differ` };
}

function memberOf(name: FatName, source: ByteSource): Member {
  const { path, kind, size, cluster } = name;
  const shared = { name: path, pairAs: path, header: headerOf(name) };
  if (kind !== 'file') return { ...shared, content: nothing() };
  const content: ByteSource = {
    name: escapeName(path),
    size,
    seekable: true,
    cheaperAt: (from, to) => to <= size && to - from > SKIPPED_BYTES,
    open: (start = 0) => contentOf(source, { cluster, size, start }),
  };
  return { ...shared, content: content.open(), source: content };
}

function headerOf(name: FatName): MemberHeader {
  const { kind, shortName, attributes, modified, created, accessed } = name;
  const set = ATTRIBUTES.filter((_, bit) => (((attributes & ~KIND_BITS) >> bit) & 1) === 1);
  return {
    type: kind === 'folder' ? 'directory' : 'file',
    mtime: modified,
    'creation time': created,
    'access time': accessed,
    attributes: set.join(', '),
    'short name': escapeName(shortName),
  };
}

function labelText({ shortName, modified }: FatName): string {
  return `${escapeName(shortName)}, ${modified}`;
}

type Wanted = { readonly cluster: number; readonly size: number; readonly start: number };

async function* contentOf(source: ByteSource, { cluster, size, start }: Wanted): AsyncGenerator<Uint8Array> {
  const opened = readBytesOf(source);
  try {
    const reader = new FatReader(opened.read);
    let [skip, reads] = [start, 0];
    for (const piece of reader.chains.pieces(cluster, size)) {
      for (let at = Math.min(skip, piece.size); at < piece.size; at += CHUNK_BYTES) {
        yield reader.bytes(piece.offset + at, Math.min(CHUNK_BYTES, piece.size - at));
        if (++reads % IN_A_ROW === 0) await setImmediate();
      }
      skip = Math.max(0, skip - piece.size);
    }
  } finally {
    opened.close();
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function digestOf(pieces: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
  return `sha256 ${hash.digest('hex')}`;
}
