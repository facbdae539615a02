import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { isReproofError } from '../../../model/index.ts';
import { forever, newFetcher, newFile, newServer } from './support.ts';

async function failureOf(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isReproofError(error)) throw new Error(`not an error of ours: ${String(error)}`);
  expect(error.message).not.toMatch(/[\r\n]/);
  return { code: error.code, message: error.message };
}

describe('what servers answer', () => {
  it('follows relative and absolute redirects of the same scheme', async () => {
    const { bytes, file } = newFile(1000);
    const other = await newServer({ files: { '/deep/b': bytes } });
    const server = await newServer({ files: {} }, [
      { path: '/dir/a', fault: { kind: 'redirect', to: 'next?x=1' } },
      { path: '/dir/next?x=1', fault: { kind: 'redirect', to: `${other.url}/deep/b`, status: 308 } },
    ]);
    const fetcher = await newFetcher();
    const found = await fetcher.fetchFile({ ...file, urls: [`${server.url}/dir/a`] }, forever);
    expect(await readFile(found.path)).toEqual(bytes);
  });

  it('follows five redirects and not six', async () => {
    const { bytes, file } = newFile(1000);
    const hops = [1, 2, 3, 4, 5, 6].map((hop) => ({
      path: `/${hop}`,
      fault: { kind: 'redirect', to: hop === 1 ? '/end' : `/${hop - 1}` } as const,
    }));
    const server = await newServer({ files: { '/end': bytes } }, hops);
    const fetcher = await newFetcher();
    const six = await failureOf(fetcher.fetchFile({ ...file, urls: [`${server.url}/6`] }, forever));
    expect(six.code).toBe('FETCH_REDIRECT_REFUSED');
    expect((await fetcher.fetchFile({ ...file, urls: [`${server.url}/5`] }, forever)).size).toBe(1000);
  });

  it('leaves a redirect loop', async () => {
    const { file } = newFile(1000);
    const server = await newServer({ files: {} }, [{ path: '/a', fault: { kind: 'redirect', to: '/a' } }]);
    const fetcher = await newFetcher();
    expect((await failureOf(fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever))).code).toBe(
      'FETCH_REDIRECT_REFUSED',
    );
    expect(server.requests.length).toBe(6);
  });

  it.each(['https://example.org/b', 'file:///etc/passwd', 'ftp://example.org/b'])(
    'does not follow a redirect to %s, and says both addresses',
    async (to) => {
      const { file } = newFile(1000);
      const server = await newServer({ files: {} }, [{ path: '/a', fault: { kind: 'redirect', to } }]);
      const fetcher = await newFetcher();
      const { code, message } = await failureOf(fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever));
      expect(code).toBe('FETCH_REDIRECT_REFUSED');
      expect(message).toContain(`${server.url}/a`);
      expect(message).toContain(to);
      expect(message).toContain('not followed');
      expect(server.requests.length).toBe(1);
    },
  );

  it('says so when a redirect names no address', async () => {
    const { file } = newFile(1000);
    const server = await newServer({ files: {} }, [{ path: '/a', fault: { kind: 'redirect', to: 'http://[' } }]);
    const fetcher = await newFetcher();
    expect((await failureOf(fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever))).code).toBe(
      'FETCH_FAILED',
    );
  });

  it.each([404, 410])('goes to the next address after %i, without trying twice', async (status) => {
    const { bytes, file } = newFile(1000);
    const server = await newServer({ files: { '/b': bytes } }, [{ path: '/a', fault: { kind: 'status', status } }]);
    const fetcher = await newFetcher();
    await fetcher.fetchFile({ ...file, urls: [`${server.url}/a`, `${server.url}/b`] }, forever);
    expect(server.requests.map((request) => request.path)).toEqual(['/a', '/b']);
  });

  it('says that a file is not found only when every address says so', async () => {
    const { file } = newFile(1000);
    const server = await newServer({ files: {} }, [{ path: '/c', fault: { kind: 'status', status: 403 } }]);
    const fetcher = await newFetcher();
    const at = (...paths: string[]): Promise<unknown> =>
      fetcher.fetchFile({ ...file, urls: paths.map((path) => server.url + path) }, forever);
    expect((await failureOf(at('/a', '/b'))).code).toBe('FETCH_NOT_FOUND');
    expect((await failureOf(at('/a', '/c', '/b'))).code).toBe('FETCH_FAILED');
    expect((await failureOf(at())).code).toBe('FETCH_NOT_FOUND');
  });

  it.each([500, 503, 429, 408])('tries again after %i', async (status) => {
    const { bytes, file } = newFile(1000);
    const server = await newServer({ files: { '/a': bytes } }, [
      { path: '/a', fault: { kind: 'status', status }, times: 2 },
    ]);
    const fetcher = await newFetcher({ tries: 3 });
    await fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever);
    expect(server.requests.map((request) => request.status)).toEqual([status, status, 200]);
  });

  it('gives up after as many tries as it was told', async () => {
    const { file } = newFile(1000);
    const server = await newServer({ files: {} }, [{ path: '/a', fault: { kind: 'status', status: 502 } }]);
    const fetcher = await newFetcher({ tries: 3 });
    expect((await failureOf(fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever))).code).toBe(
      'FETCH_FAILED',
    );
    expect(server.requests.length).toBe(3);
  });

  it('waits as long as Retry-After asks, up to its own limit', async () => {
    const { bytes, file } = newFile(1000);
    const status = { kind: 'status', status: 429, headers: { 'retry-after': '3600' } } as const;
    const server = await newServer({ files: { '/a': bytes } }, [{ path: '/a', fault: status, times: 1 }]);
    const fetcher = await newFetcher({ backoffMillis: 1, longestWaitMillis: 150 });
    const begin = performance.now();
    await fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever);
    const waited = performance.now() - begin;
    expect(waited).toBeGreaterThan(140);
    expect(waited).toBeLessThan(5000);
  });

  it('understands Retry-After as a date, one that has passed too', async () => {
    const { bytes, file } = newFile(1000);
    const status = {
      kind: 'status',
      status: 503,
      headers: { 'retry-after': 'Fri, 31 Dec 1999 23:59:59 GMT' },
    } as const;
    const server = await newServer({ files: { '/a': bytes } }, [{ path: '/a', fault: status, times: 1 }]);
    const fetcher = await newFetcher({ backoffMillis: 60_000, longestWaitMillis: 60_000 });
    expect((await fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever)).size).toBe(1000);
  });

  it('tries again when nobody listens, and then says so', async () => {
    const { file } = newFile(1000);
    const server = await newServer({ files: {} });
    await server.close();
    const fetcher = await newFetcher({ tries: 2 });
    const { code, message } = await failureOf(fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever));
    expect([code, message]).toEqual(['FETCH_FAILED', expect.stringContaining('ECONNREFUSED')]);
  });

  it.each(['gzip', 'br', 'identity, gzip'])('refuses an answer encoded as %s', async (value) => {
    const { bytes, file } = newFile(1000);
    const server = await newServer({ files: { '/a': bytes } }, [
      { path: '/a', fault: { kind: 'header', name: 'content-encoding', value } },
    ]);
    const fetcher = await newFetcher();
    const { code, message } = await failureOf(fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever));
    expect([code, message]).toEqual(['FETCH_FAILED', expect.stringContaining(value)]);
  });

  it.each(['ftp://example.org/a', 'file:///etc/passwd', 'data:text/plain,hello', 'no address at all'])(
    'does not fetch %s',
    async (url) => {
      const fetcher = await newFetcher();
      expect((await failureOf(fetcher.fetchFile({ ...newFile(5).file, urls: [url] }, forever))).code).toBe(
        'FETCH_FAILED',
      );
      expect((await failureOf(fetcher.fetchDocument(url, { maxBytes: 10, signal: forever }))).code).toBe(
        'FETCH_FAILED',
      );
    },
  );

  it('sends credentials to the host they are for, and puts them in no message', async () => {
    const { bytes, file } = newFile(1000);
    const other = await newServer({ files: { '/b': bytes } });
    const server = await newServer({ files: {} }, [
      { path: '/a?token=t0psecret', fault: { kind: 'redirect', to: '/again' } },
      { path: '/again', fault: { kind: 'redirect', to: `${other.url}/b` } },
      { path: '/bad?token=t0psecret', fault: { kind: 'redirect', to: 'https://us:s3cret@example.org/' } },
    ]);
    const base = server.url.replace('//', '//me:pa%3Ass@');
    const fetcher = await newFetcher();
    const { message } = await failureOf(fetcher.fetchFile({ ...file, urls: [`${base}/bad?token=t0psecret`] }, forever));
    expect(message).not.toMatch(/me:|pa%3Ass|pa:ss|s3cret|t0psecret/);
    await fetcher.fetchFile({ ...file, urls: [`${base}/a?token=t0psecret`] }, forever);
    const basic = `Basic ${Buffer.from('me:pa:ss').toString('base64')}`;
    expect(server.requests.map((request) => request.headers.authorization)).toEqual([basic, basic, basic]);
    expect(other.requests.map((request) => request.headers.authorization)).toEqual([undefined]);
  });

  it('keeps a message on one line whatever the file is called', async () => {
    const fetcher = await newFetcher();
    const { message } = await failureOf(
      fetcher.fetchFile({ ...newFile(5).file, name: 'a\nb\u001b[31m', urls: [] }, forever),
    );
    expect(message).toBe('fetching a?b?[31m: no address is given');
  });
});
