import { access, constants, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { formatSize } from '../units.ts';
import { type Check, fail, ok, warn } from './check.ts';

const GIBIBYTE = 1024 ** 3;
/** A base system with usual build dependencies takes one to two GiB, fetched and unpacked. */
const LEAST_FREE = 2 * GIBIBYTE;
const COMFORTABLE_FREE = 10 * GIBIBYTE;

/** Room in a folder, or where it would be made. */
export async function checkSpace(name: string, folder: string, options: { writable: boolean }): Promise<Check> {
  try {
    const there = await nearestFolder(folder);
    if (options.writable) await access(there, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(there);
    const free = bavail * bsize;
    const detail = `${folder}, ${formatSize(free)} free`;
    if (free < LEAST_FREE) return fail(name, detail, `free some space: builds need ${formatSize(LEAST_FREE)} or more`);
    if (free < COMFORTABLE_FREE) return warn(name, detail, 'large packages may need more; free some space');
    return ok(name, detail);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'EACCES' ? 'cannot be written' : (error as Error).message;
    return fail(name, `${folder}: ${why}`, 'make the folder writable, or name another with --data or --cache');
  }
}

async function nearestFolder(folder: string): Promise<string> {
  for (let candidate = folder; ; candidate = dirname(candidate)) {
    try {
      await access(candidate);
      return candidate;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || candidate === dirname(candidate)) throw error;
    }
  }
}
