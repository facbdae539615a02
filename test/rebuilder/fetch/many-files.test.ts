import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { forever, leftovers, newFetcher, newFile, newServer } from './support.ts';

describe('fetching many files', () => {
  it('gives them in the order asked and tells how far it is', async () => {
    const made = [1, 2, 3, 4, 5].map((index) => newFile(index * 10_000, `${index}.deb`));
    const server = await newServer(
      { files: Object.fromEntries(made.map(({ bytes, file }) => [`/${file.name}`, bytes])) },
      [{ path: '/2.deb', fault: { kind: 'truncate', after: 5000 }, times: 1 }],
    );
    const wanted = made.map(({ file }) => ({ ...file, urls: [`${server.url}/${file.name}`] }));
    const fetcher = await newFetcher();
    await fetcher.fetchFile(wanted[4]!, forever);
    const states: { files: number; filesDone: number; bytes: number; bytesDone: number }[] = [];
    const found = await fetcher.fetchFiles(wanted, { signal: forever, onProgress: (state) => states.push(state) });
    expect(found.map((file) => [file.sha256, file.fromCache])).toEqual(
      made.map(({ file }, index) => [file.sha256, index === 4]),
    );
    expect(states.at(-1)).toEqual({ files: 5, filesDone: 5, bytes: 150_000, bytesDone: 150_000 });
    expect(states.length).toBeGreaterThan(5);
    expect(states.every((state) => state.bytesDone >= 0 && state.bytesDone <= 150_000)).toBe(true);
    expect(await fetcher.fetchFiles([], { signal: forever })).toEqual([]);
  });

  it('brings a file that is named twice only once', async () => {
    const { bytes, file } = newFile(100_000);
    const server = await newServer({ files: { '/a': bytes } });
    const fetcher = await newFetcher();
    const wanted = { ...file, urls: [`${server.url}/a`] };
    const found = await fetcher.fetchFiles([wanted, wanted, wanted], { signal: forever });
    expect(found.map(({ path }) => path)).toEqual([found[0]?.path, found[0]?.path, found[0]?.path]);
    expect(server.requests.length).toBe(1);
  });

  it('has no more requests open than it was told', async () => {
    const { bytes } = newFile(10);
    let open = 0;
    let most = 0;
    const server = await newServer((_request, response) => {
      open += 1;
      most = Math.max(most, open);
      setImmediate(() => {
        open -= 1;
        response.end(bytes);
      });
    });
    const fetcher = await newFetcher({ concurrency: 3 });
    const texts = Array.from({ length: 20 }, (_, index) => `${server.url}/${index}`);
    await Promise.all(texts.map((text) => fetcher.fetchDocument(text, { maxBytes: 10, signal: forever })));
    expect(server.requests.length).toBe(20);
    expect(most).toBeLessThanOrEqual(3);
  });

  it('throws the first failure, not the interruptions that follow from it', async () => {
    const slow = [1, 2, 3].map((index) => newFile(1000, `slow-${index}`));
    const server = await newServer(
      { files: Object.fromEntries(slow.map(({ bytes, file }) => [`/${file.name}`, bytes])) },
      [{ path: /slow/, fault: { kind: 'stall', after: 500 } }],
    );
    const wanted = [...slow.map(({ file }) => file), newFile(5, 'missing').file, ...slow.map(({ file }) => file)];
    const fetcher = await newFetcher({ stallSeconds: 60 });
    await expect(
      fetcher.fetchFiles(
        wanted.map((file) => ({ ...file, urls: [`${server.url}/${file.name}`] })),
        { signal: forever },
      ),
    ).rejects.toMatchObject({ code: 'FETCH_NOT_FOUND', message: expect.stringContaining('missing') });
    // Only beginnings for resuming stay: no claim, no temporary file.
    expect((await leftovers(fetcher.cacheFolder)).filter((name) => !name.endsWith('.partial'))).toEqual([]);
  });

  it('ends in the middle when the caller gives up, and goes on from there later', async () => {
    const { bytes, file } = newFile(200_000);
    const server = await newServer({ files: { '/a': bytes } }, [
      { path: '/a', fault: { kind: 'stall', after: 100_000 }, times: 1 },
    ]);
    const wanted = { ...file, urls: [`${server.url}/a`] };
    const fetcher = await newFetcher({ stallSeconds: 60 });
    const controller = new AbortController();
    const onProgress = ({ bytesDone }: { bytesDone: number }): void => {
      if (bytesDone === 100_000) controller.abort();
    };
    await expect(fetcher.fetchFiles([wanted], { signal: controller.signal, onProgress })).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
    expect(await fetcher.cached(file.sha256)).toBeUndefined();
    expect(await leftovers(fetcher.cacheFolder)).toEqual([`${file.sha256}.partial`]);
    expect(await readFile((await fetcher.fetchFile(wanted, forever)).path)).toEqual(bytes);
    expect(server.requests[1]?.headers.range).toBe('bytes=100000-');
    expect(await leftovers(fetcher.cacheFolder)).toEqual([]);
  });

  it('does not begin for a caller who gave up before, even with the file at hand', async () => {
    const { bytes, file } = newFile(10);
    const server = await newServer({ files: { '/a': bytes } });
    const fetcher = await newFetcher();
    const wanted = { ...file, urls: [`${server.url}/a`] };
    await fetcher.fetchFile(wanted, forever);
    await expect(fetcher.fetchFile(wanted, AbortSignal.abort())).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  it('gives up waiting for the next try when the caller does', async () => {
    const server = await newServer({ files: {} }, [{ path: '/a', fault: { kind: 'status', status: 503 } }]);
    const fetcher = await newFetcher({ backoffMillis: 60_000, longestWaitMillis: 60_000 });
    const controller = new AbortController();
    const fetching = fetcher.fetchFile({ ...newFile(5).file, urls: [`${server.url}/a`] }, controller.signal);
    const failed = expect(fetching).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await expect.poll(() => server.requests[0]?.status).toBe(503);
    controller.abort();
    await failed;
  });

  it('interrupts what runs when it is closed', async () => {
    const server = await newServer({ files: { '/a': '12345' } }, [{ path: '/a', fault: { kind: 'stall', after: 2 } }]);
    const fetcher = await newFetcher({ stallSeconds: 60 });
    const failed = expect(
      fetcher.fetchFile({ ...newFile(5).file, urls: [`${server.url}/a`] }, forever),
    ).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await expect.poll(() => server.requests.length).toBe(1);
    await fetcher.close();
    await failed;
  });
});
