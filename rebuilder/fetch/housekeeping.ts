import { readdir, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isSha256, ReproofError, type Sha256 } from '../../model/index.ts';
import { contentPath, hashFile, partialFolder, unlessMissing } from './cache.ts';
import { documentsFolder, parseNote } from './document.ts';
import { mayBeInUse, oldestLease, ownerOf } from './lease.ts';
import { claimPartial, parseClaim } from './partial.ts';

/** What a cache holds: whole files, and what is half-written; sizes in bytes. */
export type CacheUsage = {
  readonly files: number;
  readonly bytes: number;
  readonly partialFiles: number;
  readonly partialBytes: number;
};

type Entry = { readonly name: string; readonly path: string; readonly size: number; readonly mtimeMs: number };

async function* entriesOf(folder: string): AsyncGenerator<Entry> {
  for (const name of ((await unlessMissing(readdir(folder))) ?? []).sort()) {
    const path = join(folder, name);
    const found = await unlessMissing(stat(path));
    if (found?.isFile()) yield { name, path, size: found.size, mtimeMs: found.mtimeMs };
  }
}

async function* wholeFiles(cacheFolder: string): AsyncGenerator<Entry & { readonly name: Sha256 }> {
  const root = join(cacheFolder, 'sha256');
  for (const prefix of ((await unlessMissing(readdir(root))) ?? []).sort())
    for await (const entry of entriesOf(join(root, prefix))) if (isSha256(entry.name)) yield entry;
}

async function* partialFiles(cacheFolder: string): AsyncGenerator<Entry> {
  for await (const entry of entriesOf(partialFolder(cacheFolder)))
    if (parseClaim(entry.name) === undefined) yield entry;
}

/** Counts what a cache folder holds; zeros when there is no such folder. */
export async function cacheUsage(cacheFolder: string): Promise<CacheUsage> {
  let [files, bytes, halves, halfBytes] = [0, 0, 0, 0];
  for await (const { size } of wholeFiles(cacheFolder)) [files, bytes] = [files + 1, bytes + size];
  for await (const { size } of partialFiles(cacheFolder)) [halves, halfBytes] = [halves + 1, halfBytes + size];
  return { files, bytes, partialFiles: halves, partialBytes: halfBytes };
}

/** What pruneCache deletes: what was not used for a number of days, or everything not in use. */
export type PruneScope = { readonly olderThanDays: number } | { readonly everything: true };

/** Deletes one half-written file, unless someone is writing it. */
async function dropPartial(cacheFolder: string, entry: Entry, nowMs: number): Promise<boolean> {
  const owner = ownerOf(entry.name);
  if (owner !== undefined) {
    if (mayBeInUse(owner, entry.mtimeMs, nowMs)) return false;
    await unlessMissing(unlink(entry.path));
    return true;
  }
  const [sha256 = '', ending] = entry.name.split('.');
  if (!isSha256(sha256) || ending !== 'partial') return false;
  const claim = await claimPartial(cacheFolder, sha256);
  if (claim === undefined) return false;
  try {
    await unlessMissing(unlink(entry.path));
    return true;
  } finally {
    await claim.release();
  }
}

/** Deletes notes on documents that are not in the cache any more. */
async function dropNotes(cacheFolder: string): Promise<void> {
  for await (const entry of entriesOf(documentsFolder(cacheFolder))) {
    const note = parseNote((await unlessMissing(readFile(entry.path, 'utf8'))) ?? '');
    const target = note && (await unlessMissing(stat(contentPath(cacheFolder, note.sha256))));
    if (target === undefined) await unlessMissing(unlink(entry.path));
  }
}

/**
 * Deletes whole files by last use, and half-written ones whose owner is dead, and says what was deleted. Safe while other
 * processes run: nothing is deleted that was used since the oldest open fetcher was opened, nor what is being written,
 * and a reader that has a file open keeps it (unlink(2)).
 */
export async function pruneCache(cacheFolder: string, scope: PruneScope, now: Date): Promise<CacheUsage> {
  const nowMs = now.getTime();
  const cutoff = 'everything' in scope ? Number.POSITIVE_INFINITY : nowMs - scope.olderThanDays * 86_400_000;
  // A file's time is set from a clock of coarser steps than the lease's: one second covers both.
  const leased = await oldestLease(cacheFolder, nowMs);
  const inUseFrom = leased === undefined ? Number.POSITIVE_INFINITY : leased - 1000;
  let [files, bytes, halves, halfBytes] = [0, 0, 0, 0];
  for await (const entry of wholeFiles(cacheFolder)) {
    if (entry.mtimeMs >= cutoff || entry.mtimeMs >= inUseFrom) continue;
    await unlessMissing(unlink(entry.path));
    [files, bytes] = [files + 1, bytes + entry.size];
  }
  for await (const entry of partialFiles(cacheFolder)) {
    if (entry.mtimeMs >= cutoff || !(await dropPartial(cacheFolder, entry, nowMs))) continue;
    [halves, halfBytes] = [halves + 1, halfBytes + entry.size];
  }
  await dropNotes(cacheFolder);
  return { files, bytes, partialFiles: halves, partialBytes: halfBytes };
}

/**
 * Reads every whole file again. `damaged` lists the digests under which other bytes lie now (a failing disk, a user's
 * hand); they are left where they are.
 */
export async function verifyCache(
  cacheFolder: string,
  signal?: AbortSignal,
): Promise<{ readonly files: number; readonly damaged: readonly Sha256[] }> {
  const damaged: Sha256[] = [];
  let files = 0;
  for await (const entry of wholeFiles(cacheFolder)) {
    if (signal?.aborted) throw new ReproofError('INTERRUPTED', 'verifying the cache: interrupted');
    const digest = await unlessMissing(hashFile(entry.path));
    if (digest === undefined) continue;
    files += 1;
    if (digest !== entry.name) damaged.push(entry.name);
  }
  return { files, damaged };
}
