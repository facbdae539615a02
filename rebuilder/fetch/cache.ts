import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, stat, unlink, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isSha256, ReproofError, type Sha256 } from '../../model/index.ts';
import { ownerToken } from '../process-owner.ts';
import type { CachedFile } from './types.ts';

const HASH_BUFFER_BYTES = 1 << 20;

/*
 * A cache folder, on a local file system and used by one user, by any number of processes at once:
 *   sha256/ab/abcdef…            whole files by content, read-only, put there by rename; mtime is the last use
 *   partial/DIGEST.partial       the beginning of a file, kept for resuming
 *   partial/DIGEST.OWNER.N.claim the owner's claim on that beginning (partial.ts)
 *   partial/OWNER.N.tmp          being written by its owner alone
 *   documents/SHA256-OF-URL.json what to ask a server when a document is wanted again (document.ts)
 *   leases/OWNER.N               an open fetcher; what was used since its mtime is not pruned
 * OWNER is an ownerToken(), so that what a killed process left is recognised.
 */

/** Where a whole file of this content lies. Throws INTERNAL for a text that is no digest: it would become a path. */
export function contentPath(cacheFolder: string, sha256: Sha256): string {
  if (!isSha256(sha256)) throw new ReproofError('INTERNAL', 'naming a cached file: that is no SHA-256 digest');
  return join(cacheFolder, 'sha256', sha256.slice(0, 2), sha256);
}

export function partialFolder(cacheFolder: string): string {
  return join(cacheFolder, 'partial');
}

/** OWNER.N: a name that no other process, thread or call uses. */
export function uniqueName(): string {
  return `${ownerToken()}.${randomBytes(8).toString('hex')}`;
}

/** A name in partial/ that is the caller's alone. */
export function temporaryPath(cacheFolder: string): string {
  return join(partialFolder(cacheFolder), `${uniqueName()}.tmp`);
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

/** Runs a file operation; undefined when there is no such file. */
export async function unlessMissing<T>(operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The whole file of this digest, marked as used now, or undefined. Its bytes are not read again. */
export async function findCached(cacheFolder: string, sha256: Sha256): Promise<CachedFile | undefined> {
  const path = contentPath(cacheFolder, sha256);
  try {
    // Marked before it is looked at: from here on pruning leaves it alone.
    const now = new Date();
    await utimes(path, now, now);
    const { size } = await stat(path);
    return { path, size, sha256, fromCache: true };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The digest of a file's bytes as they are on disk now. */
export async function hashFile(path: string): Promise<Sha256> {
  const hash = createHash('sha256');
  const handle = await open(path);
  try {
    // One buffer for all of it: buffers of a stream are let go of late, and a run may hash hundreds of megabytes.
    const buffer = Buffer.allocUnsafe(HASH_BUFFER_BYTES);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Makes a verified, written file the cached one: bytes to disk, read-only, then the name, so that a file under its
 * digest is whole after a crash of the machine too. Another process doing the same is harmless: the bytes are equal.
 */
export async function publishFile(
  cacheFolder: string,
  from: { readonly handle: FileHandle; readonly path: string },
  content: { readonly sha256: Sha256; readonly size: number },
): Promise<CachedFile> {
  const path = contentPath(cacheFolder, content.sha256);
  await from.handle.chmod(0o444);
  const now = new Date();
  await from.handle.utimes(now, now);
  await from.handle.sync();
  await mkdir(dirname(path), { recursive: true });
  await rename(from.path, path);
  await syncFolder(dirname(path));
  return { path, size: content.size, sha256: content.sha256, fromCache: false };
}

/** Writes bytes whose digest is known to be `sha256` into the cache. */
export async function storeBytes(cacheFolder: string, bytes: Uint8Array, sha256: Sha256): Promise<CachedFile> {
  const path = temporaryPath(cacheFolder);
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    return await publishFile(cacheFolder, { handle, path }, { sha256, size: bytes.length });
  } finally {
    await handle.close();
    await unlessMissing(unlink(path));
  }
}
