import { once } from 'node:events';
import { connect } from 'node:net';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  captured,
  labWorker,
  openRebuilderdLab,
  type RebuilderdLab,
  SIGNUP_SECRET,
} from '../../../helpers/rebuilderd-lab.ts';

describe('what version 1 refuses', () => {
  let lab: RebuilderdLab;
  let operator: Readonly<Record<string, string>>;
  beforeEach(async () => {
    lab = await openRebuilderdLab();
    operator = await lab.cookie('operator');
    const report = await captured('package-report.json');
    await lab.ask('POST', '/api/v1/packages', { body: report, headers: operator });
  });
  const get = async (path: string) => (await lab.ask('GET', path)).body;

  it.each<[string, number]>([
    ['/api/v1/packages/binary?sort=secret', 400],
    ['/api/v1/packages/binary?limit=x', 400],
    ['/api/v1/packages/binary?status=GREAT', 400],
    ['/api/v1/packages/binary/99', 404],
    ['/api/v1/packages/source/99', 404],
    ['/api/v1/packages/binary/3000000000', 400],
    ['/api/v1/builds/99', 404],
    ['/api/v1/builds/99/log', 404],
    ['/api/v1/builds/99/artifacts/1/attestation', 404],
    ['/api/v1/queue/99', 404],
    ['/api/v1/workers/99', 404],
  ])('answers %s with %i', async (path, status) => {
    expect((await lab.ask('GET', path)).status).toBe(status);
  });

  it.each([
    ['POST', '/api/v1/packages'],
    ['POST', '/api/v1/queue'],
    ['DELETE', '/api/v1/queue?name=hello'],
    ['DELETE', '/api/v1/queue/1'],
    ['DELETE', '/api/v1/workers/1'],
    ['POST', '/api/v1/queue/pop'],
    ['POST', '/api/v1/queue/1/ping'],
    ['POST', '/api/v1/builds'],
  ])('refuses %s %s with 403 and nothing else to whom it is not for', async (method, path) => {
    for (const headers of [{}, { 'x-auth-cookie': 'wrong' }, await lab.cookie('reader'), labWorker(9).headers]) {
      const answer = await lab.ask(method, path, { headers, ...(method === 'POST' ? { body: {} } : {}) });
      expect([answer.status, answer.text]).toEqual([403, '']);
    }
    expect((await get('/api/v1/queue')).total).toBe(4);
  });

  it.each<[string, unknown]>([
    ['/api/v1/packages', { distribution: 'debian', release: 'sid', architecture: 'amd64', packages: [{ name: 7 }] }],
    ['/api/v1/packages', []],
    ['/api/v1/queue', { priority: 2 ** 40 }],
  ])('refuses a body of %s that is not as described with 400', async (path, body) => {
    expect((await lab.ask('POST', path, { body, headers: operator })).status).toBe(400);
  });

  it.each([
    '/api/v1/builds',
    '/api/v1/queue/pop',
    '/api/v1/queue/1/ping',
    '/api/v1/workers',
    '/api/v0/build/report',
    '/api/v0/build/ping',
    '/api/v0/queue/pop',
    '/api/v1/packages',
    '/api/v0/pkgs/sync',
  ])('answers %s before its body came, where it is of nobody: it reads none of it', async (path) => {
    const socket = connect({ port: Number(new URL(lab.address).port), host: '127.0.0.1' });
    onTestFinished(() => void socket.destroy());
    const fields = { host: 'x', 'content-type': 'application/json', 'content-length': 9 };
    const shown = { ...labWorker(9).headers, 'x-signup-secret': 'wrong' };
    const lines = Object.entries({ ...fields, ...shown }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 403 /);
  });

  it('takes small bodies of workers alone, but for what they built', async () => {
    const { headers } = labWorker(1);
    const large = { name: 'x', padding: 'x'.repeat(64 * 1024) };
    const signup = { ...headers, 'x-signup-secret': SIGNUP_SECRET };
    expect((await lab.ask('POST', '/api/v1/workers', { body: large, headers: signup })).status).toBe(413);
    expect((await lab.ask('POST', '/api/v1/workers', { body: { name: 'x' }, headers: signup })).status).toBe(204);
    expect((await lab.ask('POST', '/api/v1/queue/pop', { body: large, headers })).status).toBe(413);
    expect((await lab.ask('POST', '/api/v1/builds', { body: large, headers })).status).toBe(400);
  });
});
