import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isOwnerAlive } from '../process-owner.ts';
import { partialFolder, uniqueName, unlessMissing } from './cache.ts';
import { parseClaim } from './partial.ts';

/** Says that an open fetcher uses the cache, so that what it has used since is not pruned. */
export type Lease = { release(): Promise<void> };

/** An owner that cannot be seen from here (another container) is taken for alive for this long, then for dead. */
const UNSEEN_OWNER_DAYS = 7;
const DAY_MILLIS = 86_400_000;

function leasesFolder(cacheFolder: string): string {
  return join(cacheFolder, 'leases');
}

/** The token in OWNER.N or OWNER.N.tmp; undefined for other names. */
function tokenIn(name: string): string | undefined {
  return /^([0-9a-f:-]+)\.[0-9a-f]+(\.tmp)?$/.exec(name)?.[1];
}

/** Whether what bears this owner's name, last written at mtimeMs, may still be in use at nowMs. */
export function mayBeInUse(owner: string, mtimeMs: number, nowMs: number): boolean {
  const alive = isOwnerAlive(owner);
  return alive === 'unknown' ? nowMs - mtimeMs < UNSEEN_OWNER_DAYS * DAY_MILLIS : alive;
}

/** The owner in a name of partial/ that only its owner uses: a claim or a temporary file. */
export function ownerOf(name: string): string | undefined {
  return parseClaim(name)?.owner ?? tokenIn(name);
}

/** Deletes temporary files and claims of owners that are dead. */
function sweep(folder: string, nowMs: number): void {
  for (const name of readdirSync(folder)) {
    const owner = ownerOf(name);
    if (owner === undefined) continue;
    const path = join(folder, name);
    const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (mtimeMs !== undefined && !mayBeInUse(owner, mtimeMs, nowMs)) rmSync(path, { force: true });
  }
}

/** Makes the cache's folders, clears what killed processes left half-written under names of their own, takes a lease. */
export function takeLease(cacheFolder: string): Lease {
  const folder = leasesFolder(cacheFolder);
  for (const path of [folder, partialFolder(cacheFolder), join(cacheFolder, 'sha256')])
    mkdirSync(path, { recursive: true });
  const path = join(folder, uniqueName());
  writeFileSync(path, '', { flag: 'wx' });
  for (const place of [folder, partialFolder(cacheFolder)]) sweep(place, Date.now());
  return {
    async release() {
      await unlessMissing(unlink(path));
    },
  };
}

/** When the oldest live lease was taken, in milliseconds since the epoch, if there is one. Deletes dead ones. */
export async function oldestLease(cacheFolder: string, nowMs: number): Promise<number | undefined> {
  const folder = leasesFolder(cacheFolder);
  let oldest: number | undefined;
  for (const name of (await unlessMissing(readdir(folder))) ?? []) {
    const owner = tokenIn(name);
    const mtimeMs = (await unlessMissing(stat(join(folder, name))))?.mtimeMs;
    if (owner === undefined || mtimeMs === undefined) continue;
    if (mayBeInUse(owner, mtimeMs, nowMs)) oldest = Math.min(oldest ?? mtimeMs, mtimeMs);
    else await unlessMissing(unlink(join(folder, name)));
  }
  return oldest;
}
