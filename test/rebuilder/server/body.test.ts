import { once } from 'node:events';
import { connect } from 'node:net';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { RouteGroup, ServerLimits } from '../../../rebuilder/server/index.ts';
import { codeOf, openServiceLab } from '../../helpers/service-lab.ts';

const LIMITS = { bodyBytes: 10_000, unpackedBytes: 100_000, jsonDepth: 8, bodySeconds: 1 };

const echo: RouteGroup = (app) => {
  app.post('/echo', async (request) => ({ body: request.body ?? null }));
  app.post('/strict', { schema: { body: z.strictObject({ name: z.string().max(5) }) } }, async () => ({ ok: true }));
};

async function openEcho(limits: Partial<ServerLimits> = {}) {
  const lab = await openServiceLab({ limits: { ...LIMITS, ...limits }, groups: [echo] });
  const post = (body: string | Buffer, headers: Record<string, string> = {}, url = '/echo') =>
    lab.server.app.inject({
      method: 'POST',
      url,
      payload: body,
      headers: { 'content-type': 'application/json', ...headers },
    });
  return { ...lab, post };
}

describe('the body of a request', () => {
  it.each([
    ['identity', (text: string) => Buffer.from(text)],
    ['gzip', (text: string) => gzipSync(text)],
    ['zstd', (text: string) => zstdCompressSync(text)],
  ])('is read as %s', async (encoding, pack) => {
    const { post } = await openEcho();
    const answer = await post(pack('{"a":[1,"ü"]}'), { 'content-encoding': encoding });
    expect(answer.json()).toEqual({ body: { a: [1, 'ü'] } });
  });

  it('is read whole from zstd in many frames, empty and skippable ones among them', async () => {
    const { post } = await openEcho();
    const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    const frames = [...'{"a":"12345"}'].map((character) => zstdCompressSync(character));
    const body = Buffer.concat([skippable, zstdCompressSync(''), ...frames, skippable]);
    expect((await post(body, { 'content-encoding': 'zstd' })).json()).toEqual({ body: { a: '12345' } });
  });

  it('may be exactly as large as is allowed, and not a byte more', async () => {
    const { post } = await openEcho();
    const exact = JSON.stringify('x'.repeat(LIMITS.bodyBytes - 2));
    expect((await post(exact)).statusCode).toBe(200);
    const over = await post(`${exact} `);
    expect([over.statusCode, codeOf(over)]).toEqual([413, 'REQUEST_TOO_LARGE']);
    const unpacked = JSON.stringify('x'.repeat(LIMITS.unpackedBytes - 2));
    expect((await post(gzipSync(unpacked), { 'content-encoding': 'gzip' })).statusCode).toBe(200);
    expect((await post(gzipSync(`${unpacked} `), { 'content-encoding': 'gzip' })).statusCode).toBe(413);
  });

  it.each([
    ['gzip', gzipSync(Buffer.alloc(8_000_000))],
    ['zstd', zstdCompressSync(Buffer.alloc(100_000_000))],
    ['zstd', Buffer.concat(Array.from({ length: 150 }, () => zstdCompressSync(Buffer.alloc(1_000_000))))],
  ])('that unpacks to far more than is allowed (%s) is refused while it is read', async (encoding, bomb) => {
    expect(bomb.length).toBeLessThan(LIMITS.bodyBytes);
    const { post } = await openEcho();
    const answer = await post(bomb, { 'content-encoding': encoding });
    expect([answer.statusCode, codeOf(answer)]).toEqual([413, 'REQUEST_TOO_LARGE']);
  });

  it('that is damaged, cut or of another encoding is refused', async () => {
    const { post } = await openEcho();
    const zstd = zstdCompressSync(JSON.stringify({ a: 'x'.repeat(1000) }));
    const gzip = gzipSync('{"a":1}');
    for (const [encoding, body] of [
      ['zstd', zstd.subarray(0, -1)],
      ['zstd', Buffer.concat([zstd, Buffer.from([1])])],
      ['zstd', Buffer.from('nonsense')],
      ['zstd', zstd.fill(0xff, 8, 12)],
      ['gzip', gzip.subarray(0, -1)],
      ['gzip', Buffer.from('nonsense')],
      ['br', brotliCompressSync('{}')],
      ['zstd, gzip', zstd],
    ] as const) {
      const answer = await post(Buffer.from(body), { 'content-encoding': encoding });
      expect([encoding, answer.statusCode, codeOf(answer)]).toEqual([encoding, 400, 'REQUEST_INVALID']);
    }
  });

  it('that asks for more memory than zstd needs is refused', async () => {
    const { post } = await openEcho();
    // A frame header (RFC 8878 3.1.1.1) with a window of 2^31 bytes, and an empty last block.
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0x00, 0x00]);
    expect(codeOf(await post(frame, { 'content-encoding': 'zstd' }))).toBe('REQUEST_INVALID');
  });

  it('that is no JSON, no UTF-8 or nested too deep is refused', async () => {
    const { post } = await openEcho();
    for (const body of ['{', '{"a":1}{', "{'a':1}", 'NaN', Buffer.from([0x22, 0xff, 0x22]), '['.repeat(9), '[[[[[[[[['])
      expect(codeOf(await post(body))).toBe('REQUEST_INVALID');
    expect((await post(`${'['.repeat(8)}"[[[[\\"[["${']'.repeat(8)}`)).statusCode).toBe(200);
  });

  it('of another type is refused', async () => {
    const { post } = await openEcho();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'x'])
      expect(codeOf(await post('{}', { 'content-type': type }))).toBe('REQUEST_INVALID');
  });

  it('that is not as described is refused naming the field', async () => {
    const { post } = await openEcho();
    for (const [body, field] of [
      ['{"name":"too long"}', 'body.name'],
      ['{"name":7}', 'body.name'],
      ['{}', 'body.name'],
      ['{"name":"a","__proto__":{}}', '__proto__'],
      ['[]', 'body'],
    ] as const) {
      const answer = await post(body, {}, '/strict');
      expect([answer.statusCode, codeOf(answer)]).toEqual([400, 'REQUEST_INVALID']);
      expect(answer.json().error.message).toContain(field);
    }
  });

  it('that comes too slowly is given up, and its connection with it', async () => {
    const { listen } = await openEcho();
    const { port } = new URL(await listen());
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{');
    const text = Buffer.concat(await Array.fromAsync(socket)).toString();
    expect(text).toContain('HTTP/1.1 400');
    expect(text).toContain('REQUEST_INVALID');
    expect(text).toContain('longer than 1 s');
  });

  it('that nobody reads, since its request was refused, has to come to an end too', async () => {
    const { listen } = await openEcho();
    const { port } = new URL(await listen());
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write('POST /api/queue/pause HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n');
    const drip = setInterval(() => socket.write('x'), 20);
    let text = '';
    socket.on('data', (data) => {
      text += data.toString();
    });
    // It may be cut with a reset, for it is still sending.
    await once(socket, 'close');
    clearInterval(drip);
    expect(text).toContain('HTTP/1.1 401');
  });

  it('of many megabytes is read whole, also beside others', async () => {
    const { post } = await openEcho({ bodyBytes: 64 * 1024 ** 2, unpackedBytes: 64 * 1024 ** 2, bodySeconds: 60 });
    const texts = ['a', 'b', 'c'].map((letter) => letter.repeat(17 * 1024 ** 2));
    const answers = await Promise.all(
      texts.map((text) => post(zstdCompressSync(JSON.stringify(text)), { 'content-encoding': 'zstd' })),
    );
    expect(answers.map((answer, index) => (answer.json() as { body: string }).body === texts[index])).toEqual([
      true,
      true,
      true,
    ]);
    const cut = zstdCompressSync(JSON.stringify(texts[0])).subarray(0, -3);
    expect((await post(cut, { 'content-encoding': 'zstd' })).statusCode).toBe(400);
    expect((await post('{"a":1}')).statusCode).toBe(200);
  });

  it('that is announced as too large is refused before it comes', async () => {
    const { listen } = await openEcho({ bodySeconds: 60 });
    const { port } = new URL(await listen());
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 10001\r\n\r\n');
    const text = Buffer.concat(await Array.fromAsync(socket)).toString();
    expect(text).toContain('HTTP/1.1 413');
    expect(text).toContain('connection: close');
  });
});
