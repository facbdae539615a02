import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { ReproofError } from '../../../model/index.ts';
import type { NewFile } from '../right-edge.ts';

const FILE_MODE = 0o644;

/**
 * Writes files and makes them, and their names, survive power loss. A file that is there is replaced byte by byte: only
 * what no checkpoint speaks of may be. Throws STORE_FAILED.
 */
export async function writeFiles(folder: string, files: readonly NewFile[]): Promise<void> {
  await onDisk('writing files of the log', async () => {
    const folders = new Set<string>();
    for (const parent of new Set(files.map((file) => path.dirname(path.join(folder, file.path))))) {
      folders.add(parent);
      const made = await mkdir(parent, { recursive: true });
      for (let each = parent; made !== undefined && each !== path.dirname(made); ) {
        each = path.dirname(each);
        folders.add(each);
      }
    }
    await allOf(files.map((file) => writeFile(path.join(folder, file.path), file.bytes)));
    await allOf([...folders].map(syncFolder));
  });
}

async function writeFile(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'w', FILE_MODE);
  try {
    await writeAll(handle, bytes);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) done += (await handle.write(bytes, done)).bytesWritten;
}

/** Waits for all before the first failure is thrown: nothing may still be writing when the next attempt begins. */
async function allOf(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Puts a file in another's place, for good. Throws STORE_FAILED. */
export async function replaceFile(folder: string, from: string, to: string): Promise<void> {
  await onDisk(`publishing ${to} of the log`, async () => {
    await rename(path.join(folder, from), path.join(folder, to));
    for (const parent of new Set([from, to].map((name) => path.dirname(path.join(folder, name)))))
      await syncFolder(parent);
  });
}

/** Removes files or folders; those that are not there are no failure. Throws STORE_FAILED. */
export async function removeFiles(folder: string, names: readonly string[]): Promise<void> {
  await onDisk('removing files of the log that nothing speaks of', async () => {
    for (const name of names) await rm(path.join(folder, name), { recursive: true, force: true });
  });
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The operating system's own error becomes STORE_FAILED, with what was being done. */
export async function onDisk<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof Error) || !('syscall' in cause)) throw cause;
    throw new ReproofError('STORE_FAILED', `${doing}: ${cause.message}`, { cause });
  }
}
