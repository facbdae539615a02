import { beforeEach, describe, expect, it } from 'vitest';
import {
  captured,
  labLink,
  labWorker,
  NAIVE_TIME,
  openRebuilderdLab,
  type RebuilderdLab,
} from '../../../helpers/rebuilderd-lab.ts';

const time = expect.stringMatching(NAIVE_TIME);

describe('version 0, asked as rebuildctl and rebuilderd-worker 0.23 and debian-repro-status ask', () => {
  let lab: RebuilderdLab;
  let operator: Readonly<Record<string, string>>;
  const worker = labWorker(2);
  beforeEach(async () => {
    lab = await openRebuilderdLab({ basePath: '/amd64' });
    operator = await lab.cookie('operator');
    const body = { distro: 'debian', suite: 'main', groups: await captured('v0-groups.json') };
    const answer = await lab.ask('POST', '/api/v0/pkgs/sync', { body, headers: operator });
    expect([answer.status, answer.text]).toEqual([200, '"Nothing"']);
  });
  const list = async (query = '') => (await lab.ask('GET', `/api/v0/pkgs/list${query}`)).body;
  const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = operator) =>
    lab.ask('POST', `/api/v0/${path}`, { body, headers });
  const queue = async () => (await post('queue/list', { limit: null })).body;
  const pop = async () => (await post('queue/pop', { supported_backends: ['debian'] }, worker.headers)).body;

  it('lists all packages in one answer', async () => {
    const packages = await list();
    expect(packages).toHaveLength(4);
    expect(packages[0]).toEqual({
      name: 'hello',
      version: '2.12.3-1',
      status: 'UNKWN',
      distro: 'debian',
      suite: 'main',
      architecture: 'amd64',
      artifact_url: 'http://FILES/pool/hello_2.12.3-1_amd64.deb',
      build_id: null,
      built_at: null,
      has_diffoscope: false,
      has_attestation: false,
    });
    expect(await list('?name=hello&distro=debian&suite=main&architecture=amd64&status=UNKWN')).toHaveLength(1);
    expect(await list('?status=GOOD')).toEqual([]);
    expect(await list('?suite=other')).toEqual([]);
    expect((await lab.ask('GET', '/api/v0/pkgs/list?status=FAIL')).status).toBe(400);
  });

  it('answers with nothing new to who has the list, and with the list when it changed', async () => {
    const first = await lab.ask('GET', '/api/v0/pkgs/list');
    const modified = first.headers.get('last-modified') ?? '';
    const since = { headers: { 'if-modified-since': modified } };
    expect((await lab.ask('GET', '/api/v0/pkgs/list', since)).status).toBe(304);
    const etag = { headers: { 'if-none-match': first.headers.get('etag') ?? '' } };
    expect((await lab.ask('GET', '/api/v0/pkgs/list', etag)).status).toBe(304);
    const job = (await pop()).Rebuild;
    await post('build/report', { queue: job, build_log: 'x', rebuilds: [] }, worker.headers);
    expect((await lab.ask('GET', '/api/v0/pkgs/list', since)).status).toBe(200);
    expect((await lab.ask('GET', '/api/v0/pkgs/list', etag)).status).toBe(200);
  });

  it('lists the queue with the files of each job', async () => {
    const { now, queue: items } = await queue();
    expect(now).toEqual(time);
    expect(items).toHaveLength(4);
    expect(items[0]).toEqual({
      id: expect.any(Number),
      pkgbase: {
        name: 'hello',
        version: '2.12.3-1',
        distro: 'debian',
        suite: 'main',
        architecture: 'amd64',
        input_url: 'http://FILES/pool/hello_2.12.3-1_amd64.buildinfo',
        artifacts: [{ name: 'hello', version: '2.12.3-1', url: 'http://FILES/pool/hello_2.12.3-1_amd64.deb' }],
      },
      version: '2.12.3-1',
      queued_at: time,
      worker_id: null,
      started_at: null,
      last_ping: null,
    });
    expect((await post('queue/list', { limit: 1 })).body.queue).toHaveLength(1);
  });

  it('registers a worker that pops, and takes its report', async () => {
    const { Rebuild: item } = await pop();
    expect(item).toMatchObject({ worker_id: 1, started_at: time, last_ping: time });
    expect((await post('build/ping', { queue_id: item.id }, worker.headers)).text).toBe('null');
    const [file] = item.pkgbase.artifacts;
    const link = labLink('hello_2.12.3-1_amd64.deb', 'a'.repeat(64), worker.key);
    const rebuilds = [[file, { status: 'Good', diffoscope: null, attestation: link }]];
    const report = { queue: item, build_log: 'the log\n', rebuilds };
    expect((await post('build/report', report, worker.headers)).text).toBe('null');
    expect((await list(`?name=${file.name}`))[0]).toMatchObject({
      status: 'GOOD',
      build_id: 1,
      built_at: time,
      has_attestation: true,
    });
    expect((await lab.ask('GET', '/api/v0/builds/1/log')).text).toBe('the log\n');
    expect((await lab.ask('GET', '/api/v0/builds/1/attestation')).body).toEqual(JSON.parse(link));
    const missing = await lab.ask('GET', '/api/v0/builds/1/diffoscope');
    expect([missing.status, missing.text]).toEqual([404, 'Not found\n']);
  });

  it('shows what differs, and what failed as unknown', async () => {
    const bad = (await pop()).Rebuild;
    const [file] = bad.pkgbase.artifacts;
    const rebuilds = [[file, { status: 'Bad', diffoscope: 'a difference', attestation: null }]];
    await post('build/report', { queue: bad, build_log: '', rebuilds }, worker.headers);
    const failed = (await pop()).Rebuild;
    const [other] = failed.pkgbase.artifacts;
    await post(
      'build/report',
      { queue: failed, build_log: '', rebuilds: [[other, { status: 'Fail', diffoscope: null, attestation: null }]] },
      worker.headers,
    );
    expect((await list(`?name=${file.name}`))[0]).toMatchObject({ status: 'BAD', has_diffoscope: true });
    expect((await list(`?name=${other.name}`))[0]).toMatchObject({ status: 'UNKWN', build_id: 2 });
    expect((await lab.ask('GET', '/api/v0/builds/1/diffoscope')).text).toBe('a difference');
    expect((await lab.ask('GET', '/api/v0/dashboard')).body).toMatchObject({
      suites: { main: { good: 0, bad: 1, unknown: 3 } },
      active_builds: [],
      now: time,
    });
  });

  it('pushes, requeues and drops', async () => {
    const selection = { distro: 'debian', suite: 'main', architecture: 'amd64' };
    expect((await post('queue/drop', { name: 'hello', version: null, ...selection })).text).toBe('null');
    expect((await queue()).queue).toHaveLength(3);
    expect((await post('queue/push', { name: 'hello', version: null, priority: 0, ...selection })).text).toBe('null');
    expect((await queue()).queue[0]).toMatchObject({ pkgbase: { name: 'hello' } });
    const requeue = {
      name: 'dfrs',
      status: null,
      priority: -3,
      distro: null,
      suite: null,
      architecture: null,
      reset: true,
    };
    expect((await post('pkg/requeue', requeue)).text).toBe('null');
    expect((await queue()).queue[0]).toMatchObject({ pkgbase: { name: 'rust-dfrs' } });
  });

  it('lists workers for operators, by both names of their address', async () => {
    await pop();
    const answer = await lab.ask('GET', '/api/v0/workers', { headers: operator });
    expect(answer.body).toEqual([
      {
        id: 1,
        key: worker.headers['x-worker-key'],
        name: worker.headers['x-worker-key'].slice(0, 8),
        addr: expect.any(String),
        address: expect.any(String),
        status: expect.stringMatching(/^working hard on /),
        last_ping: time,
        online: true,
      },
    ]);
  });

  it.each([
    'GET workers',
    'POST pkgs/sync',
    'POST queue/push',
    'POST queue/drop',
    'POST pkg/requeue',
    'POST queue/pop',
    'POST build/report',
  ])('refuses %s to whom it is not for', async (route) => {
    const [method = '', path = ''] = route.split(' ');
    const headers = { ...labWorker(9).headers, 'x-signup-secret': 'wrong' };
    const body = { supported_backends: [] };
    const answer = await lab.ask(method, `/api/v0/${path}`, { headers, ...(method === 'POST' ? { body } : {}) });
    expect([answer.status, answer.text]).toEqual([403, 'Authentication failed\n']);
  });

  it('serves both generations from one state', async () => {
    const binary = await lab.ask('GET', '/api/v1/packages/binary?name=hello');
    expect(binary.body.records[0]).toMatchObject({ release: null, component: 'main', version: '2.12.3-1' });
    expect((await lab.ask('GET', '/api/v0/public-keys')).body).toEqual(
      (await lab.ask('GET', '/api/v1/meta/public-keys')).body,
    );
  });
});
