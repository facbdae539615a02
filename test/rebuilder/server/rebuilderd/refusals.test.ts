import { beforeEach, describe, expect, it } from 'vitest';
import { captured, labWorker, openRebuilderdLab, type RebuilderdLab } from '../../../helpers/rebuilderd-lab.ts';

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
});
