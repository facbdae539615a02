import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import {
  DISK_IMAGE_START_BYTES,
  diskImageFormat,
  type ExtName,
  ExtReader,
  readDiskImage,
  readExtNames,
  restOfExtSuperblock,
} from '../../../formats/index.ts';
import { escapeName } from '../../escape.ts';
import { byBytes } from '../../pairing.ts';
import { readBytesOf } from '../../random-access.ts';
import type { ByteSource, ContainerComparator, ContainerFact, Context, Member } from '../../types.ts';
import { fieldReason } from './disk-image.ts';
import { extContent } from './ext-content.ts';
import { ExtPlaces, extHeader, isExtFile } from './ext-header.ts';

const UNREPLAYED = 'a journal holds changes that are not in their places yet: the files were read without them';
const DEPTH = 1000;
const PATH_BYTES = 256 * 2 ** 20;
const FOLDER_BYTES = 2 ** 30;
/** Reads block: after so many names whatever else waits has its turn. */
const NAMES_IN_A_ROW = 256;

/**
 * ext2, ext3 and ext4: every name in the image with all that its inode says, in the order of the folders. A further
 * name of a file is a link to the one that sorts first, so that neither order nor inode numbers choose which one is.
 */
export const extFiles: ContainerComparator = {
  kind: 'container',
  id: 'ext',
  readsAnywhere: true,
  recognizes: (head) => diskImageFormat(head) === 'ext',
  members,
};

async function* members(source: ByteSource, context: Context): AsyncGenerator<Member | ContainerFact> {
  const opened = readBytesOf(source);
  try {
    const reader = new ExtReader(opened.read);
    yield* superblockFacts(opened.read(0, DISK_IMAGE_START_BYTES));
    const names = await namesOf(reader, context);
    const sorted = names.toSorted((one, other) => byBytes(one.path, other.path));
    yield { fact: 'inode numbers', value: digestOf(sorted.map(({ path, inode }) => `${path}\0${inode}\n`)) };
    const first = new Map<number, string>();
    const places = new ExtPlaces(reader);
    for (const [index, { path, inode }] of sorted.entries()) {
      if (first.has(inode)) continue;
      first.set(inode, path);
      await places.add(reader.inode(inode), context.budget);
      if (index % NAMES_IN_A_ROW === 0) await setImmediate();
    }
    yield { fact: 'places of contents', value: places.digest() };
    yield* journalFact(reader, source, context);
    for (const [index, { path, inode }] of names.entries()) {
      yield memberOf({ path, number: inode, first, places, reader, source, context });
      if (index % NAMES_IN_A_ROW === 0) await setImmediate();
    }
  } finally {
    opened.close();
  }
}

function* superblockFacts(start: Buffer): Generator<ContainerFact> {
  for (const [name, value] of readDiskImage(start, 'ext')) {
    const reason = fieldReason(name, 'ext');
    yield { fact: name, value: escapeName(value), ...(reason === undefined ? {} : { reason }) };
  }
  yield { fact: 'rest of the superblock', value: digestOf([restOfExtSuperblock(start)]) };
}

async function namesOf(reader: ExtReader, { budget }: Context): Promise<readonly ExtName[]> {
  const limits = { names: budget.limits.members, depth: DEPTH, pathBytes: PATH_BYTES, folderBytes: FOLDER_BYTES };
  const names: ExtName[] = [];
  for (const name of readExtNames(reader, limits)) {
    names.push(name);
    if (names.length % NAMES_IN_A_ROW === 0) await setImmediate();
  }
  return names;
}

type Found = {
  readonly path: string;
  readonly number: number;
  readonly first: ReadonlyMap<number, string>;
  readonly places: ExtPlaces;
  readonly reader: ExtReader;
  readonly source: ByteSource;
  readonly context: Context;
};

function memberOf({ path, number, first, places, reader, source, context }: Found): Member {
  const linkname = first.get(number);
  const shared = { name: path, pairAs: path };
  if (linkname !== undefined && linkname !== path)
    return { ...shared, header: { type: 'link', linkname: escapeName(linkname) }, content: nothing() };
  const inode = reader.inode(number);
  const header = extHeader(reader, inode, places);
  if (!isExtFile(inode)) return { ...shared, header, content: nothing() };
  const content = contentOf({ name: escapeName(path), number, size: inode.size, source, context });
  return { ...shared, header, content: content.open(), source: content };
}

type Content = {
  readonly name: string;
  readonly number: number;
  readonly size: number;
  readonly source: ByteSource;
  readonly context: Context;
};

/** A file's content, which begins anywhere as soon as its blocks are found. Kept for every file: it holds no inode. */
function contentOf({ name, number, size, source, context }: Content): ByteSource {
  return {
    name,
    size,
    seekable: true,
    cheaperAt: (from, to) => to <= size && to - from > SKIPPED_BYTES,
    open: (start = 0) => extContent({ number, source, start, context }),
  };
}
const SKIPPED_BYTES = 2 ** 20;

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function* journalFact(reader: ExtReader, source: ByteSource, context: Context): AsyncGenerator<ContainerFact> {
  const { journalInode, unreplayed } = reader.superblock;
  if (journalInode === 0) return;
  const inode = reader.inode(journalInode);
  const hash = createHash('sha256');
  for await (const piece of extContent({ number: journalInode, source, start: 0, context })) hash.update(piece);
  const value = `${inode.size} bytes, sha256 ${hash.digest('hex')}`;
  yield { fact: 'journal', value, ...(unreplayed ? { note: UNREPLAYED } : {}) };
}

function digestOf(pieces: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
  return `sha256 ${hash.digest('hex')}`;
}
