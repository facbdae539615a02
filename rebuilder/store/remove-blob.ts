import { link, lstat, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { onDisk, syncFolder } from './durable.ts';
import { temporaryName } from './temporary.ts';

/**
 * BlobStore.remove of a file. It is taken away first and looked at then: what was put in between is a new file under the
 * old name, and what turns out to be too young goes back.
 */
export async function removeBlob(file: string, temporary: string, putBefore: string): Promise<boolean> {
  const doing = `removing ${file}`;
  const before = Date.parse(putBefore);
  const there = await lstat(file).catch(() => undefined);
  if (there === undefined || there.mtimeMs >= before) return false;
  const taken = path.join(temporary, temporaryName());
  return onDisk(doing, async () => {
    try {
      await rename(file, taken);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
    const isOld = (await lstat(taken)).mtimeMs < before;
    if (!isOld) await link(taken, file).catch(unlessThere);
    await rm(taken, { force: true });
    await syncFolder(path.dirname(file));
    return isOld;
  });
}

/** Somebody put an equal one meanwhile. */
function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
