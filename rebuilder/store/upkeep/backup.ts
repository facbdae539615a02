import { constants } from 'node:fs';
import { copyFile, link, mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { ReproofError } from '../../../model/index.ts';
import type { Database } from '../database.ts';
import { onDisk, syncFolder, writeNewFile } from '../durable.ts';
import { openFileLock } from '../file-lock.ts';
import { STORE_FILE } from '../open-database.ts';
import { removeLeftovers, temporaryName } from '../temporary.ts';
import { alone } from './alone.ts';

/** What a backup says of itself, in backup.json. */
export type BackupNote = {
  readonly schema: 'reproof-backup/1';
  readonly createdAt: string;
  readonly reproof: string;
  /** sqlite: the database is in it. postgres: its own tools copy it. */
  readonly database: 'sqlite' | 'postgres';
};

export type CopiedFiles = { readonly files: number; readonly linked: number; readonly bytes: number };

export const BACKUP_NOTE = 'backup.json';

/** Of these folders no file is ever changed once it has its name: a second name for it is a copy. */
const UNCHANGING = ['blobs', 'rebuilds', 'statements'];
/** The transparency log, and its writer's own files in it. */
const LOG = 'log';
const LOG_WRITER = '.writer';
/** What is being written, and what belongs to a running process. */
const PASSING = /^(?:tmp|\.tmp)$|(?:-wal|-shm|-journal|\.lock|\.sock|\.pid)$/;

/**
 * Copies a data folder while it is used: first the database as of one moment, then all else, so that what the database
 * refers to is there. The copy is a data folder itself. Files that never change become second names of the same files
 * where the disk allows it. It appears whole or not at all; what killed runs left half is removed.
 * No prune of the folder runs meanwhile.
 * Throws USAGE when `target` is there already, STORE_BUSY while a prune or another backup runs, STORE_*.
 */
export async function backup(
  { data, database }: { readonly data: string; readonly database: Database },
  target: string,
  reproof: string,
): Promise<{ readonly note: BackupNote; readonly copied: CopiedFiles }> {
  const doing = `making the backup ${target}`;
  return alone(data, doing, () =>
    writeWhole(target, doing, async (draft) => {
      const createdAt = database.now();
      const isInside = await database.copyTo(path.join(draft, STORE_FILE));
      const copied = await copyTree({
        from: data,
        to: draft,
        links: true,
        leave: (name) => name.startsWith(STORE_FILE) || name === LOG,
      });
      const log = await copyLog(data, draft);
      const note = {
        schema: 'reproof-backup/1',
        createdAt,
        reproof,
        database: isInside ? 'sqlite' : 'postgres',
      } as const;
      await writeNewFile(path.join(draft, BACKUP_NOTE), [Buffer.from(`${JSON.stringify(note, undefined, 2)}\n`)], {
        mode: 0o600,
        doing,
      });
      return { note, copied: { ...copied, files: copied.files + log.files, bytes: copied.bytes + log.bytes } };
    }),
  );
}

/** The transparency log as of one moment: nobody writes it meanwhile. What is its writer's is made anew. */
async function copyLog(data: string, draft: string): Promise<CopiedFiles> {
  const from = path.join(data, LOG);
  if ((await readdir(from).catch(unlessGone)) === undefined) return { files: 0, linked: 0, bytes: 0 };
  const to = path.join(draft, LOG);
  const lock = await openFileLock(path.join(from, LOG_WRITER, 'lock'));
  try {
    await mkdir(to, { mode: 0o700 });
    return await lock.hold(() => copyTree({ from, to, links: false, leave: (name) => name === LOG_WRITER }));
  } finally {
    await lock.close();
  }
}

/** Makes a folder under a passing name, and gives it its own when it is whole. */
export async function writeWhole<T>(target: string, doing: string, work: (draft: string) => Promise<T>): Promise<T> {
  const place = path.resolve(target);
  const drafts = `${place}.partial`;
  return onDisk(doing, async () => {
    if (!(await isFree(place))) throw new ReproofError('USAGE', `${doing}: it is there already, and not empty`);
    await mkdir(path.dirname(place), { recursive: true });
    await mkdir(drafts, { recursive: true, mode: 0o700 });
    await removeLeftovers(drafts);
    const draft = path.join(drafts, temporaryName());
    try {
      await mkdir(draft, { mode: 0o700 });
      const done = await work(draft);
      await rename(draft, place);
      await syncFolder(path.dirname(place));
      return done;
    } finally {
      await rm(draft, { recursive: true, force: true });
      // Another run's draft may be in it.
      await rmdir(drafts).catch(() => undefined);
    }
  });
}

async function isFree(place: string): Promise<boolean> {
  const names = await readdir(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    if (error.code === 'ENOTDIR') return ['a file'];
    throw error;
  });
  return names.length === 0;
}

type Copying = {
  readonly from: string;
  readonly to: string;
  /** Whether unchanging files may get a second name instead of being copied. */
  readonly links: boolean;
  /** Names at the top that are left out. */
  readonly leave: (name: string) => boolean;
};

/** Copies a data folder's files and folders. Links, sockets and what passes are left out; what vanishes meanwhile too. */
export async function copyTree({ from, to, links, leave }: Copying): Promise<CopiedFiles> {
  let files = 0;
  let linked = 0;
  let bytes = 0;
  const visit = async (folder: string, unchanging: boolean): Promise<void> => {
    const entries = await readdir(path.join(from, folder), { withFileTypes: true }).catch(unlessGone);
    for (const entry of entries ?? []) {
      const name = path.join(folder, entry.name);
      if (PASSING.test(entry.name) || (folder === '' && leave(entry.name))) continue;
      if (entry.isDirectory()) {
        await mkdir(path.join(to, name), { mode: 0o700 });
        await visit(name, unchanging || (folder === '' && UNCHANGING.includes(entry.name)));
        await syncFolder(path.join(to, name));
      } else if (entry.isFile()) {
        const made = await copyOne(path.join(from, name), path.join(to, name), links && unchanging);
        if (made === undefined) continue;
        files++;
        if (made.linked) linked++;
        else bytes += made.bytes;
      }
    }
  };
  await visit('', false);
  await syncFolder(to);
  return { files, linked, bytes };
}

async function copyOne(from: string, to: string, mayLink: boolean) {
  if (mayLink) {
    try {
      await link(from, to);
      return { linked: true, bytes: 0 };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      if (code === 'ENOENT') return undefined;
      if (!['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP'].includes(code)) throw error;
    }
  }
  const bytes = await copyDurably(from, to).catch(unlessGone);
  return bytes === undefined ? undefined : { linked: false, bytes };
}

async function copyDurably(from: string, to: string): Promise<number> {
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  const { open } = await import('node:fs/promises');
  const file = await open(to, 'r');
  try {
    await file.sync();
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

function unlessGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}
