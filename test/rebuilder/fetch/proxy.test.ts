import { once } from 'node:events';
import { createServer, type IncomingMessage, request as send } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { proxyFromEnvironment } from '../../../rebuilder/fetch/index.ts';
import { forever, newFetcher, newFile, newServer } from './support.ts';

/** A forwarding proxy: absolute-form requests, and tunnels, which all lead to `tunnelPort` of this machine. */
async function startProxy(tunnelPort: number): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((incoming, response) => {
    asked.push(`${incoming.method} ${incoming.url}`);
    const forward = send(incoming.url ?? '', { headers: incoming.headers }, (answer: IncomingMessage) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      pipeline(answer, response).catch(() => {});
    });
    forward.end();
  });
  const sockets = new Set<Socket>();
  server.on('connect', (incoming: IncomingMessage, socket: Socket) => {
    asked.push(`CONNECT ${incoming.url}`);
    const far = connect(tunnelPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      far.pipe(socket).pipe(far);
    });
    for (const end of [socket, far]) {
      sockets.add(end);
      end.on('error', () => {});
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

describe('proxies', () => {
  it('sends http: requests through the proxy, whole and resumed', async () => {
    const { bytes, file } = newFile(1000);
    const server = await newServer({ files: { '/a': bytes } }, [
      { path: '/a', fault: { kind: 'truncate', after: 400 }, times: 1 },
    ]);
    const proxy = await startProxy(0);
    const fetcher = await newFetcher({ proxy: { http: proxy.url } });
    await fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever);
    expect(proxy.asked).toEqual([`GET ${server.url}/a`, `GET ${server.url}/a`]);
    expect(server.requests.length).toBe(2);
  });

  it('tunnels https: requests through the proxy', async () => {
    const server = await newServer({ files: {} });
    const proxy = await startProxy(Number(new URL(server.url).port));
    const fetcher = await newFetcher({ proxy: { https: proxy.url }, tries: 1 });
    // What the tunnel leads to speaks no TLS, which ends the try: that it was entered is what counts.
    await expect(
      fetcher.fetchFile({ ...newFile(5).file, urls: ['https://deb.example.org/a'] }, forever),
    ).rejects.toMatchObject({ code: 'FETCH_FAILED' });
    expect(proxy.asked).toEqual(['CONNECT deb.example.org:443']);
  });

  it('reaches the hosts of no_proxy directly', async () => {
    const { bytes, file } = newFile(1000);
    const server = await newServer({ files: { '/a': bytes } });
    const proxy = await startProxy(0);
    const fetcher = await newFetcher({ proxy: { http: proxy.url, noProxy: 'example.org,127.0.0.1' } });
    await fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever);
    expect(proxy.asked).toEqual([]);
  });

  it('looks at no environment by itself', async () => {
    const { bytes, file } = newFile(1000);
    const server = await newServer({ files: { '/a': bytes } });
    const before = process.env.http_proxy;
    process.env.http_proxy = 'http://127.0.0.1:1';
    onTestFinished(() => {
      if (before === undefined) delete process.env.http_proxy;
      else process.env.http_proxy = before;
    });
    const fetcher = await newFetcher({ tries: 1 });
    expect((await fetcher.fetchFile({ ...file, urls: [`${server.url}/a`] }, forever)).size).toBe(1000);
  });

  it('gives up a proxy that is silent', async () => {
    const silent = createServer();
    silent.on('connect', () => {});
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => {
      silent.closeAllConnections();
      silent.close();
    });
    const proxy = { https: `http://127.0.0.1:${(silent.address() as AddressInfo).port}` };
    const fetcher = await newFetcher({ proxy, stallSeconds: 0.1, tries: 1 });
    await expect(
      fetcher.fetchFile({ ...newFile(5).file, urls: ['https://deb.example.org/a'] }, forever),
    ).rejects.toMatchObject({ code: 'FETCH_TIMEOUT' });
  });

  it('reads the usual variables, lower case first, and takes empty ones for absent', () => {
    expect(
      proxyFromEnvironment({ HTTP_PROXY: 'http://b', http_proxy: 'http://a', HTTPS_PROXY: 'http://c', no_proxy: 'x' }),
    ).toEqual({
      http: 'http://a',
      https: 'http://c',
      noProxy: 'x',
    });
    expect(proxyFromEnvironment({ http_proxy: '', HTTPS_PROXY: '', NO_PROXY: '' })).toEqual({});
  });

  it('does not repeat an unusable address, which may hold a password', async () => {
    const opening = newFetcher({ proxy: { http: 'http://me:s3cret@[' } });
    await expect(opening).rejects.toMatchObject({
      code: 'SETTINGS_INVALID',
      message: expect.not.stringContaining('s3cret'),
    });
  });
});
