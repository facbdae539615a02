import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { openDispatcher } from '../../../rebuilder/fetch/proxy.ts';
import { type Order, openConnection } from '../../../rebuilder/worker/connection.ts';
import { persist } from '../../../rebuilder/worker/persist.ts';
import { serverAddress } from '../../../rebuilder/worker/server-address.ts';
import { newKey } from '../../helpers/worker-lab.ts';

/** Sends one request to a server that answers like this. */
async function sendTo(listener: RequestListener, changes: Partial<Order<unknown>> = {}) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connection = openConnection({ base, key: newKey(), dispatcher: openDispatcher({}) });
  return connection.send({
    doing: 'asking',
    method: 'POST',
    path: '/x',
    body: { kind: 'json', value: {} },
    answer: z.object({ good: z.boolean() }),
    signal: new AbortController().signal,
    ...changes,
  });
}

const answers =
  (status: number, text: string, headers = {}): RequestListener =>
  (_, answer) =>
    void answer.writeHead(status, headers).end(text);

describe("a server's answer", () => {
  it('is what it has to be, or none of a server of ours', async () => {
    expect(await sendTo(answers(200, '{"good":true,"new":1}'))).toEqual({ good: true });
    for (const text of ['{"good":1}', '[]', '', '<html>'])
      await expect(sendTo(answers(200, text))).rejects.toMatchObject({
        code: 'SERVER_UNAVAILABLE',
        context: { passes: true },
      });
  });

  it.each([
    [400, 'REQUEST_INVALID', false],
    [403, 'ACCESS_DENIED', false],
    [409, 'LEASE_LOST', false],
    [429, 'RATE_LIMITED', true],
    [503, 'SERVER_UNAVAILABLE', true],
    [500, 'INTERNAL', true],
  ])('with status %i is its error %s; that it passes is %s', async (status, code, passes) => {
    const refused = sendTo(answers(status, JSON.stringify({ error: { code, message: 'because' } })));
    await expect(refused).rejects.toMatchObject({ code, message: 'asking: because', context: { status, passes } });
  });

  it.each([
    ['a code that is not ours', '{"error":{"code":"constructor","message":""}}'],
    ['a page', '<html>'],
    ['nothing', ''],
  ])('with %s is no answer, and may pass', async (_, text) => {
    const refused = sendTo(answers(403, text));
    await expect(refused).rejects.toMatchObject({ code: 'SERVER_UNAVAILABLE', context: { passes: true } });
  });

  it('that leads elsewhere is not followed, and is told in one line', async () => {
    const location = 'https://elsewhere.example/';
    await expect(sendTo(answers(302, '', { location }))).rejects.toThrow(
      /^asking: something answered 302 and sent us to https:\/\/elsewhere/,
    );
    const hostile = JSON.stringify({ error: { code: 'INTERNAL', message: `a\n\u001b[31m${'x'.repeat(3000)}` } });
    await expect(sendTo(answers(500, hostile))).rejects.toThrow(/^asking: a \[31mx{490,500}…$/);
  });

  it('says when to come again', async () => {
    const text = JSON.stringify({ error: { code: 'RATE_LIMITED', message: '' } });
    const refused = sendTo(answers(429, text, { 'retry-after': '7' }));
    await expect(refused).rejects.toMatchObject({ context: { retryAfterMillis: 7000 } });
  });

  it('that never comes is given up, and so is one that nobody waits for', async () => {
    const silent = sendTo(() => {}, { silentSeconds: 0.05 });
    await expect(silent).rejects.toMatchObject({
      code: 'SERVER_UNAVAILABLE',
      message: 'asking: the server says nothing',
    });
    await expect(sendTo(() => {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});

describe('patience', () => {
  const options = { doing: 'trying', patience: { firstMillis: 1, longestMillis: 2 }, onFailure: () => {} };

  it('ends with what does not pass', async () => {
    const listener = answers(409, JSON.stringify({ error: { code: 'LEASE_LOST', message: '' } }));
    const tried = persist({ ...options, signal: new AbortController().signal }, () => sendTo(listener));
    await expect(tried).rejects.toMatchObject({ code: 'LEASE_LOST' });
  });

  it('outlasts what passes, and each failure is told', async () => {
    const told: string[] = [];
    let left = 20;
    const listener: RequestListener = (request, answer) =>
      left-- > 0 ? void request.socket.destroy() : void answer.end('{"good":true}');
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const connection = openConnection({ base, key: newKey(), dispatcher: openDispatcher({}) });
    const { signal } = new AbortController();
    const order = {
      doing: 'asking',
      method: 'POST',
      path: '/',
      body: { kind: 'json', value: {} },
      answer: z.object({}),
      signal,
    } as const;
    await persist({ ...options, signal, onFailure: ({ code }) => told.push(code) }, () => connection.send(order));
    expect(told).toEqual(Array(20).fill('SERVER_UNAVAILABLE'));
    await connection.close();
  });
});

describe("a server's address", () => {
  it('keeps a path, and each has a folder of its own', () => {
    const [one, two] = [serverAddress('https://example.org/reproof/'), serverAddress('https://example.org')];
    expect([one.base, two.base]).toEqual(['https://example.org/reproof', 'https://example.org']);
    expect(one.folderName).not.toBe(two.folderName);
    expect(serverAddress('https://EXAMPLE.org/')).toEqual(two);
  });

  it.each([
    ['http://example.org', true],
    ['https://example.org', false],
    ['http://127.0.0.1:8484', false],
    ['http://[::1]:8484', false],
    ['http://localhost', false],
    ['http://127.0.0.1.example.org', true],
  ])('%s is open to others on the way: %s', (text, open) => {
    expect(serverAddress(text).open).toBe(open);
  });

  it.each([
    '',
    'example.org',
    'ftp://example.org',
    'https://user@example.org',
    'https://example.org/?a',
    'https://example.org/#a',
  ])('%j is none', (text) => {
    expect(() => serverAddress(text)).toThrow(/reading the server's address/);
  });
});
