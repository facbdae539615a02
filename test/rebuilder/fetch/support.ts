import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type FileDigest, sha256Of } from '../../../model/index.ts';
import { type Fetcher, type FetcherOptions, openFetcher } from '../../../rebuilder/fetch/index.ts';
import { type FaultRule, type FaultyServer, type Source, startServer } from '../../helpers/faulty-server.ts';

/** An empty folder that goes away with the test. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fetch-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function newServer(source: Source, faults: readonly FaultRule[] = []): Promise<FaultyServer> {
  const server = await startServer(source, faults);
  onTestFinished(() => server.close());
  return server;
}

/** A fetcher that waits only as long as a test likes to. */
export async function newFetcher(
  options: Partial<FetcherOptions> = {},
): Promise<Fetcher & { readonly cacheFolder: string }> {
  const cacheFolder = options.cacheFolder ?? (await newFolder());
  const fetcher = openFetcher({ stallSeconds: 5, backoffMillis: 1, longestWaitMillis: 20, ...options, cacheFolder });
  onTestFinished(() => fetcher.close());
  return { ...fetcher, cacheFolder };
}

export type TestFile = { readonly bytes: Buffer; readonly file: FileDigest };

/** A file of bytes that no compression and no luck makes equal to another. */
export function newFile(size: number, name = 'file.deb'): TestFile {
  const bytes = randomBytes(size);
  return { bytes, file: { name, size, sha256: sha256Of(bytes) } };
}

/** Names in partial/: beginnings kept for resuming, claims, temporary files. */
export async function leftovers(cacheFolder: string): Promise<string[]> {
  return (await readdir(join(cacheFolder, 'partial'))).sort();
}

export const forever = new AbortController().signal;
