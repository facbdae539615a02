import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { ReproofError } from '../../model/index.ts';

/** Makes the names in a folder survive power loss: fsync(2) of a file does not do that for its directory entry. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes all of `bytes`, however often the kernel takes only a part. */
async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done);
    done += bytesWritten;
  }
}

/**
 * Writes a new file of this mode and makes its content survive power loss. Its name needs syncFolder. Failures of the
 * disk become STORE_FAILED; those of `chunks` come through as they are.
 */
export async function writeNewFile(
  file: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { mode, doing }: { readonly mode: number; readonly doing: string },
): Promise<void> {
  const handle = await onDisk(doing, () => open(file, 'wx', mode));
  try {
    for await (const chunk of chunks) await onDisk(doing, () => writeAll(handle, chunk));
    await onDisk(doing, () => handle.sync());
  } finally {
    await handle.close();
  }
}

/** Does something on disk; the operating system's own error becomes STORE_FAILED with what was being done. */
export async function onDisk<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof Error) || !('syscall' in cause)) throw cause;
    throw new ReproofError('STORE_FAILED', `${doing}: ${cause.message}`, { cause });
  }
}
