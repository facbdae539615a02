import { beforeEach, describe, expect, it } from 'vitest';
import type { Role } from '../../../../rebuilder/store/access/types.ts';
import { openDashboardLab } from '../../../helpers/dashboard-lab.ts';
import { seedInput } from '../../../helpers/seed-inputs.ts';
import type { LabOptions, ServiceLab } from '../../../helpers/service-lab.ts';

type Answer = { readonly statusCode: number; readonly body: string; readonly headers: Record<string, unknown> };

/** A browser of an operator: keeps cookies, follows nothing, and reads the proof out of each page's form. */
async function open(role: Role = 'admin', options: LabOptions = {}) {
  const lab = await openDashboardLab(options);
  const { secret } = await lab.store.access.createToken({ name: 'me', role });
  const jar = new Map<string, string>();
  let csrf = '';
  const send = async (method: 'GET' | 'POST', url: string, fields?: Record<string, string>, more = {}) => {
    const answer = await lab.server.app.inject({
      method,
      url,
      headers: {
        accept: 'text/html',
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(fields === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        ...more,
      },
      ...(fields === undefined ? {} : { payload: new URLSearchParams(fields).toString() }),
    });
    for (const cookie of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      jar.set(name, value);
    }
    csrf = /name="csrf" value="([^"]+)"/.exec(answer.body)?.[1] ?? csrf;
    return answer as unknown as Answer;
  };
  const get = (url: string) => send('GET', url);
  const post = (url: string, fields: Record<string, string> = {}, more = {}) =>
    send('POST', url, { csrf, ...fields }, more);
  const signIn = async (token = secret) => {
    await get('/operator/sign-in');
    return post('/operator/sign-in', { token });
  };
  return { lab, jar, get, post, send, signIn, secret, csrf: () => csrf };
}

const audited = async ({ store }: ServiceLab) =>
  (await store.access.auditLog({ direction: 'ascending' })).records.map(({ actor, action }) => `${actor} ${action}`);

describe('signing in', () => {
  it('leads whoever is not signed in there, and back to what they wanted', async () => {
    const { get, post, secret } = await open();
    const sent = await get('/operator/queue?name=hello');
    expect([sent.statusCode, sent.headers.location]).toEqual([
      303,
      '/operator/sign-in?next=%2Foperator%2Fqueue%3Fname%3Dhello',
    ]);
    const form = await get(sent.headers.location as string);
    expect(form.body).toContain('name="next" value="/operator/queue?name=hello"');
    const entered = await post('/operator/sign-in', { token: secret, next: '/operator/queue?name=hello' });
    expect([entered.statusCode, entered.headers.location]).toEqual([303, '/operator/queue?name=hello']);
    expect((await get('/operator/queue')).statusCode).toBe(200);
  });

  it.each([
    ['another host', 'https://example.org/operator/queue'],
    ['another host without a scheme', '//example.org/x'],
    ['another host with backslashes', '/\\example.org'],
    ['a script', 'javascript:alert(1)'],
  ])('leads nobody to %s', async (_what, next) => {
    const { get, post, secret } = await open();
    await get('/operator/sign-in');
    expect((await post('/operator/sign-in', { token: secret, next })).headers.location).toBe('/operator/queue');
  });

  it.each([
    ['plain HTTP', {}, 'Path=/; Max-Age=28800; HttpOnly; SameSite=Strict'],
    [
      'https',
      { publicUrl: 'https://rebuilds.example.org' },
      'Path=/; Max-Age=28800; HttpOnly; SameSite=Strict; Secure',
    ],
  ])('sets a cookie that only this host gets and no script sees, over %s', async (_what, server, attributes) => {
    const { signIn, jar } = await open('operator', { server });
    const answer = await signIn();
    expect(answer.headers['set-cookie']).toBe(`reproof_session=${jar.get('reproof_session')}; ${attributes}`);
  });

  it('takes no wrong token, and after ten of them none for a minute', async () => {
    const { get, post, secret, signIn, lab } = await open();
    const wrong = await signIn('reproof_wrong');
    expect([wrong.statusCode, wrong.body]).toEqual([401, expect.stringContaining('That is no valid token')]);
    expect(wrong.body).not.toContain('reproof_wrong');
    for (let tries = 1; tries < 10; tries++) await signIn('reproof_wrong');
    expect((await signIn()).statusCode).toBe(429);
    lab.clock.pass(61);
    await get('/operator/sign-in');
    expect((await post('/operator/sign-in', { token: secret })).statusCode).toBe(303);
  });

  it('takes no form that this browser was not shown', async () => {
    const { get, send, secret } = await open();
    await get('/operator/sign-in');
    expect((await send('POST', '/operator/sign-in', { csrf: 'x'.repeat(43), token: secret })).statusCode).toBe(403);
  });

  it('takes forms of the name people know it by, behind a proxy that gives it another', async () => {
    const { get, send, csrf, secret } = await open('operator', {
      server: { publicUrl: 'http://rebuilds.example.org' },
    });
    await get('/operator/sign-in');
    const headers = { origin: 'http://rebuilds.example.org', host: 'internal:8484' };
    const answer = await send('POST', '/operator/sign-in', { csrf: csrf(), token: secret }, headers);
    expect(answer.statusCode).toBe(303);
  });

  it('ends when one signs out, after its time, and when the token is revoked', async () => {
    const { get, post, signIn, lab, jar } = await open();
    await signIn();
    await get('/operator/queue');
    const cookie = jar.get('reproof_session') as string;
    expect((await post('/operator/sign-out')).statusCode).toBe(303);
    jar.set('reproof_session', cookie);
    expect((await get('/operator/queue')).statusCode).toBe(303);
    await signIn();
    expect((await get('/operator/queue')).statusCode).toBe(200);
    lab.clock.pass(8 * 3600);
    expect((await get('/operator/queue')).statusCode).toBe(303);
    await signIn();
    await lab.store.access.revokeToken(1);
    expect((await get('/operator/queue')).statusCode).toBe(303);
  });

  it('lets a reader read where reading is not public, and changes nothing by its cookie alone', async () => {
    const { get, signIn, send } = await open('operator', { server: { publicReading: false } });
    expect((await get('/reading')).statusCode).toBe(401);
    await signIn();
    expect((await get('/reading')).statusCode).toBe(200);
    expect((await get('/api/queue')).statusCode).toBe(200);
    const changed = await send('POST', '/api/queue/pause', undefined);
    expect(changed.statusCode).toBe(401);
  });

  it('opens to a role what it may do', async () => {
    const reader = await open('reader');
    await reader.signIn();
    expect((await reader.get('/operator/queue')).statusCode).toBe(403);
    const operator = await open('operator');
    await operator.signIn();
    expect((await operator.get('/operator/workers')).statusCode).toBe(200);
    for (const page of ['tokens', 'audit']) expect((await operator.get(`/operator/${page}`)).statusCode).toBe(403);
  });

  it('keeps its pages out of every cache', async () => {
    const { get, signIn } = await open();
    await signIn();
    const { headers } = await get('/operator/queue');
    expect(headers['cache-control']).toBe('no-store');
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('changing the queue', () => {
  let browser: Awaited<ReturnType<typeof open>>;
  let job: number;
  beforeEach(async () => {
    browser = await open('operator');
    const input = await seedInput(browser.lab.database, { source: 'hello', version: '1' });
    await browser.lab.store.jobs.ask({ buildInputId: input }, { kind: 'new' });
    job = (await browser.lab.store.jobs.jobs({}, {})).records[0]?.id as number;
    await browser.signIn();
  });
  const priorities = async () => (await browser.lab.store.jobs.jobs({}, {})).records.map(({ priority }) => priority);

  it('shows what would be cancelled, cancels it, and brings it back', async () => {
    const { get, post, lab } = browser;
    const shown = await get(`/operator/queue/confirm?action=cancel&name=hello&release=`);
    expect(shown.body).toContain('Cancel 1 job?');
    expect(shown.body).toContain('hello 1 amd64');
    expect(await priorities()).toEqual([1]);
    const done = await post('/operator/queue/change', { action: 'cancel', name: 'hello' });
    expect([done.statusCode, done.headers.location]).toEqual([303, '/operator/queue?name=hello']);
    expect(await priorities()).toEqual([]);
    const after = await get('/operator/queue');
    expect(after.body).toContain('Cancelled: 1 job.');
    const undo = /name="undo" value="([^"]+)"/.exec(after.body)?.[1] as string;
    expect((await post('/operator/queue/undo', { undo })).statusCode).toBe(303);
    expect(await priorities()).toEqual([1]);
    expect((await post('/operator/queue/undo', { undo })).statusCode).toBe(404);
    expect(await audited(lab)).toEqual(['token:me session.begin', 'token:me queue.cancel', 'token:me queue.undo']);
  });

  it('moves jobs, and puts them back', async () => {
    const { get, post } = browser;
    expect((await get(`/operator/queue/confirm?action=priority&id=${job}`)).body).toContain('value="1"');
    await post('/operator/queue/change', { action: 'priority', id: String(job), priority: '-5' });
    expect(await priorities()).toEqual([-5]);
    const undo = /name="undo" value="([^"]+)"/.exec((await get('/operator/queue')).body)?.[1] as string;
    await post('/operator/queue/undo', { undo });
    expect(await priorities()).toEqual([1]);
  });

  it('asks for what matches', async () => {
    const { get, post, lab } = browser;
    await get('/operator/queue/confirm?action=ask&name=hello&version=1');
    await post('/operator/queue/change', { action: 'ask', name: 'hello', version: '1', priority: '-2' });
    const [asked] = (await lab.store.jobs.jobs({}, {})).records;
    expect(asked).toMatchObject({ kind: 'manual', priority: -2, requestedBy: 'token:me' });
  });

  it('pauses, drains and resumes, and takes that back', async () => {
    const { get, post, lab } = browser;
    await get('/operator/queue/confirm?action=pause');
    await post('/operator/queue/change', { action: 'pause' });
    expect(await lab.store.jobs.state()).toEqual({ paused: true, draining: false });
    const page = await get('/operator/queue');
    expect(page.body).toContain('paused: no job is given out');
    const undo = /name="undo" value="([^"]+)"/.exec(page.body)?.[1] as string;
    await post('/operator/queue/undo', { undo });
    expect(await lab.store.jobs.state()).toEqual({ paused: false, draining: false });
  });

  it.each([
    ['without a proof', {}, {}],
    ['with another proof', { csrf: 'x'.repeat(43) }, {}],
    ['from another site, as browsers say', undefined, { 'sec-fetch-site': 'cross-site' }],
    ['from another origin', undefined, { origin: 'https://example.org' }],
    ['from nowhere that can be told', undefined, { origin: 'null' }],
  ])('takes no form %s', async (_what, fields, headers) => {
    const { get, send, csrf, lab } = browser;
    await get('/operator/queue');
    const sent = { ...(fields ?? { csrf: csrf() }), action: 'cancel', id: String(job) };
    const answer = await send('POST', '/operator/queue/change', sent as Record<string, string>, headers);
    expect([400, 403]).toContain(answer.statusCode);
    expect((await lab.store.jobs.jobs({}, {})).total).toBe(1);
  });

  it('says how many a change without any filter is about', async () => {
    const { get, post, lab } = browser;
    expect((await get('/operator/queue/confirm?action=cancel')).body).toContain('this is every job there is');
    await post('/operator/queue/change', { action: 'cancel' });
    expect((await lab.store.jobs.jobs({}, {})).total).toBe(0);
  });
});

describe('rights', () => {
  it('are taken from workers and tokens after a question, and noted', async () => {
    const { get, post, signIn, lab } = await open();
    await lab.store.access.registerWorker({
      name: 'w<b>',
      key: 'k',
      kind: 'reproof',
      capabilities: { architectures: ['*'] },
    });
    await lab.store.access.createToken({ name: 'old', role: 'reader' });
    await signIn();
    expect((await get('/operator/workers')).body).toContain('1 w&lt;b>');
    expect((await get('/operator/workers/1/revoke')).body).toContain('This cannot be undone');
    await post('/operator/workers/1/revoke');
    await get('/operator/tokens/2/revoke');
    await post('/operator/tokens/2/revoke');
    expect((await lab.store.access.worker(1))?.revokedAt).toBeDefined();
    expect((await lab.store.access.tokens())[1]?.revokedAt).toBeDefined();
    expect((await get('/operator/tokens')).body).toContain('The token old has no rights any more.');
    expect((await get('/operator/audit')).body).toContain('worker.revoke worker:1');
    expect((await get('/operator/workers/9/revoke')).statusCode).toBe(404);
    expect(await audited(lab)).toEqual(['token:me session.begin', 'token:me worker.revoke', 'token:me token.revoke']);
  });

  it('are given by a token, whose text is shown once', async () => {
    const { get, post, signIn, lab } = await open();
    await signIn();
    await get('/operator/tokens');
    const made = await post('/operator/tokens', { name: 'ci', role: 'operator', days: '30' });
    const secret = /reproof_[A-Za-z0-9_-]{43}/.exec(made.body)?.[0] as string;
    expect(await lab.store.access.token(secret)).toMatchObject({
      name: 'ci',
      role: 'operator',
      expiresAt: '2026-07-01T12:00:00.000Z',
    });
    expect((await get('/operator/tokens')).body).not.toContain(secret);
  });
});
