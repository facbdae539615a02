import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { forever, leftovers, newFetcher, newFile, newServer } from './support.ts';

const { bytes, file } = newFile(100_000);
const sha1 = createHash('sha1').update(bytes).digest('hex');
const wanted = (...urls: string[]) => ({ name: 'file.deb', size: bytes.length, sha1, urls });

describe('fetching a file that is named by SHA-1', () => {
  it('gives its SHA-256 and keeps it in the cache under that', async () => {
    const server = await newServer({ files: { '/file': bytes } });
    const fetcher = await newFetcher();
    const got = await fetcher.fetchBySha1(wanted(`${server.url}/none`, `${server.url}/file`), forever);
    expect(got).toMatchObject({ sha256: file.sha256, size: bytes.length });
    expect(await readFile(got.path)).toEqual(bytes);
    expect(await fetcher.cached(file.sha256)).toMatchObject({ path: got.path });
  });

  it('tries again after an answer that was cut short', async () => {
    const server = await newServer({ files: { '/file': bytes } }, [
      { path: '/file', fault: { kind: 'truncate', after: 500 }, times: 1 },
    ]);
    const fetcher = await newFetcher();
    expect(await fetcher.fetchBySha1(wanted(`${server.url}/file`), forever)).toMatchObject({ sha256: file.sha256 });
  });

  it.each([
    ['FETCH_DIGEST_MISMATCH', 'other bytes', (url: string) => ({ ...wanted(`${url}/file`), sha1: '0'.repeat(40) })],
    ['FETCH_SIZE_MISMATCH', 'more bytes', (url: string) => ({ ...wanted(`${url}/file`), size: bytes.length - 1 })],
    ['FETCH_SIZE_MISMATCH', 'fewer bytes', (url: string) => ({ ...wanted(`${url}/file`), size: bytes.length + 1 })],
    ['FETCH_NOT_FOUND', 'nothing', (url: string) => wanted(`${url}/none`)],
    ['FETCH_NOT_FOUND', 'no address', () => wanted()],
    ['INTERNAL', 'no size', (url: string) => ({ ...wanted(`${url}/file`), size: -1 })],
    ['FETCH_TOO_LARGE', 'a size nobody wants', (url: string) => ({ ...wanted(`${url}/file`), size: 2 ** 40 })],
  ])('throws %s for %s, and leaves nothing', async (code, _what, make) => {
    const server = await newServer({ files: { '/file': bytes } });
    const fetcher = await newFetcher();
    await expect(fetcher.fetchBySha1(make(server.url), forever)).rejects.toMatchObject({ code });
    expect(await leftovers(fetcher.cacheFolder)).toEqual([]);
    expect(await fetcher.cached(file.sha256)).toBeUndefined();
  });
});
