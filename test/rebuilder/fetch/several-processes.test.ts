import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { FileDigest } from '../../../model/index.ts';
import type { CachedFile } from '../../../rebuilder/fetch/index.ts';
import { forever, leftovers, newFetcher, newFile, newFolder, newServer } from './support.ts';

const program = new URL('./fetch-child.ts', import.meta.url).pathname;

function startFetching(
  cacheFolder: string,
  file: FileDigest & { urls: string[] },
): { child: ChildProcess; result: Promise<CachedFile> } {
  const child = spawn(process.execPath, [program, JSON.stringify({ cacheFolder, file })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const result = text(child.stdout).then((output) => JSON.parse(output) as CachedFile);
  result.catch(() => {});
  return { child, result };
}

describe('several processes with one cache', () => {
  it('resumes what a killed process left', async () => {
    const { bytes, file } = newFile(200_000);
    const server = await newServer({ files: { '/a': bytes } }, [
      { path: '/a', fault: { kind: 'stall', after: 100_000 }, times: 1 },
    ]);
    const cacheFolder = await newFolder();
    const wanted = { ...file, urls: [`${server.url}/a`] };
    const { child } = startFetching(cacheFolder, wanted);
    const partial = join(cacheFolder, 'partial', `${file.sha256}.partial`);
    const size = (): Promise<number> =>
      stat(partial).then(
        (found) => found.size,
        () => 0,
      );
    await expect.poll(size, { timeout: 10_000 }).toBe(100_000);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect((await leftovers(cacheFolder)).length).toBe(2);
    const fetcher = await newFetcher({ cacheFolder });
    expect(await readFile((await fetcher.fetchFile(wanted, forever)).path)).toEqual(bytes);
    expect(server.requests.map((request) => request.headers.range)).toEqual([undefined, 'bytes=100000-']);
    expect(await leftovers(cacheFolder)).toEqual([]);
    expect((await readdir(join(cacheFolder, 'leases'))).length).toBe(1);
  });

  it('brings a file once when two want it at the same time', async () => {
    const { bytes, file } = newFile(200_000);
    const held: ServerResponse[] = [];
    const server = await newServer((_request, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 100_000));
      held.push(response);
    });
    const cacheFolder = await newFolder();
    const wanted = { ...file, urls: [`${server.url}/a`] };
    const one = startFetching(cacheFolder, wanted);
    const other = startFetching(cacheFolder, wanted);
    const leases = (): Promise<number> =>
      readdir(join(cacheFolder, 'leases')).then(
        (names) => names.length,
        () => 0,
      );
    await expect.poll(leases, { timeout: 10_000 }).toBe(2);
    await expect.poll(() => held.length, { timeout: 10_000 }).toBe(1);
    held[0]?.end(bytes.subarray(100_000));
    const results = await Promise.all([one.result, other.result]);
    expect(results[0].path).toBe(results[1].path);
    expect(results.map(({ fromCache }) => fromCache).sort()).toEqual([false, true]);
    expect(await readFile(results[0].path)).toEqual(bytes);
    expect(server.requests.length).toBe(1);
    await expect.poll(() => leftovers(cacheFolder)).toEqual([]);
  });

  it('does not wait for a live owner that makes no progress', async () => {
    const { bytes, file } = newFile(200_000);
    const server = await newServer({ files: { '/slow': bytes, '/a': bytes } }, [
      { path: '/slow', fault: { kind: 'stall', after: 100_000 } },
    ]);
    const cacheFolder = await newFolder();
    startFetching(cacheFolder, { ...file, urls: [`${server.url}/slow`] });
    await expect
      .poll(
        () =>
          stat(join(cacheFolder, 'partial', `${file.sha256}.partial`)).then(
            (found) => found.size,
            () => 0,
          ),
        { timeout: 10_000 },
      )
      .toBe(100_000);
    const fetcher = await newFetcher({ cacheFolder, stallSeconds: 0.2 });
    const found = await fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever);
    expect(await readFile(found.path)).toEqual(bytes);
    expect(server.requests.map(({ path, headers }) => [path, headers.range])).toEqual([
      ['/slow', undefined],
      ['/a', undefined],
    ]);
    // The other's beginning and its claim are untouched.
    const names = await leftovers(cacheFolder);
    expect(names.map((name) => name.split('.').at(-1))).toEqual(['claim', 'partial']);
  });
});
