import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder, writeNewFile } from './durable.ts';
import { removeLeftovers, temporaryName } from './temporary.ts';

const RENAME_TRIES = 20;
const AT_ONCE = 64;

/**
 * Writes FOLDER/NAME with these files, for its owner alone: it appears whole or not at all. What is there and right is
 * left alone; anything else of that name is replaced. Gives its path.
 */
export async function writeWholeFolder(
  folder: string,
  name: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<string> {
  const destination = path.join(folder, name);
  const temporary = path.join(folder, '.tmp');
  await mkdir(temporary, { recursive: true, mode: 0o700 });
  await removeLeftovers(temporary);
  if (await holds(destination, files)) return destination;
  const draft = path.join(temporary, temporaryName());
  try {
    await writeFolder(draft, files);
    await putFolderInPlace(draft, destination, path.join(temporary, temporaryName()));
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  await syncFolder(folder);
  return destination;
}

async function holds(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<boolean> {
  for (const [name, bytes] of files) {
    const there = await readFile(path.join(folder, name)).catch(() => undefined);
    if (there === undefined || !there.equals(bytes)) return false;
  }
  return true;
}

async function writeFolder(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  const names = [...files];
  // The disk takes what is synced together in one go. All have ended before a failure is told: the folder goes then.
  for (let first = 0; first < names.length; first += AT_ONCE) {
    const writing = names
      .slice(first, first + AT_ONCE)
      .map(([name, bytes]) =>
        writeNewFile(path.join(folder, name), [bytes], { mode: 0o600, doing: `writing ${name}` }),
      );
    await Promise.allSettled(writing);
    await Promise.all(writing);
  }
  await syncFolder(folder);
}

/** rename(2) replaces an empty folder only, so what is there steps aside first; another process may do the same meanwhile. */
async function putFolderInPlace(draft: string, destination: string, aside: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await rename(draft, destination);
    } catch (error) {
      const occupied = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
      if (!occupied || tries === RENAME_TRIES) throw error;
    }
    await rename(destination, aside).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await rm(aside, { recursive: true, force: true });
  }
}
