import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { type FileDigest, isSha256, ReproofError, type Sha256 } from '../../model/index.ts';
import { onDisk, syncFolder, writeNewFile } from './durable.ts';
import { listBlobs } from './list-blobs.ts';
import { removeBlob } from './remove-blob.ts';
import { removeLeftovers, temporaryName } from './temporary.ts';
import type { BlobStore } from './types.ts';

const READ_BYTES = 256 * 1024;

/**
 * Opens the blobs of a folder, made as needed (0700): sha256/ab/abcd… for content, tmp/ for what is being written.
 * What dead processes left in tmp/ is removed. Throws STORE_FAILED.
 */
export async function openBlobs(folder: string): Promise<BlobStore> {
  const temporary = path.join(folder, 'tmp');
  await onDisk(`opening the blobs in ${folder}`, async () => {
    await mkdir(path.join(folder, 'sha256'), { recursive: true, mode: 0o700 });
    await mkdir(temporary, { recursive: true, mode: 0o700 });
    await removeLeftovers(temporary);
    await syncFolder(folder);
  });
  return {
    put: (name, stream, maxBytes) => putBlob(folder, stream, { name, maxBytes }),
    read: (sha256) => readBlob(folder, sha256),
    path: (sha256) => blobPath(folder, sha256),
    list: () => listBlobs(folder),
    remove: (sha256, putBefore) => removeBlob(locate(folder, sha256), path.join(folder, 'tmp'), putBefore),
  };
}

async function putBlob(
  folder: string,
  stream: AsyncIterable<Uint8Array>,
  { name, maxBytes }: { readonly name: string; readonly maxBytes: number },
): Promise<FileDigest> {
  const doing = `storing ${JSON.stringify(name)} in ${folder}`;
  const temporary = path.join(folder, 'tmp', temporaryName());
  const hash = createHash('sha256');
  let size = 0;
  const measured = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of stream) {
      size += chunk.length;
      if (size > maxBytes)
        throw new ReproofError('FETCH_TOO_LARGE', `${doing}: more than ${maxBytes} bytes`, { context: { maxBytes } });
      hash.update(chunk);
      yield chunk;
    }
  };
  try {
    await writeNewFile(temporary, measured(), { mode: 0o400, doing });
    const sha256 = hash.digest('hex');
    await onDisk(doing, () => moveIntoPlace(folder, temporary, sha256));
    return { name, size, sha256 };
  } finally {
    await rm(temporary, { force: true });
  }
}

// A blob that is there already is replaced by its equal: once on the disk either way, and a damaged one is healed.
async function moveIntoPlace(folder: string, temporary: string, sha256: Sha256): Promise<void> {
  const target = locate(folder, sha256);
  const shelf = path.dirname(target);
  if ((await mkdir(shelf, { recursive: true, mode: 0o700 })) !== undefined) await syncFolder(path.dirname(shelf));
  await rename(temporary, target);
  await syncFolder(shelf);
}

async function* readBlob(folder: string, sha256: Sha256): AsyncGenerator<Uint8Array> {
  const doing = `reading blob ${sha256} in ${folder}`;
  const handle = await open(locate(folder, sha256), constants.O_RDONLY).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') throw new ReproofError('BLOB_CORRUPT', `${doing}: it is not there`, { cause });
    throw new ReproofError('STORE_FAILED', `${doing}: ${cause.message}`, { cause });
  });
  const hash = createHash('sha256');
  try {
    for (;;) {
      const { bytesRead, buffer } = await onDisk(doing, () => handle.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES));
      if (bytesRead === 0) break;
      const chunk = buffer.subarray(0, bytesRead);
      hash.update(chunk);
      yield chunk;
    }
  } finally {
    await handle.close();
  }
  if (hash.digest('hex') !== sha256) throw new ReproofError('BLOB_CORRUPT', `${doing}: its bytes are others`);
}

async function blobPath(folder: string, sha256: Sha256): Promise<string | undefined> {
  const file = locate(folder, sha256);
  try {
    await access(file);
    return file;
  } catch {
    return undefined;
  }
}

function locate(folder: string, sha256: Sha256): string {
  if (!isSha256(sha256))
    throw new ReproofError('INTERNAL', `finding a blob: ${JSON.stringify(sha256)} is no SHA-256 digest`);
  return path.join(folder, 'sha256', sha256.slice(0, 2), sha256);
}
