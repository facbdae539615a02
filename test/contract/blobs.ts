import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { BlobStore } from '../../rebuilder/store/index.ts';

const LATER = '9999-01-01T00:00:00.000Z';
const content = (text: string): Buffer => Buffer.from(text);
const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) {
    yield bytes.subarray(start, start + size);
    await turn();
  }
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(stream)).toString();
}

/** What every store of blobs does, wherever they lie. */
export function describeBlobs(name: string, make: () => Promise<BlobStore>): void {
  describe(`${name}: blobs`, () => {
    it('give back what was put, by its digest', async () => {
      const blobs = await make();
      const bytes = content('gold');
      const put = await blobs.put('name', inChunks(bytes, 1), 4);
      expect(put).toEqual({ name: 'name', size: 4, sha256: digestOf(bytes) });
      expect(await readAll(blobs.read(put.sha256))).toBe('gold');
    });

    it('refuse more than the limit and keep nothing of it', async () => {
      const blobs = await make();
      await expect(blobs.put('name', inChunks(content('gold'), 1), 3)).rejects.toMatchObject({
        code: 'FETCH_TOO_LARGE',
      });
      expect(await Array.fromAsync(blobs.list())).toEqual([]);
    });

    it('are listed once each, by digest, with their size and when they were put', async () => {
      const blobs = await make();
      const before = new Date(Date.now() - 1000).toISOString();
      const puts = [];
      for (const text of ['a', 'bb', 'ccc', 'bb']) puts.push(await blobs.put(text, inChunks(content(text), 1), 10));
      const listed = await Array.fromAsync(blobs.list());
      expect(listed.map(({ sha256, size }) => ({ sha256, size }))).toEqual(
        [...new Map(puts.map(({ sha256, size }) => [sha256, { sha256, size }])).values()].sort((left, right) =>
          left.sha256 < right.sha256 ? -1 : 1,
        ),
      );
      expect(listed.every(({ storedAt }) => storedAt > before && storedAt < LATER)).toBe(true);
    });

    it('are gone once removed, and may be put again', async () => {
      const blobs = await make();
      const { sha256 } = await blobs.put('x', inChunks(content('x'), 1), 10);
      expect(await blobs.remove(sha256, LATER)).toBe(true);
      expect(await blobs.path(sha256)).toBeUndefined();
      await expect(readAll(blobs.read(sha256))).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
      expect(await blobs.remove(sha256, LATER)).toBe(false);
      await blobs.put('x', inChunks(content('x'), 1), 10);
      expect(await readAll(blobs.read(sha256))).toBe('x');
    });

    it('are kept when they were put after the time that removing names', async () => {
      const blobs = await make();
      const { sha256 } = await blobs.put('x', inChunks(content('x'), 1), 10);
      expect(await blobs.remove(sha256, '2000-01-01T00:00:00.000Z')).toBe(false);
      expect(await readAll(blobs.read(sha256))).toBe('x');
    });

    it('are there when a put returned, however often an old equal one is removed meanwhile', async () => {
      const blobs = await make();
      const bytes = content('contended');
      const sha256 = digestOf(bytes);
      await blobs.put('x', inChunks(bytes, 3), 100);
      let ended = false;
      const removing = async (): Promise<void> => {
        // A moment ago: what is put from now on is younger.
        const putBefore = new Date(Date.now() - 50).toISOString();
        while (!ended) {
          await blobs.remove(sha256, putBefore);
          await turn();
        }
      };
      const putting = async (): Promise<void> => {
        for (let times = 0; times < 50; times++) await blobs.put('x', inChunks(bytes, 3), 100);
        ended = true;
      };
      await Promise.all([removing(), removing(), putting()]);
      expect(await readAll(blobs.read(sha256))).toBe('contended');
      expect(await Array.fromAsync(blobs.list())).toHaveLength(1);
    });

    it.each(['', '../x', 'A'.repeat(64)])('take %j for no digest', async (text) => {
      const blobs = await make();
      await expect(blobs.path(text)).rejects.toMatchObject({ code: 'INTERNAL' });
      await expect(readAll(blobs.read(text))).rejects.toMatchObject({ code: 'INTERNAL' });
      await expect(async () => blobs.remove(text, LATER)).rejects.toMatchObject({ code: 'INTERNAL' });
    });
  });
}
