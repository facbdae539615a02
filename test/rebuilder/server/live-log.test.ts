import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { seedInput } from '../../helpers/seed-inputs.ts';
import { codeOf, type LabOptions, openServiceLab } from '../../helpers/service-lab.ts';

/** A server with one leased job. */
async function openRunning(options: LabOptions = {}) {
  const lab = await openServiceLab(options);
  await seedInput(lab.database);
  await lab.store.jobs.ask({ name: 'hello' }, { kind: 'manual' });
  const leased = await lab.store.jobs.claim({ id: 1, capabilities: { architectures: ['*'] } }, 600);
  return { ...lab, job: leased!.job.id };
}

type Event = { readonly id?: string; readonly event: string; readonly data: { readonly text?: string } };

/** Reads server-sent events as browsers do. */
async function* readEvents(response: Response): AsyncGenerator<Event> {
  let rest = '';
  for await (const chunk of response.body!.pipeThrough(
    new TextDecoderStream() as never,
  ) as unknown as AsyncIterable<string>) {
    const blocks = `${rest}${chunk}`.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = Object.fromEntries(
        block.split('\n').map((line) => [line.split(': ')[0], line.split(': ').slice(1).join(': ')]),
      );
      if (fields.data !== undefined) yield { ...fields, data: JSON.parse(fields.data) } as Event;
    }
  }
}

const PIECE = Buffer.alloc(64 * 1024, 'a line of a log that nobody reads to its end\n');

/** How much text its events have. */
async function lengthOf(response: Response): Promise<number> {
  let length = 0;
  for await (const { data } of readEvents(response)) length += data.text?.length ?? 0;
  return length;
}

describe('the log of a running build', () => {
  it('is followed as it grows, until it ends', async () => {
    const { listen, liveLogs, job } = await openRunning();
    const log = await liveLogs.begin(job);
    await log.write(Buffer.from('one\n'));
    const response = await fetch(`${await listen()}/api/queue/${job}/log`);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const events = readEvents(response);
    expect((await events.next()).value).toEqual({ id: '4', event: 'log', data: { text: 'one\n' } });
    await log.write(Buffer.from('two\n'));
    expect((await events.next()).value).toEqual({ id: '8', event: 'log', data: { text: 'two\n' } });
    await log.end();
    expect((await events.next()).value).toMatchObject({ event: 'end' });
    expect((await events.next()).done).toBe(true);
  });

  it('goes on where a follower was cut off, in the middle of a character too', async () => {
    const { listen, liveLogs, job } = await openRunning();
    const log = await liveLogs.begin(job);
    const text = Buffer.from('aü€😀z');
    await log.write(text.subarray(0, 2));
    const url = `${await listen()}/api/queue/${job}/log`;
    const first = await readEvents(await fetch(url)).next();
    expect(first.value).toEqual({ id: '1', event: 'log', data: { text: 'a' } });
    await log.write(text.subarray(2));

    const again = readEvents(await fetch(url, { headers: { 'last-event-id': '1' } }));
    expect((await again.next()).value).toEqual({ id: String(text.length), event: 'log', data: { text: 'ü€😀z' } });
    await log.end();
  });

  it('cannot end an event, start another or move a terminal', async () => {
    const { listen, liveLogs, job } = await openRunning();
    const log = await liveLogs.begin(job);
    await log.write(Buffer.from('\r\n\r\nevent: end\r\ndata: {}\n\n\u001b[2J\u2028'));
    const response = await fetch(`${await listen()}/api/queue/${job}/log`);
    const reading = readEvents(response);
    const { value } = await reading.next();
    expect(value?.event).toBe('log');
    expect(value?.data.text).toContain('event: end');
    expect(value?.data.text).not.toMatch(/[\u001b\r]/);
    await log.end();
    expect((await reading.next()).value).toMatchObject({ event: 'end' });
  });

  it('has a limit of followers, of whom each that leaves makes room', async () => {
    const { listen, liveLogs, job } = await openRunning({ limits: { followers: 2 } });
    const log = await liveLogs.begin(job);
    await log.write(Buffer.from('x'));
    const url = `${await listen()}/api/queue/${job}/log`;
    const leaving = new AbortController();
    const first = await fetch(url, { signal: leaving.signal });
    const second = await fetch(url);
    const third = await fetch(url);
    expect([first.status, second.status, third.status]).toEqual([200, 200, 429]);
    leaving.abort();
    await expect.poll(async () => (await fetch(url)).status).toBe(200);
    await log.end();
  });

  it('is for jobs that run here, from an offset that is one', async () => {
    const { server, liveLogs, job } = await openRunning();
    expect(codeOf(await server.app.inject({ url: `/api/queue/${job}/log` }))).toBe('RESOURCE_UNKNOWN');
    expect(codeOf(await server.app.inject({ url: '/api/queue/77/log' }))).toBe('RESOURCE_UNKNOWN');
    await liveLogs.begin(job);
    for (const id of ['-1', 'x', '1.5', '99999999999999999'])
      expect(codeOf(await server.app.inject({ url: `/api/queue/${job}/log`, headers: { 'last-event-id': id } }))).toBe(
        'REQUEST_INVALID',
      );
  });

  it('ends for its followers when the server stops', async () => {
    const { listen, liveLogs, job, server } = await openRunning();
    const log = await liveLogs.begin(job);
    await log.write(Buffer.from('x'));
    const events = readEvents(await fetch(`${await listen()}/api/queue/${job}/log`));
    await events.next();
    const closing = server.close();
    expect((await events.next()).value).toMatchObject({ event: 'end' });
    expect((await events.next()).done).toBe(true);
    await closing;
  });

  it('is not held up by a follower that takes nothing: that one is cut, and costs bounded memory', async () => {
    // More than the sockets' buffers hold, tcp(7): tcp_wmem and tcp_rmem.
    const pieces = 512;
    const { listen, liveLogs, job, server } = await openRunning({
      limits: { idleSeconds: 1 },
      liveLogBytes: pieces * PIECE.length,
    });
    const log = await liveLogs.begin(job);
    const url = await listen();
    const accepted = once(server.app.server, 'connection') as Promise<[Socket]>;
    const stuck = connect({ port: Number(new URL(url).port), host: '127.0.0.1' });
    onTestFinished(() => void stuck.destroy());
    stuck.on('error', () => {});
    stuck.pause();
    stuck.write(`GET /api/queue/${job}/log HTTP/1.1\r\nhost: x\r\n\r\n`);
    const [serving] = await accepted;
    const others = Promise.all([0, 1].map(async () => lengthOf(await fetch(`${url}/api/queue/${job}/log`))));
    let most = 0;
    for (let index = 0; index < pieces; index++) {
      await log.write(PIECE);
      most = Math.max(most, serving.writableLength);
    }
    await log.end();
    expect(await others).toEqual([pieces * PIECE.length, pieces * PIECE.length]);
    await vi.waitUntil(() => serving.destroyed, { timeout: 15_000 });
    expect(serving.bytesWritten).toBeLessThan((pieces * PIECE.length) / 2);
    expect(serving.bytesWritten).toBeGreaterThan(0);
    expect(most).toBeLessThan(1024 ** 2);
  }, 30_000);
});
