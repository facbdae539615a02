import { ReproofError, type Sha256 } from '../../model/index.ts';
import { displayName } from './address.ts';
import { findCached } from './cache.ts';
import { GrowingFile } from './partial.ts';
import type { CachedFile } from './types.ts';

/** Writes a stream made here into the cache when its bytes are those expected. See Fetcher.keep. */
export async function keepStream(
  cacheFolder: string,
  stream: AsyncIterable<Uint8Array>,
  expected: { readonly name: string; readonly sha256: Sha256; readonly size: number },
): Promise<CachedFile> {
  const known = await findCached(cacheFolder, expected.sha256);
  if (known !== undefined && known.size === expected.size) {
    // An unread stream would hold its source (an open file, a program) for good.
    await stream[Symbol.asyncIterator]().return?.();
    return known;
  }
  const mismatch = (why: string, context = {}): ReproofError =>
    new ReproofError('FETCH_DIGEST_MISMATCH', `checking ${displayName(expected.name)}: ${why}`, { context });
  const file = await GrowingFile.temporary(cacheFolder);
  try {
    for await (const chunk of stream) {
      if (file.size + chunk.length > expected.size) throw mismatch(`more than its ${expected.size} bytes`);
      await file.append(chunk);
    }
    if (file.size !== expected.size) throw mismatch(`${file.size} bytes, not ${expected.size}`);
    const digest = file.digest();
    if (digest !== expected.sha256)
      throw mismatch(`its SHA-256 is ${digest}, not ${expected.sha256}`, { expected: expected.sha256, found: digest });
    return await file.publish(cacheFolder);
  } finally {
    await file.close({ keep: false });
  }
}
