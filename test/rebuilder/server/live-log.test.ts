import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
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
    await log.end;
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

  it('does not wait for a follower that reads nothing, and cuts it', async () => {
    const { listen, liveLogs, job } = await openRunning({ limits: { idleSeconds: 1 } });
    const log = await liveLogs.begin(job);
    const { port } = new URL(await listen());
    const socket = connect(Number(port), '127.0.0.1');
    socket.pause();
    socket.write(`GET /api/queue/${job}/log HTTP/1.1\r\nhost: x\r\n\r\n`);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    for (let index = 0; index < 64; index++) await log.write(Buffer.alloc(16 * 1024, 0x61));
    await log.end();
    socket.once('end', () => socket.destroy());
    setTimeout(() => socket.resume(), 4_000).unref();
    await closed;
    expect(socket.bytesRead).toBeLessThan(64 * 1024 * 1024);
  }, 20_000);
});
