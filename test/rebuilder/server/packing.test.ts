import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import Fastify from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { App } from '../../../rebuilder/server/context.ts';
import type { RouteGroup } from '../../../rebuilder/server/index.ts';
import { packAnswers } from '../../../rebuilder/server/packing/index.ts';
import { openPacker } from '../../../rebuilder/server/packing/open-packer.ts';
import { openServiceLab } from '../../helpers/service-lab.ts';

const UNPACK = { zstd: zstdDecompressSync, br: brotliDecompressSync, gzip: gunzipSync } as const;
const SHORT = 'a'.repeat(1023);
const LONG = Array.from({ length: 20_000 }, (_, number) => `line ${number}`).join('\n');

const bodies: RouteGroup = (app) => {
  app.get('/short', async (_request, reply) => reply.type('text/plain').send(SHORT));
  app.get('/long', async (_request, reply) => reply.type('text/plain').send(LONG));
  app.get('/picture', async (_request, reply) => reply.type('image/png').send(Buffer.from(LONG)));
  app.get('/varies', async (_request, reply) => reply.type('text/plain').header('vary', 'accept').send(LONG));
  app.get('/packed', async (_request, reply) => reply.type('text/plain').header('content-encoding', 'x').send(LONG));
};

async function open() {
  const { server } = await openServiceLab({ groups: [bodies] });
  return (url: string, accepted?: string) =>
    server.app.inject({ url, headers: accepted === undefined ? {} : { 'accept-encoding': accepted } });
}

describe('whole answers', () => {
  it.each([
    ['zstd', 'zstd'],
    ['br', 'br'],
    ['gzip', 'gzip'],
    ['gzip, deflate, br, zstd', 'zstd'],
    ['zstd;q=0.1, gzip', 'gzip'],
    ['BR', 'br'],
    ['x-gzip', 'gzip'],
    ['*', 'gzip'],
  ] as const)('are packed for who accepts %s in %s, and say how long they are', async (accepted, coding) => {
    const ask = await open();
    const { headers, rawPayload } = await ask('/long', accepted);
    expect(headers).toMatchObject({
      'content-encoding': coding,
      'content-length': String(rawPayload.length),
      vary: 'accept-encoding',
    });
    expect(rawPayload.length).toBeLessThan(LONG.length / 2);
    expect(UNPACK[coding](rawPayload).toString() === LONG).toBe(true);
  });

  it.each([
    ['/long', undefined],
    ['/long', ''],
    ['/long', 'identity'],
    ['/long', 'zstd;q=0, compress'],
    ['/short', 'zstd'],
    ['/picture', 'zstd'],
  ] as const)('are sent as they are: %s to who accepts %s', async (url, accepted) => {
    const ask = await open();
    const { headers, rawPayload } = await ask(url, accepted);
    expect(headers['content-encoding']).toBeUndefined();
    expect(rawPayload.toString() === (url === '/short' ? SHORT : LONG)).toBe(true);
  });

  it('that are packed already are not packed again', async () => {
    const ask = await open();
    const { headers, body } = await ask('/packed', 'zstd');
    expect([headers['content-encoding'], body === LONG]).toEqual(['x', true]);
  });

  it('that hang on something else of the request too say both', async () => {
    const ask = await open();
    expect((await ask('/varies', 'gzip')).headers.vary).toBe('accept, accept-encoding');
  });

  it('are packed all the same where the thread that packs has ended, which is logged', async () => {
    const app = Fastify() as unknown as App;
    onTestFinished(() => app.close());
    const ended = { pack: async () => Promise.reject(new Error('ended')), close: async () => {} };
    const logged: unknown[] = [];
    await packAnswers(app, (line) => void logged.push(line), ended);
    app.get('/long', async (_request, reply) => reply.type('text/plain').send(Buffer.from(LONG)));
    const { headers, rawPayload } = await app.inject({ url: '/long', headers: { 'accept-encoding': 'zstd' } });
    expect(headers['content-encoding']).toBe('zstd');
    expect(zstdDecompressSync(rawPayload).toString() === LONG).toBe(true);
    expect(logged).toMatchObject([{ level: 'warn', facts: { error: 'Error: ended' } }]);
  });
});

describe('what packs', () => {
  it('gives each its own, long ones among short ones', async () => {
    const packer = openPacker();
    onTestFinished(packer.close);
    const texts = Array.from({ length: 60 }, (_, number) => `${number} `.repeat(number % 7 === 0 ? 90_000 : 700));
    const codings = ['zstd', 'br', 'gzip'] as const;
    const packed = await Promise.all(
      texts.map((text, number) => packer.pack(Buffer.from(text), codings[number % 3] as 'br')),
    );
    for (const [number, text] of texts.entries()) {
      const unpack = UNPACK[codings[number % 3] as 'br'];
      expect(unpack(packed[number] as Uint8Array).toString() === text).toBe(true);
    }
  });

  it('takes nothing more once it is closed', async () => {
    const packer = openPacker();
    await packer.close();
    expect(await packer.pack(Buffer.from('text'), 'zstd')).toBeUndefined();
  });
});
