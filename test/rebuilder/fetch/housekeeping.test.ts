import { chmod, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256Of } from '../../../model/index.ts';
import { type CachedFile, cacheUsage, type Fetcher, pruneCache, verifyCache } from '../../../rebuilder/fetch/index.ts';
import { claimPartial } from '../../../rebuilder/fetch/partial.ts';
import { ownerToken } from '../../../rebuilder/process-owner.ts';
import { forever, leftovers, newFetcher, newFolder, newServer } from './support.ts';

const DAY = 86_400_000;
const deadOwner = ownerToken().replace(/:\d+:/, ':1:');
const nothing = { files: 0, bytes: 0, partialFiles: 0, partialBytes: 0 };

async function keepText(fetcher: Fetcher, text: string): Promise<CachedFile> {
  const bytes = Buffer.from(text);
  return await fetcher.keep(
    (async function* () {
      yield bytes;
    })(),
    { name: 'text', sha256: sha256Of(bytes), size: bytes.length },
  );
}

async function age(path: string, days: number): Promise<void> {
  const then = new Date(Date.now() - days * DAY);
  await utimes(path, then, then);
}

describe('cache housekeeping', () => {
  it('counts whole and half-written files, and nothing where there is nothing', async () => {
    const fetcher = await newFetcher();
    await keepText(fetcher, 'abc');
    await keepText(fetcher, 'defgh');
    await writeFile(join(fetcher.cacheFolder, 'partial', `${sha256Of('x')}.partial`), '1234');
    expect(await cacheUsage(fetcher.cacheFolder)).toEqual({ files: 2, bytes: 8, partialFiles: 1, partialBytes: 4 });
    expect(await cacheUsage(join(fetcher.cacheFolder, 'not-there'))).toEqual(nothing);
    expect(await pruneCache(join(fetcher.cacheFolder, 'not-there'), { everything: true }, new Date())).toEqual(nothing);
  });

  it('deletes what was not used for so many days', async () => {
    const fetcher = await newFetcher();
    const [old, used, young] = [
      await keepText(fetcher, 'old'),
      await keepText(fetcher, 'used'),
      await keepText(fetcher, 'young'),
    ];
    await fetcher.close();
    await age(old.path, 11);
    await age(used.path, 11);
    await age(young.path, 9);
    const later = await newFetcher({ cacheFolder: fetcher.cacheFolder });
    await later.cached(used.sha256);
    await later.close();
    expect(await pruneCache(fetcher.cacheFolder, { olderThanDays: 10 }, new Date())).toEqual({
      ...nothing,
      files: 1,
      bytes: 3,
    });
    expect(await later.cached(old.sha256)).toBeUndefined();
    expect(await cacheUsage(fetcher.cacheFolder)).toEqual({ ...nothing, files: 2, bytes: 9 });
  });

  it('never deletes what an open fetcher has used, everything else on request', async () => {
    const cacheFolder = await newFolder();
    const before = await newFetcher({ cacheFolder });
    const [first, second] = [await keepText(before, 'first'), await keepText(before, 'second')];
    await before.close();
    await age(first.path, 1);
    await age(second.path, 1);
    const fetcher = await newFetcher({ cacheFolder });
    await fetcher.cached(first.sha256);
    expect(await pruneCache(cacheFolder, { everything: true }, new Date())).toEqual({ ...nothing, files: 1, bytes: 6 });
    expect(await readFile(first.path, 'utf8')).toBe('first');
    await fetcher.close();
    expect(await pruneCache(cacheFolder, { everything: true }, new Date())).toEqual({ ...nothing, files: 1, bytes: 5 });
  });

  it('takes a dead lease for none', async () => {
    const fetcher = await newFetcher();
    await keepText(fetcher, 'abc');
    await fetcher.close();
    const lease = join(fetcher.cacheFolder, 'leases', `${deadOwner}.00`);
    await writeFile(lease, '');
    await age(lease, 1);
    expect((await pruneCache(fetcher.cacheFolder, { everything: true }, new Date())).files).toBe(1);
    expect(await readdir(join(fetcher.cacheFolder, 'leases'))).toEqual([]);
  });

  it('leaves what is being written, and deletes what dead owners left', async () => {
    const fetcher = await newFetcher();
    await fetcher.close();
    const { cacheFolder } = fetcher;
    const [claimed, abandoned] = [sha256Of('claimed'), sha256Of('abandoned')];
    const put = (name: string): Promise<void> => writeFile(join(cacheFolder, 'partial', name), '12345');
    for (const name of [`${claimed}.partial`, `${abandoned}.partial`, `${ownerToken()}.01.tmp`, `${deadOwner}.02.tmp`])
      await put(name);
    await put(`${abandoned}.${deadOwner}.03.claim`);
    const claim = await claimPartial(cacheFolder, claimed);
    expect(await pruneCache(cacheFolder, { everything: true }, new Date())).toEqual({
      ...nothing,
      partialFiles: 2,
      partialBytes: 10,
    });
    await claim?.release();
    expect(await leftovers(cacheFolder)).toEqual([`${claimed}.partial`, `${ownerToken()}.01.tmp`].sort());
  });

  it('clears what dead owners left under names of their own when a fetcher is opened', async () => {
    const { cacheFolder, close } = await newFetcher();
    await close();
    for (const name of [
      `${deadOwner}.02.tmp`,
      `${sha256Of('a')}.${deadOwner}.03.claim`,
      `${ownerToken()}.01.tmp`,
      `${sha256Of('a')}.partial`,
    ])
      await writeFile(join(cacheFolder, 'partial', name), '');
    await newFetcher({ cacheFolder });
    expect(await leftovers(cacheFolder)).toEqual([`${ownerToken()}.01.tmp`, `${sha256Of('a')}.partial`].sort());
  });

  it('lets one of two live claimants of a digest in, and the other after it', async () => {
    const { cacheFolder } = await newFetcher();
    const first = await claimPartial(cacheFolder, sha256Of('a'));
    expect(first).toBeDefined();
    expect(await claimPartial(cacheFolder, sha256Of('a'))).toBeUndefined();
    expect(await claimPartial(cacheFolder, sha256Of('b'))).toBeDefined();
    await first?.release();
    expect(await claimPartial(cacheFolder, sha256Of('a'))).toBeDefined();
  });

  it('never lets two in, however many come at once', async () => {
    const { cacheFolder } = await newFetcher();
    const claims = await Promise.all(Array.from({ length: 30 }, () => claimPartial(cacheFolder, sha256Of('a'))));
    expect(claims.filter((claim) => claim !== undefined).length).toBeLessThanOrEqual(1);
  });

  it('forgets what a server said of a document that is gone', async () => {
    const server = await newServer({ files: { '/a': 'one', '/b': 'two' } });
    const fetcher = await newFetcher();
    const options = { maxBytes: 10, signal: forever };
    const { sha256 } = await fetcher.fetchDocument(`${server.url}/a`, options);
    await fetcher.fetchDocument(`${server.url}/b`, options);
    const path = (await fetcher.cached(sha256))?.path ?? '';
    await fetcher.close();
    await age(path, 20);
    await pruneCache(fetcher.cacheFolder, { olderThanDays: 10 }, new Date());
    expect(await readdir(join(fetcher.cacheFolder, 'documents'))).toEqual([`${sha256Of(`${server.url}/b`)}.json`]);
  });

  it('finds the files whose bytes changed on disk, and leaves them', async () => {
    const fetcher = await newFetcher();
    await keepText(fetcher, 'good');
    const bad = await keepText(fetcher, 'bad');
    expect(await verifyCache(fetcher.cacheFolder)).toEqual({ files: 2, damaged: [] });
    await chmod(bad.path, 0o644);
    await writeFile(bad.path, 'bat');
    expect(await verifyCache(fetcher.cacheFolder)).toEqual({ files: 2, damaged: [bad.sha256] });
    expect((await stat(bad.path)).size).toBe(3);
    await expect(verifyCache(fetcher.cacheFolder, AbortSignal.abort())).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  it('says where when a cache folder cannot be made', async () => {
    const folder = await newFolder();
    await writeFile(join(folder, 'file'), '');
    await expect(newFetcher({ cacheFolder: join(folder, 'file') })).rejects.toMatchObject({
      code: 'FETCH_FAILED',
      message: expect.stringContaining(folder),
    });
  });
});
