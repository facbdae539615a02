import type { BigIntStats } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { escapeName, escapeText } from '../escape.ts';
import { timeText } from '../time-text.ts';
import type { MemberHeader } from '../types.ts';

/** One entry of a folder. `name` is its path below the folder, its bytes as latin1, parts joined by slashes. */
export type FolderEntry = {
  readonly name: string;
  readonly header: MemberHeader;
  /** Regular files only: bytes when it was looked at. */
  readonly size: number | undefined;
  /** Why it could not be looked at; escaped. */
  readonly unreadable?: string;
};

/** An entry with what it is paired by; `name` is escaped. Keys are unique. */
export type NamedEntry = {
  readonly entry: FolderEntry;
  readonly key: string;
  readonly name: string;
  readonly header: MemberHeader;
};

/** An entry by its path. */
export function byPath(entry: FolderEntry): NamedEntry {
  return { entry, key: `1/${entry.name}`, name: escapeName(entry.name), header: entry.header };
}

const LIMIT_DEPTH = 1_000;

/**
 * Everything below a folder, sorted by the bytes of the names, each folder before what is in it. Links are never
 * followed, nothing but folders is opened. `metadata` tells whether mode, owner and times are in the headers. An entry
 * that cannot be looked at is given as such. Throws Node's own error when the folder itself cannot be read.
 */
export async function* folderEntries(
  folder: string,
  options: { readonly metadata: boolean },
): AsyncGenerator<FolderEntry> {
  const root = Buffer.from(folder, 'utf8');
  yield* below('', await sortedNames(root), 0);

  async function* below(prefix: string, names: readonly string[], depth: number): AsyncGenerator<FolderEntry> {
    for (const base of names) {
      const name = `${prefix}${base}`;
      const path = entryPath(root, name);
      try {
        const stats = await lstat(path, { bigint: true });
        const header = headerOf(stats, options.metadata);
        if (stats.isSymbolicLink()) {
          const target = (await readlink(path, { encoding: 'buffer' })).toString('latin1');
          yield { name, header: { ...header, linkname: escapeName(target) }, size: undefined };
        } else {
          yield { name, header, size: stats.isFile() ? Number(stats.size) : undefined };
        }
        if (!stats.isDirectory()) continue;
      } catch (error) {
        yield unreadable(name, error);
        continue;
      }
      if (depth === LIMIT_DEPTH) {
        yield unreadable(`${name}/`, new Error(`more than ${LIMIT_DEPTH} folders inside each other`));
        continue;
      }
      let inner: readonly string[];
      try {
        inner = await sortedNames(path);
      } catch (error) {
        yield unreadable(`${name}/`, error);
        continue;
      }
      yield* below(`${name}/`, inner, depth + 1);
    }
  }
}

/** The path of an entry that this folder listed. */
export function entryPath(root: Buffer, name: string): Buffer {
  return Buffer.concat([root, Buffer.from('/'), Buffer.from(name, 'latin1')]);
}

async function sortedNames(path: Buffer): Promise<readonly string[]> {
  const names = (await readdir(path, { encoding: 'buffer' })) as readonly Buffer[];
  return names.map((name) => name.toString('latin1')).sort((one, other) => (one < other ? -1 : 1));
}

function unreadable(name: string, error: unknown): FolderEntry {
  const { code, message } = error as NodeJS.ErrnoException;
  return { name, header: {}, size: undefined, unreadable: escapeText(code ?? message) };
}

function headerOf(stats: BigIntStats, metadata: boolean): MemberHeader {
  const device = stats.isCharacterDevice() || stats.isBlockDevice();
  return {
    type: typeOf(stats),
    ...(device ? { device: deviceText(stats.rdev) } : {}),
    ...(metadata
      ? {
          mode: (stats.mode & 0o7777n).toString(8).padStart(4, '0'),
          owner: `${stats.uid}:${stats.gid}`,
          mtime: timeText(stats.mtimeNs),
        }
      : {}),
  };
}

function typeOf(stats: BigIntStats): string {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'symbolic link';
  if (stats.isFIFO()) return 'fifo';
  if (stats.isSocket()) return 'socket';
  return stats.isBlockDevice() ? 'block device' : 'character device';
}

/** As Linux packs it (makedev(3)). */
function deviceText(device: bigint): string {
  const major = ((device >> 32n) & 0xfffff000n) | ((device >> 8n) & 0xfffn);
  const minor = ((device >> 12n) & 0xffffff00n) | (device & 0xffn);
  return `${major}, ${minor}`;
}
