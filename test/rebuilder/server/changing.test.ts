import { describe, expect, it } from 'vitest';
import { seedInput } from '../../helpers/seed-inputs.ts';
import { codeOf, openServiceLab } from '../../helpers/service-lab.ts';

describe('the queue', () => {
  async function openQueue() {
    const lab = await openServiceLab();
    await seedInput(lab.database, { source: 'hello' });
    await seedInput(lab.database, { source: 'grep', status: 'FAIL' });
    const headers = await lab.bearer('operator');
    const post = async (url: string, body?: object) =>
      lab.server.app.inject({ method: 'POST', url, headers, ...(body === undefined ? {} : { payload: body }) });
    return { ...lab, post };
  }

  it('takes what is asked for once, changes it, and notes who did', async () => {
    const { post, store, server } = await openQueue();
    expect((await post('/api/queue', { name: 'hello' })).json()).toEqual({ affected: 1 });
    expect((await post('/api/queue', { name: 'hello' })).json()).toEqual({ affected: 1 });
    expect((await post('/api/queue/retry', { release: 'trixie' })).json()).toEqual({ affected: 1 });
    const list = (await server.app.inject({ url: '/api/queue' })).json();
    expect(list).toMatchObject({
      total: 2,
      records: [{ source: 'hello', kind: 'manual', priority: 0, requestedBy: 'token:a operator' }, { source: 'grep' }],
    });
    expect((await post('/api/queue/priority', { jobs: { name: 'grep' }, priority: -5 })).json()).toEqual({
      affected: 1,
    });
    expect((await server.app.inject({ url: '/api/queue' })).json().records[0].source).toBe('grep');
    expect((await post('/api/queue/cancel', { name: 'grep' })).json()).toEqual({ affected: 1 });
    expect((await post('/api/queue/cancel', { all: true })).json()).toEqual({ affected: 1 });
    expect((await store.access.auditLog({})).records.map(({ action }) => action)).toEqual([
      'queue.ask',
      'queue.ask',
      'queue.retry',
      'queue.priority',
      'queue.cancel',
      'queue.cancel',
    ]);
  });

  it('is paused, drained and resumed', async () => {
    const { post, server } = await openQueue();
    const state = async () => (await server.app.inject({ url: '/api/queue/state' })).json();
    expect((await post('/api/queue/pause')).json()).toMatchObject({ paused: true });
    expect((await post('/api/queue/drain')).json()).toMatchObject({ paused: true, draining: true });
    expect(await state()).toMatchObject({ paused: true, draining: true, running: 0 });
    expect((await post('/api/queue/resume')).json()).toMatchObject({ paused: false, draining: false });
  });

  it('is not changed by what says nothing, or too much', async () => {
    const { post, store } = await openQueue();
    for (const [url, body] of [
      ['/api/queue', {}],
      ['/api/queue', { priority: 1 }],
      ['/api/queue', { name: 'hello', priority: 3_000_000_000 }],
      ['/api/queue', { name: 'hello', priority: '1' }],
      ['/api/queue', { name: ['hello'] }],
      ['/api/queue', { name: 'hello', extra: 1 }],
      ['/api/queue/cancel', {}],
      ['/api/queue/cancel', { all: false }],
      ['/api/queue/cancel', { id: '1' }],
      ['/api/queue/priority', { jobs: {}, priority: 1 }],
    ] as const)
      expect([body, codeOf(await post(url, body))]).toEqual([body, 'REQUEST_INVALID']);
    expect(await store.jobs.counts({})).toEqual({ running: 0, available: 0, pending: 0 });
    expect((await store.access.auditLog({})).total).toBe(0);
  });
});

describe('workers', () => {
  it('show their addresses and keys to operators only, and are revoked by administrators', async () => {
    const { server, store, bearer } = await openServiceLab();
    const capabilities = { architectures: ['amd64'] };
    const { id } = await store.access.registerWorker({
      name: 'w',
      key: 'KEY',
      kind: 'reproof',
      capabilities,
      address: '192.0.2.7',
    });
    const seen = async (headers: Record<string, string>) =>
      (await server.app.inject({ url: '/api/workers', headers })).body;
    for (const headers of [{}, await bearer('reader'), await bearer('worker'), { authorization: 'Bearer no' }]) {
      expect(await seen(headers)).not.toMatch(/192\.0\.2\.7|KEY/);
      expect(await seen(headers)).toContain('"name":"w"');
    }
    expect(await seen(await bearer('operator'))).toMatch(/KEY.*192\.0\.2\.7|192\.0\.2\.7.*KEY/);
    const revoke = async (headers: Record<string, string>) =>
      server.app.inject({ method: 'POST', url: `/api/workers/${id}/revoke`, headers });
    expect((await revoke(await bearer('operator'))).statusCode).toBe(403);
    expect((await revoke(await bearer('admin'))).json()).toMatchObject({ id, revokedAt: expect.any(String) });
    expect((await store.access.auditLog({})).records).toMatchObject([
      { action: 'worker.revoke', subject: `worker:${id}` },
    ]);
  });
});
