import { createHash } from 'node:crypto';
import { isReproofError, ReproofError } from '../../model/index.ts';
import { displayName, parseAddress } from './address.ts';
import type { Transfer } from './download.ts';
import { failure } from './failure.ts';
import { GrowingFile } from './partial.ts';
import { get } from './request.ts';
import { retrying } from './retry.ts';
import type { CachedFile } from './types.ts';

/** A file named by SHA-1 (40 lower-case hexadecimal digits) and size in bytes. */
export type Sha1File = {
  readonly name: string;
  readonly size: number;
  readonly sha1: string;
  readonly urls: readonly string[];
};

type Wanted = Omit<Sha1File, 'urls'> & { readonly url: URL };

/** Brings a file named by SHA-1 into the cache, under its SHA-256. See Fetcher.fetchBySha1. */
export async function bringBySha1(cacheFolder: string, wanted: Sha1File, transfer: Transfer): Promise<CachedFile> {
  const failures: ReproofError[] = [];
  for (const text of wanted.urls) {
    const { name, size, sha1 } = wanted;
    const file = await GrowingFile.temporary(cacheFolder);
    try {
      const source = { name, size, sha1, url: parseAddress(text, name) };
      await retrying(transfer.policy, { name, signal: transfer.signal }, () => attempt(source, file, transfer));
      return await file.publish(cacheFolder);
    } catch (error) {
      if (!isReproofError(error) || error.code === 'INTERRUPTED') throw error;
      failures.push(error);
    } finally {
      await file.close({ keep: false });
    }
  }
  const telling = failures.find((error) => error.code !== 'FETCH_NOT_FOUND') ?? failures[0];
  throw telling ?? new ReproofError('FETCH_NOT_FOUND', `fetching ${displayName(wanted.name)}: no address is given`);
}

async function attempt(wanted: Wanted, file: GrowingFile, transfer: Transfer): Promise<void> {
  await file.reset();
  const answer = await get(transfer.client, {
    name: wanted.name,
    url: wanted.url,
    headers: {},
    accept: [],
    signal: transfer.signal,
  });
  const sha1 = createHash('sha1');
  for await (const chunk of answer.body) {
    if (file.size + chunk.length > wanted.size) {
      throw failure('FETCH_SIZE_MISMATCH', `more bytes came than the ${wanted.size} expected`, wanted);
    }
    await file.append(chunk);
    sha1.update(chunk);
    transfer.onBytes(file.size);
  }
  if (file.size < wanted.size) {
    const why = `the answer ended after ${file.size} of ${wanted.size} bytes`;
    throw failure('FETCH_SIZE_MISMATCH', why, { ...wanted, passes: true });
  }
  const digest = sha1.digest('hex');
  if (digest !== wanted.sha1) {
    throw failure('FETCH_DIGEST_MISMATCH', `its SHA-1 is ${digest}, not ${wanted.sha1}`, {
      ...wanted,
      expected: wanted.sha1,
      found: digest,
    });
  }
}
