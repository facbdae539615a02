import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newFolder, newServer } from '../rebuilder/fetch/support.ts';

const body = async (url: string, headers: Record<string, string> = {}): Promise<string> =>
  (await fetch(url, { headers })).text();

describe('the faulty server', () => {
  it('serves a folder, whole and in ranges, and nothing outside it', async () => {
    const folder = await newFolder();
    await writeFile(join(folder, 'a'), 'abcdef');
    const server = await newServer({ folder });
    expect(await body(`${server.url}/a`)).toBe('abcdef');
    expect(await body(`${server.url}/a`, { range: 'bytes=2-' })).toBe('cdef');
    expect((await fetch(`${server.url}/..%2f..%2f..%2f..%2fetc%2fpasswd`)).status).toBe(404);
  });

  it('stands in front of another server, and does wrong only where it was told to', async () => {
    const upstream = await newServer({ files: { '/a': 'abc', '/b': 'abc' } }, [
      { path: '/moved', fault: { kind: 'redirect', to: '/a' } },
    ]);
    const mirror = await newServer({ upstream: `${upstream.url}/` }, [
      { path: /a$/, fault: { kind: 'flip', offset: 1 }, times: 1 },
    ]);
    expect(await body(`${mirror.url}/b`)).toBe('abc');
    expect(Buffer.from(await (await fetch(`${mirror.url}/a`)).arrayBuffer()).toString('latin1')).toBe('a\u009dc');
    expect(await body(`${mirror.url}/a`)).toBe('abc');
    expect((await fetch(`${mirror.url}/none`)).status).toBe(404);
    expect((await fetch(`${mirror.url}/moved`, { redirect: 'manual' })).headers.get('location')).toBe('/a');
    mirror.addFault({ path: '/b', fault: { kind: 'status', status: 418 } });
    expect((await fetch(`${mirror.url}/b`)).status).toBe(418);
    mirror.clearFaults();
    expect(await body(`${mirror.url}/b`)).toBe('abc');
    expect(mirror.requests.map((request) => `${request.status} ${request.path}`)).toEqual([
      '200 /b',
      '200 /a',
      '200 /a',
      '404 /none',
      '302 /moved',
      '418 /b',
      '200 /b',
    ]);
  });

  it('gives other bytes, or bytes without end, in the place of a file', async () => {
    const server = await newServer({ files: { '/a': 'abc', '/b': 'abc' } }, [
      { path: '/a', fault: { kind: 'replace', bytes: Buffer.from('xyz!') } },
      { path: '/b', fault: { kind: 'endless' } },
    ]);
    expect(await body(`${server.url}/a`)).toBe('xyz!');
    const answer = await fetch(`${server.url}/b`);
    expect(answer.headers.get('content-length')).toBe(null);
    let bytes = 0;
    for await (const chunk of answer.body as ReadableStream<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > 1_000_000) break;
    }
    expect(bytes).toBeGreaterThan(1_000_000);
  });
});
