import { randomBytes } from 'node:crypto';
import { lstat, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { isOwnerAlive, ownerToken } from '../process-owner.ts';

/** How long something whose owner cannot be seen from here (it ran in another container) is left alone. */
const UNKNOWN_OWNER_MILLISECONDS = 2 * 24 * 3600 * 1000;

/** A new name for something unfinished, OWNER_RANDOM: it tells whose it is. */
export function temporaryName(): string {
  return `${ownerToken()}_${randomBytes(8).toString('hex')}`;
}

/** Removes what processes that are no more left behind in a folder of temporaryName()s. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    if (await isAbandoned(file, name)) await rm(file, { recursive: true, force: true });
  }
}

async function isAbandoned(file: string, name: string): Promise<boolean> {
  const alive = isOwnerAlive(name.split('_')[0] ?? '');
  if (alive !== 'unknown') return !alive;
  // Its owner may finish it under our eyes, and then it is no business of ours.
  const there = await lstat(file).catch(() => undefined);
  return there !== undefined && Date.now() - there.mtimeMs > UNKNOWN_OWNER_MILLISECONDS;
}
