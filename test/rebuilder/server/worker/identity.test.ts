import { describe, expect, it } from 'vitest';
import { keyIdOf } from '../../../../rebuilder/signed-request/index.ts';
import { signupProof } from '../../../../rebuilder/worker-protocol/index.ts';
import {
  ask,
  newKey,
  registered,
  SIGNUP,
  sendByHand,
  serveWorkers,
  signedByHand,
} from '../../../helpers/worker-lab.ts';

const CLAIM = { path: '/api/worker/claim', body: { waitSeconds: 0 } };
const REGISTER = '/api/worker/register';
const CAPABILITIES = { architectures: ['amd64'] };

describe('a request of a worker', () => {
  it('is answered when it is signed with a registered key', async () => {
    const { url } = await serveWorkers();
    const { key } = await registered(url);
    expect(await ask(url, key, CLAIM)).toEqual({ status: 200, body: { job: null } });
  });

  it('is refused when nobody signed it, and says what is missing', async () => {
    const { url } = await serveWorkers();
    const { headers: _, ...bare } = signedByHand(newKey(), CLAIM);
    const answer = await sendByHand(url, { ...bare, headers: { 'content-type': 'application/json' } as never });
    expect(answer).toMatchObject({ status: 401, body: { error: { code: 'ACCESS_REQUIRED' } } });
  });

  it('is taken once: one that was captured and sent again is refused, also by a server that was restarted', async () => {
    const lab = await serveWorkers();
    const { key } = await registered(lab.url);
    const captured = signedByHand(key, CLAIM);
    expect((await sendByHand(lab.url, captured)).status).toBe(200);
    const replayed = {
      status: 403,
      body: { error: { code: 'ACCESS_DENIED', message: expect.stringContaining('counts once') } },
    };
    expect(await sendByHand(lab.url, captured)).toMatchObject(replayed);
    await lab.close();
    const again = await serveWorkers({ folder: lab.folder });
    expect(await sendByHand(again.url, captured)).toMatchObject(replayed);
  });

  it('with another body is refused, and nothing comes of it', async () => {
    const lab = await serveWorkers();
    const { key } = await registered(lab.url);
    const message = signedByHand(key, { path: REGISTER, body: { name: 'good', capabilities: CAPABILITIES } });
    const tampered = { ...message, bytes: Buffer.from(JSON.stringify({ name: 'evil', capabilities: CAPABILITIES })) };
    expect(await sendByHand(lab.url, tampered)).toMatchObject({
      status: 403,
      body: { error: { code: 'ACCESS_DENIED', message: expect.stringContaining('not the one that was signed') } },
    });
    expect((await lab.store.access.workers({})).records.map(({ name }) => name)).toEqual(['builder']);
  });

  it('for another path is refused', async () => {
    const { url } = await serveWorkers();
    const { key } = await registered(url);
    const message = signedByHand(key, { path: '/api/worker/jobs/1/heartbeat', body: { lease: 1 } });
    const answer = await sendByHand(url, { ...message, path: '/api/worker/jobs/2/heartbeat' });
    expect(answer).toMatchObject({ status: 403, body: { error: { code: 'ACCESS_DENIED' } } });
  });

  it.each([-301, 301])('signed %i s from now is refused with by how much', async (seconds) => {
    const now = new Date();
    const { url } = await serveWorkers({ now: () => now });
    const { key } = await registered(url);
    const created = Math.floor(now.getTime() / 1000) + seconds;
    expect(await ask(url, key, { ...CLAIM, created })).toMatchObject({
      status: 403,
      body: { error: { code: 'ACCESS_DENIED', message: expect.stringContaining('301 s') } },
    });
  });

  it('of a key that nobody registered is refused', async () => {
    const { url } = await serveWorkers();
    expect(await ask(url, newKey(), CLAIM)).toMatchObject({
      status: 403,
      body: { error: { code: 'ACCESS_DENIED', message: expect.stringContaining('does not know its key') } },
    });
  });

  it('of a worker that was revoked is refused, and it cannot register again', async () => {
    const lab = await serveWorkers();
    const { key, id } = await registered(lab.url);
    await lab.store.access.revokeWorker(id);
    const revoked = {
      status: 403,
      body: { error: { code: 'ACCESS_DENIED', message: expect.stringContaining('revoked') } },
    };
    expect(await ask(lab.url, key, CLAIM)).toMatchObject(revoked);
    const body = { name: 'again', capabilities: CAPABILITIES, proof: signupProof(SIGNUP, keyIdOf(key)) };
    expect(await ask(lab.url, key, { path: REGISTER, body })).toMatchObject(revoked);
  });

  it('is understood behind a proxy that takes a part of the path away', async () => {
    const { url } = await serveWorkers({ server: { publicUrl: 'https://example.org/reproof' } });
    const { key } = await registered(url);
    const signed = signedByHand(key, { ...CLAIM, path: `/reproof${CLAIM.path}` });
    expect((await sendByHand(url, { ...signed, path: CLAIM.path })).status).toBe(200);
    const elsewhere = signedByHand(key, { ...CLAIM, path: `/other${CLAIM.path}` });
    expect((await sendByHand(url, { ...elsewhere, path: CLAIM.path })).status).toBe(403);
  });

  it.each([
    ['no JSON', { bytes: Buffer.from('{"waitSeconds":'), headers: { 'content-type': 'application/json' } }],
    [
      'bytes that are no UTF-8',
      { bytes: Buffer.from([0x22, 0xff, 0x22]), headers: { 'content-type': 'application/json' } },
    ],
    ['no body', { bytes: Buffer.alloc(0), headers: { 'content-type': 'application/json' } }],
    ['a type more', { body: { waitSeconds: '1' } }],
    ['a field more', { body: { waitSeconds: 0, more: 1 } }],
    ['a field less', { body: {} }],
    ['a list', { body: [] }],
    ['another kind of body', { bytes: Buffer.from('{}') }],
    ['an encoded body', { body: { waitSeconds: 0 }, headers: { 'content-encoding': 'gzip' } }],
    ['a type that is not ours', { body: { waitSeconds: 0 }, headers: { 'content-type': 'text/plain' } }],
  ])('with %s is refused', async (_, wrong) => {
    const { url } = await serveWorkers();
    const { key } = await registered(url);
    const answer = await ask(url, key, { path: CLAIM.path, ...wrong });
    expect(answer.body.error?.code).toBe('REQUEST_INVALID');
    expect([400, 415]).toContain(answer.status);
  });

  it('that is larger than a message may be is refused before it is read', async () => {
    const { url } = await serveWorkers({ routes: { limits: { messageBytes: 1000 } } });
    const { key } = await registered(url);
    const fits = { name: 'x', capabilities: { architectures: ['amd64'] } };
    const body = (letters: number) => Buffer.from(JSON.stringify(fits).padEnd(letters));
    const json = { 'content-type': 'application/json' };
    expect((await ask(url, key, { path: REGISTER, bytes: body(1000), headers: json })).status).toBe(200);
    expect(await ask(url, key, { path: REGISTER, bytes: body(1001), headers: json })).toMatchObject({
      status: 413,
      body: { error: { code: 'REQUEST_TOO_LARGE' } },
    });
  });
});

describe('registering a worker', () => {
  const message = (name = 'builder') => ({ path: REGISTER, body: { name, capabilities: CAPABILITIES } });

  it('is closed to whoever has neither secret nor token', async () => {
    const lab = await serveWorkers();
    expect(await ask(lab.url, newKey(), message())).toMatchObject({
      status: 401,
      body: { error: { code: 'ACCESS_REQUIRED' } },
    });
    expect((await lab.store.access.workers({})).total).toBe(0);
  });

  it('is refused with the proof of another secret or another key, and by a server without a secret', async () => {
    const lab = await serveWorkers();
    const [key, other] = [newKey(), newKey()];
    const withProof = (proof: string) => ({
      path: REGISTER,
      body: { name: 'builder', capabilities: CAPABILITIES, proof },
    });
    for (const proof of [signupProof('guess', keyIdOf(key)), signupProof(SIGNUP, keyIdOf(other))])
      expect(await ask(lab.url, key, withProof(proof))).toMatchObject({
        status: 403,
        body: { error: { code: 'ACCESS_DENIED' } },
      });
    expect((await lab.store.access.workers({})).total).toBe(0);
    const closed = await serveWorkers({ routes: { signupSecret: undefined as never } });
    const proof = signupProof(SIGNUP, keyIdOf(key));
    expect(await ask(closed.url, key, withProof(proof))).toMatchObject({
      status: 403,
      body: { error: { code: 'ACCESS_DENIED' } },
    });
  });

  it("needs an administrator's token, and no lesser one", async () => {
    const lab = await serveWorkers();
    const tokenOf = async (role: 'worker' | 'operator' | 'admin') =>
      (await lab.store.access.createToken({ name: role, role })).secret;
    const key = newKey();
    for (const role of ['worker', 'operator'] as const) {
      const headers = { authorization: `Bearer ${await tokenOf(role)}` };
      expect(await ask(lab.url, key, { ...message(), headers })).toMatchObject({ status: 403 });
    }
    const headers = { authorization: `Bearer ${await tokenOf('admin')}` };
    expect((await ask(lab.url, key, { ...message(), headers })).status).toBe(200);
    const [worker] = (await lab.store.access.workers({})).records;
    expect(worker).toMatchObject({ name: 'builder', key: keyIdOf(key), kind: 'reproof', capabilities: CAPABILITIES });
    const [entry] = (await lab.store.access.auditLog({})).records;
    expect(entry).toMatchObject({ actor: 'token:admin', action: 'worker.register', subject: `worker:${worker?.id}` });
  });

  it('again brings its name up to date, and needs nothing but the key', async () => {
    const lab = await serveWorkers();
    const { key, id } = await registered(lab.url);
    expect(await ask(lab.url, key, message('renamed'))).toEqual({
      status: 200,
      body: { id, name: 'renamed', leaseSeconds: 120, takes: ['testimony'] },
    });
    expect((await lab.store.access.workers({})).records.map(({ name }) => name)).toEqual(['renamed']);
  });

  it('is refused for a key that another kind of worker goes by', async () => {
    const lab = await serveWorkers();
    const key = newKey();
    await lab.store.access.registerWorker({
      name: 'foreign',
      key: keyIdOf(key),
      kind: 'rebuilderd',
      capabilities: CAPABILITIES,
    });
    expect(await ask(lab.url, key, message())).toMatchObject({
      status: 403,
      body: { error: { code: 'ACCESS_DENIED' } },
    });
    expect(await ask(lab.url, key, CLAIM)).toMatchObject({ status: 403, body: { error: { code: 'ACCESS_DENIED' } } });
  });

  it.each(['', '../x', 'a b', 'x'.repeat(65), '\u001b[31m'])('is refused for the name %j', async (name) => {
    const lab = await serveWorkers();
    const { key } = await registered(lab.url);
    expect(await ask(lab.url, key, message(name))).toMatchObject({
      status: 400,
      body: { error: { code: 'REQUEST_INVALID' } },
    });
  });
});
