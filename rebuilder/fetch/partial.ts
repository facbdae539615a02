import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, readdir, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sha256 } from '../../model/index.ts';
import { isOwnerAlive } from '../process-owner.ts';
import { partialFolder, publishFile, temporaryPath, uniqueName, unlessMissing } from './cache.ts';
import type { CachedFile } from './types.ts';

const CLAIM_PATTERN = /^([0-9a-f]{64})\.([0-9a-f:-]+)\.[0-9a-f]+\.claim$/;

/** The owner's token in a claim's file name, and the digest it claims; undefined for other names. */
export function parseClaim(fileName: string): { readonly sha256: Sha256; readonly owner: string } | undefined {
  const [, sha256, owner] = CLAIM_PATTERN.exec(fileName) ?? [];
  return sha256 === undefined || owner === undefined ? undefined : { sha256, owner };
}

export function resumablePath(cacheFolder: string, sha256: Sha256): string {
  return join(partialFolder(cacheFolder), `${sha256}.partial`);
}

/** A claim on a digest's partial file. Whoever holds it is the only one to touch that file. */
export type Claim = { release(): Promise<void> };

/**
 * Claims a digest's partial file, or gives undefined while another live owner claims it. Each claimant first writes a
 * claim under a name of its own, then lists the others', and withdraws when it sees a live one. Of two, the later to
 * list always sees the other, so two never both hold it; both may withdraw, so try again after an uneven pause. A
 * claim whose owner is dead is deleted by its name, which no one else uses, so there is no race in taking over.
 */
export async function claimPartial(cacheFolder: string, sha256: Sha256): Promise<Claim | undefined> {
  const folder = partialFolder(cacheFolder);
  const own = `${sha256}.${uniqueName()}.claim`;
  const release = async (): Promise<void> => {
    await unlessMissing(unlink(join(folder, own)));
  };
  await writeFile(join(folder, own), '', { flag: 'wx' });
  for (const name of await readdir(folder)) {
    const claim = parseClaim(name);
    if (name === own || claim?.sha256 !== sha256) continue;
    if (isOwnerAlive(claim.owner) === false) {
      await unlessMissing(unlink(join(folder, name)));
      continue;
    }
    await release();
    return undefined;
  }
  return { release };
}

/** Bytes claimed so far of a digest's partial file; undefined when there is none. */
export async function partialSize(cacheFolder: string, sha256: Sha256): Promise<number | undefined> {
  return (await unlessMissing(stat(resumablePath(cacheFolder, sha256))))?.size;
}

/** A file being written, with the digest of what is in it. The caller alone may touch it. */
export class GrowingFile {
  readonly path: string;
  readonly #handle: FileHandle;
  #hash: Hash = createHash('sha256');
  #size = 0;
  #published = false;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /** Opens the partial file of a claimed digest and reads what is in it, if that is at most maxBytes. */
  static async resume(cacheFolder: string, sha256: Sha256, maxBytes: number): Promise<GrowingFile> {
    const path = resumablePath(cacheFolder, sha256);
    // Read-only means that its owner died between publishFile's two last steps; one more download is the simple way out.
    const mode = (await unlessMissing(stat(path)))?.mode;
    if (mode !== undefined && (mode & 0o200) === 0) await unlink(path);
    const handle = (await unlessMissing(open(path, 'r+'))) ?? (await open(path, 'wx+', 0o600));
    const file = new GrowingFile(path, handle);
    try {
      if ((await handle.stat()).size > maxBytes) await handle.truncate(0);
      else await file.#readBeginning();
      return file;
    } catch (error) {
      await file.close({ keep: false });
      throw error;
    }
  }

  /** Opens an empty file that has no name others know. */
  static async temporary(cacheFolder: string): Promise<GrowingFile> {
    const path = temporaryPath(cacheFolder);
    return new GrowingFile(path, await open(path, 'wx', 0o600));
  }

  async #readBeginning(): Promise<void> {
    const buffer = Buffer.allocUnsafe(256 * 1024);
    for (;;) {
      const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, this.#size);
      if (bytesRead === 0) return;
      this.#hash.update(buffer.subarray(0, bytesRead));
      this.#size += bytesRead;
    }
  }

  get size(): number {
    return this.#size;
  }

  async append(chunk: Uint8Array): Promise<void> {
    for (let done = 0; done < chunk.length; ) {
      const { bytesWritten } = await this.#handle.write(chunk, done, chunk.length - done, this.#size + done);
      done += bytesWritten;
    }
    this.#hash.update(chunk);
    this.#size += chunk.length;
  }

  async reset(): Promise<void> {
    if (this.#size === 0) return;
    await this.#handle.truncate(0);
    this.#hash = createHash('sha256');
    this.#size = 0;
  }

  digest(): Sha256 {
    return this.#hash.copy().digest('hex');
  }

  /** Makes this the cached file of its digest, which the caller has compared with the one wanted. */
  async publish(cacheFolder: string): Promise<CachedFile> {
    const content = { sha256: this.digest(), size: this.#size };
    const cached = await publishFile(cacheFolder, { handle: this.#handle, path: this.path }, content);
    this.#published = true;
    return cached;
  }

  /** Closes it. An unpublished file stays only when it is to be kept and there is something in it. */
  async close(options: { readonly keep: boolean }): Promise<void> {
    await this.#handle.close();
    if (this.#published || (options.keep && this.#size > 0)) return;
    await unlessMissing(unlink(this.path));
  }
}
