import { unlink } from 'node:fs/promises';
import { type FileDigest, ReproofError, type Sha256 } from '../../model/index.ts';
import { displayName } from './address.ts';
import { findCached, hashFile, unlessMissing } from './cache.ts';
import type { CachedFile } from './types.ts';

/**
 * The whole files of a cache folder whose bytes are still those of their digest. Each is read once in the life of this
 * object, however often it is asked for: a disk decays, and a damaged source would be taken for a package that does
 * not build. One that decayed is deleted, to be fetched again.
 */
export class SoundFiles {
  readonly #cacheFolder: string;
  /** Sizes by digest, of files whose bytes were checked. */
  readonly #known = new Map<Sha256, number>();

  constructor(cacheFolder: string) {
    this.#cacheFolder = cacheFolder;
  }

  /** The file of this digest, marked as used now; undefined when there is none whose bytes are right. */
  async find(sha256: Sha256): Promise<CachedFile | undefined> {
    const file = await findCached(this.#cacheFolder, sha256);
    if (file === undefined || this.#known.get(sha256) === file.size) return file;
    const digest = await unlessMissing(hashFile(file.path));
    if (digest === sha256) return this.add(file);
    if (digest !== undefined) await unlessMissing(unlink(file.path));
    return undefined;
  }

  /** The same, of this size too. Throws FETCH_SIZE_MISMATCH when the bytes are right and the size asked for is not. */
  async wanted(wanted: FileDigest): Promise<CachedFile | undefined> {
    const file = await this.find(wanted.sha256);
    if (file === undefined || file.size === wanted.size) return file;
    const why = `the file of this digest has ${file.size} bytes, not ${wanted.size}`;
    throw new ReproofError('FETCH_SIZE_MISMATCH', `fetching ${displayName(wanted.name)}: ${why}`);
  }

  /** Takes a file for sound whose bytes were checked just now, and gives it back. */
  add(file: CachedFile): CachedFile {
    this.#known.set(file.sha256, file.size);
    return file;
  }
}
