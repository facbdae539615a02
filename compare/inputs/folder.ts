import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { isReproofError, ReproofError } from '../../model/index.ts';
import { bufferSource } from '../buffer-source.ts';
import type { ByteSource } from '../byte-source.ts';
import type { MemberInput, OpenedFor } from '../compare.ts';
import { escapeName, escapeText } from '../escape.ts';
import type { ListedMember, Listing, MemberSet } from '../members.ts';
import { readWhole } from '../read-whole.ts';
import { entrySource, unreadableSource } from './entry-source.ts';
import { byPath, entryPath, type FolderEntry, folderEntries } from './folder-entries.ts';

export type FolderOptions = {
  /** False leaves mode, owner and times out. */
  readonly metadata: boolean;
};

/** A folder with all that is below it, blobs of an image layout by what they are in the image. Its own mode, owner and times are not compared, nor extended attributes. */
export function folderInput(path: string, options: FolderOptions): MemberInput {
  return {
    kind: 'folder',
    name: escapeText(basename(path) || path),
    open: (opened) => {
      const root = Buffer.from(path, 'utf8');
      return memberSet('folder', () => listFolder(path, { ...options, ...opened, root }));
    },
  };
}

/** Members whose contents are files of their own: listed once, each read from its source. */
export function memberSet(id: string, read: () => Promise<readonly ListedMember[]>): MemberSet {
  let listing: Promise<Listing> | undefined;
  const list = async (): Promise<Listing> => {
    const members = await read();
    return { members: new Map(members.map((member) => [member.key, member])), facts: {} };
  };
  const source = (member: ListedMember): ByteSource => member.source as ByteSource;
  return {
    id,
    list: () => {
      listing ??= list();
      return listing;
    },
    source,
    holder: () => ({
      hold: async (wanted) => {
        const held = new Map<string, Buffer>();
        for (const member of wanted) {
          const bytes = await readWhole(source(member), member.size ?? 0);
          if (bytes === undefined)
            throw new ReproofError('ARCHIVE_MALFORMED', `reading ${member.name}: it grew while it was compared`);
          held.set(member.key, bytes);
        }
        return held;
      },
      close: () => Promise.resolve(),
    }),
  };
}

type Opened = FolderOptions & OpenedFor & { readonly root: Buffer };

async function listFolder(path: string, opened: Opened): Promise<readonly ListedMember[]> {
  if (!opened.metadata && !opened.leftOut.takesMetadata)
    opened.notes.push('left out as asked: mode, owner and times of what is in the folder');
  const entries: FolderEntry[] = [];
  for await (const entry of folderEntries(path, opened)) {
    opened.budget.spend('members', 1);
    entries.push(entry);
  }
  // Formats are loaded only where they are needed.
  const layout = isLayout(entries) ? await import('./image-layout.ts') : undefined;
  const named = (await layout?.rolesOf(entries, opened.root)) ?? entries.map(byPath);
  const members: ListedMember[] = [];
  for (const { entry, key, name, header } of named) {
    if (opened.leftOut.takesMember(entry.name)) continue;
    const source = { ...sourceOf(entry, opened.root), name };
    const place = { key, index: members.length, header: opened.leftOut.keptHeader(header) };
    const member = await listSource(source, place, opened);
    const misnamed = layout?.misnamedNote(entry, member);
    if (misnamed !== undefined) opened.notes.push(misnamed);
    members.push(member);
  }
  return members;
}

/** True where the files are there that every OCI image layout has, image-layout.md. */
function isLayout(entries: readonly FolderEntry[]): boolean {
  const names = new Set(entries.filter(({ size }) => size !== undefined).map(({ name }) => name));
  return names.has('oci-layout') && names.has('index.json');
}

/** A source as a member: read once for its digest. What cannot be read is equal to nothing, not even to itself. */
export async function listSource(
  source: ByteSource,
  place: Pick<ListedMember, 'key' | 'index' | 'header'>,
  { budget, notes, side }: OpenedFor,
): Promise<ListedMember> {
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const piece of source.open()) {
      budget.spend('bytes', piece.length);
      hash.update(piece);
      size += piece.length;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (isReproofError(error) && !isReproofError(error, 'ARCHIVE_MALFORMED')) throw error;
    const why = escapeText(isReproofError(error) ? message : `reading ${source.name}: ${code ?? message}`);
    notes.push(why);
    const unknown = { size: undefined, identity: `unknown on the ${side}`, encoded: true, sha256: undefined };
    return { ...place, name: source.name, ...unknown, source: unreadableSource(source.name, why) };
  }
  const sha256 = hash.digest('hex');
  return { ...place, name: source.name, size, identity: sha256, encoded: false, sha256, source };
}

/** An entry's bytes; of what has none, nothing; of what cannot be read, a source that says so when it is opened. */
function sourceOf(entry: FolderEntry, root: Buffer): ByteSource {
  const name = escapeName(entry.name);
  const { size, unreadable } = entry;
  if (unreadable !== undefined) return unreadableSource(name, `reading ${name}: ${unreadable}`);
  return size === undefined
    ? bufferSource(name, Buffer.alloc(0))
    : entrySource(entryPath(root, entry.name), name, size);
}
