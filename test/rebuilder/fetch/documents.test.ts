import { chmod, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { sha256Of } from '../../../model/index.ts';
import { forever, leftovers, newFetcher, newServer } from './support.ts';

const options = { maxBytes: 100, signal: forever };

describe('fetching a document', () => {
  it('gives its bytes, and keeps them under their digest', async () => {
    const server = await newServer({ files: { '/InRelease': 'Suite: trixie\n' } }, [
      { path: '/old', fault: { kind: 'redirect', to: '/InRelease' } },
    ]);
    const fetcher = await newFetcher();
    const sha256 = sha256Of('Suite: trixie\n');
    expect(await fetcher.fetchDocument(`${server.url.replace('//', '//me:secret@')}/old`, options)).toEqual({
      bytes: Buffer.from('Suite: trixie\n'),
      sha256,
      url: `${server.url}/InRelease`,
    });
    expect(await readFile((await fetcher.cached(sha256))?.path ?? '', 'utf8')).toBe('Suite: trixie\n');
    expect(await leftovers(fetcher.cacheFolder)).toEqual([]);
  });

  it('asks whether it changed, and has the bytes when it did not', async () => {
    const files = { '/a': 'one' };
    const server = await newServer({ files });
    const fetcher = await newFetcher();
    await fetcher.fetchDocument(`${server.url}/a`, options);
    const again = await fetcher.fetchDocument(`${server.url}/a`, options);
    expect([Buffer.from(again.bytes).toString(), again.sha256]).toEqual(['one', sha256Of('one')]);
    files['/a'] = 'two';
    expect(Buffer.from((await fetcher.fetchDocument(`${server.url}/a`, options)).bytes).toString()).toBe('two');
    expect(server.requests.map((request) => request.headers['if-none-match'])).toEqual([
      undefined,
      `"${sha256Of('one')}"`,
      `"${sha256Of('one')}"`,
    ]);
    expect(server.requests.map((request) => request.status)).toEqual([200, 304, 200]);
  });

  it('sends the date back when the server gives no ETag', async () => {
    const date = 'Sat, 09 Aug 2025 09:15:00 GMT';
    const server = await newServer((request, response) => {
      if (request.headers['if-modified-since'] === date) return void response.writeHead(304).end();
      response.writeHead(200, { 'last-modified': date }).end('dated');
    });
    const fetcher = await newFetcher();
    await fetcher.fetchDocument(`${server.url}/a`, options);
    expect(Buffer.from((await fetcher.fetchDocument(`${server.url}/a`, options)).bytes).toString()).toBe('dated');
    expect(server.requests.map((request) => request.status)).toEqual([200, 304]);
  });

  it('does not ask conditionally when the bytes kept were damaged', async () => {
    const server = await newServer({ files: { '/a': 'one' } });
    const fetcher = await newFetcher();
    const { sha256 } = await fetcher.fetchDocument(`${server.url}/a`, options);
    const path = (await fetcher.cached(sha256))?.path ?? '';
    await chmod(path, 0o644);
    await writeFile(path, 'bad');
    expect(Buffer.from((await fetcher.fetchDocument(`${server.url}/a`, options)).bytes).toString()).toBe('one');
    expect(server.requests.map((request) => request.headers['if-none-match'])).toEqual([undefined, undefined]);
  });

  it('does not take 304 for an answer to a question it has not asked', async () => {
    const server = await newServer({ files: {} }, [{ path: '/a', fault: { kind: 'status', status: 304 } }]);
    const fetcher = await newFetcher();
    await expect(fetcher.fetchDocument(`${server.url}/a`, options)).rejects.toMatchObject({ code: 'FETCH_FAILED' });
  });

  it('takes as many bytes as it may and not one more, announced or not', async () => {
    const server = await newServer((request, response) => {
      const size = Number(request.url?.slice(2));
      if (request.url?.startsWith('/a')) response.setHeader('content-length', size);
      response.end(Buffer.alloc(size));
    });
    const fetcher = await newFetcher();
    for (const kind of ['a', 'c']) {
      expect((await fetcher.fetchDocument(`${server.url}/${kind}100`, options)).bytes.length).toBe(100);
      await expect(fetcher.fetchDocument(`${server.url}/${kind}101`, options)).rejects.toMatchObject({
        code: 'FETCH_TOO_LARGE',
      });
    }
  });

  it('does not take a document that was cut short for a whole one', async () => {
    const server = await newServer({ files: { '/a': 'a whole document' } }, [
      { path: '/a', fault: { kind: 'truncate', after: 7 }, times: 2 },
    ]);
    await expect((await newFetcher({ tries: 1 })).fetchDocument(`${server.url}/a`, options)).rejects.toMatchObject({
      code: 'FETCH_SIZE_MISMATCH',
    });
    const again = await (await newFetcher({ tries: 2 })).fetchDocument(`${server.url}/a`, options);
    expect(Buffer.from(again.bytes).toString()).toBe('a whole document');
  });

  it('says when there is none, when the server is silent, and when the caller gave up', async () => {
    const server = await newServer({ files: {} }, [{ path: '/silent', fault: { kind: 'stall', after: 'nothing' } }]);
    const fetcher = await newFetcher({ stallSeconds: 0.1, tries: 1 });
    await expect(fetcher.fetchDocument(`${server.url}/a`, options)).rejects.toMatchObject({ code: 'FETCH_NOT_FOUND' });
    await expect(fetcher.fetchDocument(`${server.url}/silent`, options)).rejects.toMatchObject({
      code: 'FETCH_TIMEOUT',
    });
    await expect(
      fetcher.fetchDocument(`${server.url}/a`, { maxBytes: 9, signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});

describe('keeping bytes made here', () => {
  async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
    for (const text of texts) yield Buffer.from(text);
  }
  const expected = { name: 'Packages', sha256: sha256Of('abcdef'), size: 6 };

  it('puts them in the cache', async () => {
    const fetcher = await newFetcher();
    const kept = await fetcher.keep(pieces('abc', 'def'), expected);
    expect([await readFile(kept.path, 'utf8'), kept.fromCache]).toEqual(['abcdef', false]);
    expect(await fetcher.cached(expected.sha256)).toEqual({ ...kept, fromCache: true });
  });

  it('does not read them again when they are there', async () => {
    const fetcher = await newFetcher();
    await fetcher.keep(pieces('abcdef'), expected);
    let read = 0;
    const counting = (async function* () {
      read += 1;
      yield Buffer.from('abcdef');
    })();
    expect((await fetcher.keep(counting, expected)).fromCache).toBe(true);
    expect(read).toBe(0);
  });

  it.each([['abcdeX'], ['abcde'], ['abcdef', 'g'], []])('refuses others: %j', async (...texts) => {
    const fetcher = await newFetcher();
    await expect(fetcher.keep(pieces(...texts), expected)).rejects.toMatchObject({ code: 'FETCH_DIGEST_MISMATCH' });
    expect(await fetcher.cached(expected.sha256)).toBeUndefined();
    expect(await leftovers(fetcher.cacheFolder)).toEqual([]);
  });

  it('passes on the error of the stream, and keeps nothing', async () => {
    const fetcher = await newFetcher();
    const failing = (async function* () {
      yield Buffer.from('abc');
      throw new RangeError('as it happens');
    })();
    await expect(fetcher.keep(failing, expected)).rejects.toThrow('as it happens');
    expect(await leftovers(fetcher.cacheFolder)).toEqual([]);
  });
});
