import { describe, expect, it } from 'vitest';
import { codeOf, openServiceLab } from '../../helpers/service-lab.ts';

const OPERATOR_ROUTES = ['/api/queue/pause', '/api/queue/resume', '/api/queue/drain'];

describe('roles', () => {
  it('let each token do what its role may, and those before it', async () => {
    const { server, bearer } = await openServiceLab();
    const status = async (method: 'GET' | 'POST', url: string, headers: Record<string, string>) =>
      (await server.app.inject({ method, url, headers })).statusCode;
    for (const [role, pause, audit] of [
      ['reader', 403, 403],
      ['worker', 403, 403],
      ['operator', 200, 403],
      ['admin', 200, 200],
    ] as const) {
      const headers = await bearer(role);
      expect([role, await status('POST', '/api/queue/pause', headers)]).toEqual([role, pause]);
      expect([role, await status('GET', '/api/audit', headers)]).toEqual([role, audit]);
    }
  });

  it('are needed for every change', async () => {
    const { server, store } = await openServiceLab();
    const changes: string[] = [];
    const { paths } = (await server.app.inject({ url: '/api/openapi.json' })).json() as {
      paths: Record<string, object>;
    };
    for (const [path, methods] of Object.entries(paths))
      for (const method of Object.keys(methods)) {
        // A question whose list is too long for an address.
        if (method === 'get' || path === '/api/host') continue;
        const url = path.replace(/\{\w+\}/g, '1');
        const answer = await server.app.inject({ method: method.toUpperCase() as 'POST', url });
        expect([url, answer.statusCode, codeOf(answer)]).toEqual([url, 401, 'ACCESS_REQUIRED']);
        changes.push(url);
      }
    expect(changes).toEqual(expect.arrayContaining([...OPERATOR_ROUTES, '/api/queue', '/api/webhooks/1']));
    expect(await store.jobs.state()).toEqual({ paused: false, draining: false });
    expect((await store.access.auditLog({})).total).toBe(0);
  });

  it('come with either header, and end with the token', async () => {
    const { server, store, clock } = await openServiceLab();
    const expiresAt = new Date(clock.now().getTime() + 60_000).toISOString();
    const { secret, token } = await store.access.createToken({ name: 'x', role: 'operator', expiresAt });
    const pause = async (headers: Record<string, string>) =>
      (await server.app.inject({ method: 'POST', url: '/api/queue/pause', headers })).statusCode;
    expect(await pause({ authorization: `Bearer ${secret}` })).toBe(200);
    expect(await pause({ authorization: `bearer ${secret}` })).toBe(200);
    expect(await pause({ 'x-auth-cookie': secret })).toBe(200);
    expect(await pause({ authorization: secret })).toBe(401);
    expect(await pause({ authorization: `Basic ${secret}` })).toBe(401);
    clock.pass(60);
    expect(await pause({ 'x-auth-cookie': secret })).toBe(401);
    expect((await store.access.auditLog({})).records).toMatchObject([
      { actor: 'token:x', action: 'queue.pause' },
      { actor: 'token:x', action: 'queue.pause' },
      { actor: 'token:x', action: 'queue.pause' },
    ]);
    expect(token.role).toBe('operator');
  });

  it('are asked for in reading too where reading is not public', async () => {
    const { server, bearer } = await openServiceLab({ server: { publicReading: false } });
    for (const url of ['/api/targets', '/api/feeds/verdicts.atom', '/metrics', '/api/openapi.json']) {
      const without = await server.app.inject({ url });
      expect([url, without.statusCode, without.headers['access-control-allow-origin']]).toEqual([url, 401, undefined]);
      const answer = await server.app.inject({ url, headers: await bearer('reader') });
      expect([url, answer.statusCode, answer.headers['cache-control']?.startsWith('p') && 'kept']).toEqual([
        url,
        200,
        url === '/metrics' ? false : 'kept',
      ]);
      expect(answer.headers['cache-control']).not.toContain('public');
    }
    expect((await server.app.inject({ url: '/healthz' })).statusCode).toBe(200);
  });

  it('cannot be guessed: after some wrong tokens an address waits, with a right one too', async () => {
    const { server, bearer, clock } = await openServiceLab({ limits: { failuresPerMinute: 3 } });
    const right = await bearer('admin');
    const audit = (headers: Record<string, string>, remoteAddress = '192.0.2.1') =>
      server.app.inject({ url: '/api/audit', headers, remoteAddress });
    for (let tries = 0; tries < 3; tries++)
      expect((await audit({ authorization: 'Bearer reproof_wrong' })).statusCode).toBe(401);
    const limited = await audit(right);
    expect([limited.statusCode, codeOf(limited)]).toEqual([429, 'RATE_LIMITED']);
    expect(limited.headers['retry-after']).toBe('60');
    expect((await audit(right, '192.0.2.2')).statusCode).toBe(200);
    clock.pass(61);
    expect((await audit(right)).statusCode).toBe(200);
  });

  it('of an IPv6 network wait together', async () => {
    const { server } = await openServiceLab({ limits: { failuresPerMinute: 2 } });
    const wrong = async (remoteAddress: string) =>
      (await server.app.inject({ url: '/api/audit', headers: { authorization: 'Bearer x' }, remoteAddress }))
        .statusCode;
    expect(await wrong('2001:db8::1')).toBe(401);
    expect(await wrong('2001:db8::2')).toBe(401);
    expect(await wrong('2001:db8::3')).toBe(429);
    expect(await wrong('2001:db8:0:1::3')).toBe(401);
  });
});

describe('the limit of requests', () => {
  it('holds for each address, for what is nowhere too', async () => {
    const { server } = await openServiceLab({ limits: { requestsPerMinute: 3 } });
    const ask = async (url: string, remoteAddress: string) =>
      (await server.app.inject({ url, remoteAddress })).statusCode;
    expect(await ask('/api/targets', '192.0.2.1')).toBe(200);
    expect(await ask('/nowhere', '192.0.2.1')).toBe(404);
    expect(await ask('/nowhere', '192.0.2.1')).toBe(404);
    expect(await ask('/nowhere', '192.0.2.1')).toBe(429);
    expect(await ask('/api/targets', '192.0.2.1')).toBe(429);
    expect(await ask('/api/targets', '192.0.2.2')).toBe(200);
  });

  it.each([
    [undefined, 429],
    [['127.0.0.1'], 200],
  ])('believes X-Forwarded-For of proxies %j only', async (trustedProxies, expected) => {
    const server = trustedProxies === undefined ? {} : { trustedProxies };
    const lab = await openServiceLab({ limits: { requestsPerMinute: 1 }, server });
    const ask = async (client: string) =>
      (await lab.server.app.inject({ url: '/api/targets', headers: { 'x-forwarded-for': client } })).statusCode;
    expect(await ask('192.0.2.1')).toBe(200);
    expect(await ask('192.0.2.2')).toBe(expected);
  });
});
