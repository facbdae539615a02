import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { isSha256 } from '../../model/index.ts';
import { onDisk } from './durable.ts';
import type { StoredBlob } from './types.ts';

/** BlobStore.list of a folder: a shelf of 1/256 at a time. Files that are no blobs are passed over. */
export async function* listBlobs(folder: string): AsyncGenerator<StoredBlob> {
  const root = path.join(folder, 'sha256');
  const doing = `listing the blobs in ${folder}`;
  const shelves = await onDisk(doing, () => readdir(root));
  for (const shelf of shelves.sort()) {
    if (!/^[0-9a-f]{2}$/.test(shelf)) continue;
    const names = await onDisk(doing, () => readdir(path.join(root, shelf)));
    for (const name of names.sort()) {
      if (!isSha256(name) || !name.startsWith(shelf)) continue;
      const file = await lstat(path.join(root, shelf, name)).catch(() => undefined);
      if (file?.isFile()) yield { sha256: name, size: file.size, storedAt: file.mtime.toISOString() };
    }
  }
}
