import { createHash } from 'node:crypto';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../programs/index.ts';
import { forever, leftovers, newFetcher, newFile, newServer } from './support.ts';

const limits = { wallSeconds: 10, outputBytes: 10_000 };

describe('fetching a file of known content', () => {
  it('brings it under its digest, read-only, and the second time without the network', async () => {
    const { bytes, file } = newFile(300_000);
    const server = await newServer({ files: { '/a': bytes } });
    const fetcher = await newFetcher();
    const wanted = { ...file, urls: [`${server.url}/a`] };
    const first = await fetcher.fetchFile(wanted, forever);
    expect(first).toEqual({
      path: join(fetcher.cacheFolder, 'sha256', file.sha256.slice(0, 2), file.sha256),
      size: 300_000,
      sha256: file.sha256,
      fromCache: false,
    });
    const judged = await runProgram(['sha256sum', first.path], { limits });
    expect(judged.stdout.toString().slice(0, 64)).toBe(file.sha256);
    expect((await stat(first.path)).mode & 0o777).toBe(0o444);
    expect(await fetcher.fetchFile(wanted, forever)).toEqual({ ...first, fromCache: true });
    expect(await fetcher.cached(file.sha256)).toEqual({ ...first, fromCache: true });
    expect(server.requests.length).toBe(1);
    expect(server.requests[0]?.headers['accept-encoding']).toBe('identity');
    expect(await leftovers(fetcher.cacheFolder)).toEqual([]);
  });

  it('brings an empty file', async () => {
    const { file } = newFile(0);
    const server = await newServer({ files: { '/a': '' } });
    const fetcher = await newFetcher();
    expect((await fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever)).size).toBe(0);
  });

  it('refuses a wrong byte, and keeps nothing of it', async () => {
    const { bytes, file } = newFile(50_000);
    const server = await newServer({ files: { '/a': bytes } }, [
      { path: '/a', fault: { kind: 'flip', offset: 49_999 } },
    ]);
    const fetcher = await newFetcher();
    await expect(fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever)).rejects.toMatchObject({
      code: 'FETCH_DIGEST_MISMATCH',
    });
    expect(server.requests.length).toBe(1);
    expect(await fetcher.cached(file.sha256)).toBeUndefined();
    expect(await leftovers(fetcher.cacheFolder)).toEqual([]);
  });

  it('takes the right bytes from the next address when one has wrong ones', async () => {
    const { bytes, file } = newFile(50_000);
    const server = await newServer({ files: { '/a': bytes, '/b': bytes } }, [
      { path: '/a', fault: { kind: 'flip', offset: 0 } },
    ]);
    const fetcher = await newFetcher();
    const found = await fetcher.fetchFile({ ...file, urls: [`${server.url}/a`, `${server.url}/b`] }, forever);
    expect(await readFile(found.path)).toEqual(bytes);
  });

  it('resumes a truncated answer where it ended', async () => {
    const { bytes, file } = newFile(200_000);
    const server = await newServer({ files: { '/a': bytes } }, [
      { path: '/a', fault: { kind: 'truncate', after: 70_001 }, times: 1 },
    ]);
    const fetcher = await newFetcher();
    const found = await fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever);
    expect(await readFile(found.path)).toEqual(bytes);
    const [first, second] = server.requests.map((request) => request.headers.range);
    expect([first, server.requests.length]).toEqual([undefined, 2]);
    // The client may lose what it had read but not handed on when the connection ended.
    const [, from] = /^bytes=([1-9]\d*)-$/.exec(second ?? '') ?? [];
    expect(Number(from)).toBeLessThanOrEqual(70_001);
  });

  it('resumes at another address what the first always cut short', async () => {
    const { bytes, file } = newFile(1000);
    const server = await newServer({ files: { '/a': bytes, '/b': bytes } }, [
      { path: '/a', fault: { kind: 'truncate', after: 10 } },
    ]);
    const fetcher = await newFetcher({ tries: 3 });
    await fetcher.fetchFile({ ...file, urls: [`${server.url}/a`, `${server.url}/b`] }, forever);
    expect(server.requests.map((request) => request.headers.range)).toEqual([
      undefined,
      'bytes=10-',
      'bytes=20-',
      'bytes=30-',
    ]);
  });

  it('says that the size is wrong when every answer is cut short', async () => {
    const { bytes, file } = newFile(1000);
    const server = await newServer({ files: { '/a': bytes } }, [{ path: '/a', fault: { kind: 'truncate', after: 0 } }]);
    const fetcher = await newFetcher({ tries: 3 });
    await expect(fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever)).rejects.toMatchObject({
      code: 'FETCH_SIZE_MISMATCH',
    });
    expect(server.requests.length).toBe(3);
    expect(await leftovers(fetcher.cacheFolder)).toEqual([]);
  });

  it('begins again from zero when the server gives the whole file instead of the rest', async () => {
    const { bytes, file } = newFile(5000);
    const server = await newServer({ files: { '/a': bytes } }, [
      { path: '/a', fault: { kind: 'truncate', after: 1000 }, times: 1 },
      { path: '/a', fault: { kind: 'ignore-range' } },
    ]);
    const fetcher = await newFetcher();
    expect(await readFile((await fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever)).path)).toEqual(
      bytes,
    );
    expect(server.requests.length).toBe(2);
  });

  it.each([
    'bytes 999-4999/5000',
    'bytes 1000-4999/5001',
    'bytes 1000-5000/5000',
    'bytes 1000-999/5000',
    'bits 1000-4999/5000',
    '',
  ])('asks for the whole file when the answer is about another range: %j', async (value) => {
    const { bytes, file } = newFile(5000);
    const server = await newServer({ files: { '/a': bytes } }, [
      { path: '/a', fault: { kind: 'truncate', after: 1000 }, times: 1 },
      { path: '/a', fault: { kind: 'header', name: 'content-range', value }, times: 1 },
    ]);
    const fetcher = await newFetcher();
    await fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever);
    expect(server.requests.map((request) => request.headers.range)).toEqual([undefined, 'bytes=1000-', undefined]);
  });

  it('begins again from zero, once, when what an earlier process left was wrong', async () => {
    const { bytes, file } = newFile(5000);
    const server = await newServer({ files: { '/a': bytes } });
    const fetcher = await newFetcher();
    await writeFile(join(fetcher.cacheFolder, 'partial', `${file.sha256}.partial`), Buffer.alloc(1234));
    expect(await readFile((await fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever)).path)).toEqual(
      bytes,
    );
    expect(server.requests.map((request) => request.headers.range)).toEqual(['bytes=1234-', undefined]);
  });

  it('says that the digest is wrong when beginning again did not help', async () => {
    const { bytes, file } = newFile(5000);
    const server = await newServer({ files: { '/a': bytes } }, [{ path: '/a', fault: { kind: 'flip', offset: 4000 } }]);
    const fetcher = await newFetcher();
    await writeFile(join(fetcher.cacheFolder, 'partial', `${file.sha256}.partial`), bytes.subarray(0, 1234));
    await expect(fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever)).rejects.toMatchObject({
      code: 'FETCH_DIGEST_MISMATCH',
    });
    expect(server.requests.length).toBe(2);
  });

  it.each([5000, 5001])('needs no trust in a beginning of %i bytes for a file of 5000', async (size) => {
    const { bytes, file } = newFile(5000);
    const server = await newServer({ files: { '/a': bytes } });
    const fetcher = await newFetcher();
    await writeFile(join(fetcher.cacheFolder, 'partial', `${file.sha256}.partial`), Buffer.alloc(size));
    expect(await readFile((await fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever)).path)).toEqual(
      bytes,
    );
    expect(server.requests.map((request) => request.headers.range)).toEqual([undefined]);
  });

  it('asks nobody when all the bytes are there already and were only not named', async () => {
    const { bytes, file } = newFile(5000);
    const fetcher = await newFetcher();
    await writeFile(join(fetcher.cacheFolder, 'partial', `${file.sha256}.partial`), bytes, { mode: 0o444 });
    const server = await newServer({ files: { '/a': bytes } });
    await writeFile(join(fetcher.cacheFolder, 'partial', `${newFile(1).file.sha256}.partial`), 'x');
    await fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever);
    expect(await fetcher.cached(file.sha256)).toBeDefined();
  });

  it.each([999, 1001])('refuses an answer that announces %i bytes for a file of 1000', async (size) => {
    const { bytes, file } = newFile(1000);
    const server = await newServer({ files: { '/a': bytes } }, [{ path: '/a', fault: { kind: 'announce', size } }]);
    const fetcher = await newFetcher();
    await expect(fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever)).rejects.toMatchObject({
      code: 'FETCH_SIZE_MISMATCH',
    });
    expect(server.requests.length).toBe(1);
  });

  it('stops reading a body without end one byte past the size', async () => {
    const { file } = newFile(100_000);
    let sent = 0;
    let ended = false;
    const server = await newServer((_request, response) => {
      response.once('close', () => {
        ended = true;
      });
      const more = (): void => {
        for (let room = true; room && !ended; sent += 16_384) room = response.write(Buffer.alloc(16_384));
      };
      response.on('drain', more);
      more();
    });
    const fetcher = await newFetcher();
    await expect(fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever)).rejects.toMatchObject({
      code: 'FETCH_SIZE_MISMATCH',
    });
    await expect.poll(() => ended).toBe(true);
    // What the sockets' buffers took counts as sent too.
    expect(sent).toBeLessThan(20_000_000);
    expect(await leftovers(fetcher.cacheFolder)).toEqual([]);
  });

  it.each(['nothing', 0, 300] as const)('gives up a server that is silent after %s bytes of body', async (after) => {
    const { bytes, file } = newFile(1000);
    const server = await newServer({ files: { '/a': bytes } }, [{ path: '/a', fault: { kind: 'stall', after } }]);
    const fetcher = await newFetcher({ stallSeconds: 0.1, tries: 2 });
    await expect(fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever)).rejects.toMatchObject({
      code: 'FETCH_TIMEOUT',
      message: expect.stringContaining('0.1 s'),
    });
    expect(server.requests.length).toBe(2);
  });

  it('goes on after a stall with what had come', async () => {
    const { bytes, file } = newFile(1000);
    const server = await newServer({ files: { '/a': bytes } }, [
      { path: '/a', fault: { kind: 'stall', after: 600 }, times: 1 },
    ]);
    const fetcher = await newFetcher({ stallSeconds: 0.1 });
    await fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever);
    expect(server.requests.map((request) => request.headers.range)).toEqual([undefined, 'bytes=600-']);
  });

  it('refuses a file past its own limit without asking for it', async () => {
    const { bytes, file } = newFile(1001);
    const server = await newServer({ files: { '/a': bytes } });
    const fetcher = await newFetcher({ maxFileBytes: 1000 });
    await expect(fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever)).rejects.toMatchObject({
      code: 'FETCH_TOO_LARGE',
    });
    expect(server.requests.length).toBe(0);
    const smaller = newFile(1000);
    const other = await newServer({ files: { '/a': smaller.bytes } });
    await fetcher.fetchFile({ ...smaller.file, urls: [`${other.url}/a`] }, forever);
  });

  it('tells a wrong size for a cached digest from a damaged cached file', async () => {
    const { bytes, file } = newFile(1000);
    const server = await newServer({ files: { '/a': bytes } });
    const urls = [`${server.url}/a`];
    const fetcher = await newFetcher();
    const found = await fetcher.fetchFile({ ...file, urls }, forever);
    await expect(fetcher.fetchFile({ ...file, size: 999, urls }, forever)).rejects.toMatchObject({
      code: 'FETCH_SIZE_MISMATCH',
    });
    await runProgram(['truncate', '-s', '10', found.path], { limits });
    expect((await fetcher.fetchFile({ ...file, urls }, forever)).fromCache).toBe(false);
    expect(
      createHash('sha256')
        .update(await readFile(found.path))
        .digest('hex'),
    ).toBe(file.sha256);
  });

  it('fetches a file again that decayed after another fetcher brought it', async () => {
    const { bytes, file } = newFile(1000);
    const server = await newServer({ files: { '/a': bytes } });
    const wanted = { ...file, urls: [`${server.url}/a`] };
    const { cacheFolder, ...earlier } = await newFetcher();
    const { path } = await earlier.fetchFile(wanted, forever);
    const decay = async (): Promise<void> => {
      await rm(path, { force: true });
      await writeFile(path, Buffer.from(bytes).fill(bytes.readUInt8(500) ^ 1, 500, 501));
    };
    await decay();
    expect((await (await newFetcher({ cacheFolder })).fetchFile(wanted, forever)).fromCache).toBe(false);
    expect(await readFile(path)).toEqual(bytes);
    await decay();
    expect(await (await newFetcher({ cacheFolder })).cached(file.sha256)).toBe(undefined);
    await decay();
    await (await newFetcher({ cacheFolder })).keep(Readable.from([bytes]), file);
    expect(await readFile(path)).toEqual(bytes);
  });

  it('takes no text for a digest that is none', async () => {
    const fetcher = await newFetcher();
    await expect(fetcher.cached('../../../etc/passwd')).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});
