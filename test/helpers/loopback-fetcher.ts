import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReproofError, sha256Of } from '../../model/index.ts';
import type { CachedFile, Fetcher } from '../../rebuilder/fetch/types.ts';

/** The smallest thing that keeps the Fetcher's promises, for servers of this machine. */
export async function openLoopbackFetcher(): Promise<Fetcher> {
  const folder = await mkdtemp(join(tmpdir(), 'reproof-fetch-'));
  const cached = async (sha256: string): Promise<CachedFile | undefined> => {
    const path = join(folder, sha256);
    const size = await stat(path).then(
      (found) => found.size,
      () => undefined,
    );
    return size === undefined ? undefined : { path, size, sha256, fromCache: true };
  };
  const store = async (bytes: Uint8Array, sha256: string): Promise<CachedFile> => {
    if (sha256Of(bytes) !== sha256) throw new ReproofError('FETCH_DIGEST_MISMATCH', 'fetching: other bytes');
    await writeFile(join(folder, sha256), bytes);
    return { path: join(folder, sha256), size: bytes.byteLength, sha256, fromCache: false };
  };
  const get = async (url: string): Promise<Uint8Array | undefined> => {
    const response = await fetch(url);
    return response.status === 404 ? undefined : response.bytes();
  };
  const fetcher: Fetcher = {
    async fetchFile({ urls, sha256 }) {
      const found = await cached(sha256);
      if (found) return found;
      for (const url of urls) {
        const bytes = await get(url);
        if (bytes !== undefined) return store(bytes, sha256);
      }
      throw new ReproofError('FETCH_NOT_FOUND', `fetching ${urls.join(', ')}: not there`);
    },
    fetchFiles: (files, { signal }) => Promise.all(files.map((file) => fetcher.fetchFile(file, signal))),
    async fetchDocument(url) {
      const bytes = await get(url);
      if (bytes === undefined) throw new ReproofError('FETCH_NOT_FOUND', `fetching ${url}: not there`);
      return { bytes, sha256: sha256Of(bytes), url };
    },
    keep: async (stream, { sha256 }) => store(Buffer.concat(await Array.fromAsync(stream)), sha256),
    cached,
    close: () => rm(folder, { recursive: true }),
  };
  return fetcher;
}
