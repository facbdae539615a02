import { beforeEach, describe, expect, it } from 'vitest';
import { isSignedBy, readPublicKeyPem } from '../../../../attest/index.ts';
import {
  captured,
  type LabJson,
  labLink,
  labWorker,
  NAIVE_TIME,
  numbers,
  openRebuilderdLab,
  type RebuilderdLab,
} from '../../../helpers/rebuilderd-lab.ts';

const time = expect.stringMatching(NAIVE_TIME);
const POP = { supported_backends: ['debian'], architecture: 'x86_64', supported_architectures: ['x86_64', 'all'] };
const DIGEST = 'a'.repeat(64);

describe('version 1, asked as rebuildctl and rebuilderd-worker 0.28 ask', () => {
  let lab: RebuilderdLab;
  let operator: Readonly<Record<string, string>>;
  const worker = labWorker(2);
  beforeEach(async () => {
    lab = await openRebuilderdLab();
    operator = await lab.cookie('operator');
    const report = await captured('package-report.json');
    const answer = await lab.ask('POST', '/api/v1/packages', { body: report, headers: operator, zstd: true });
    expect([answer.status, answer.text]).toEqual([204, '']);
  });
  const get = async (path: string) => (await lab.ask('GET', path)).body;
  const register = (of = worker, name = 'w1') =>
    lab.ask('POST', '/api/v1/workers', { body: { name }, headers: of.headers, zstd: true });
  const pop = async (of = worker) =>
    (await lab.ask('POST', '/api/v1/queue/pop', { body: POP, headers: of.headers, zstd: true })).body;
  const report = (body: object, of = worker) =>
    lab.ask('POST', '/api/v1/builds', { body, headers: of.headers, zstd: true });
  const reportOf = (job: { id: number; name: string }, status: string, more: object = {}) => ({
    queue_id: job.id,
    built_at: '2026-06-01T12:00:00.476349817',
    build_log: numbers(`log of ${job.name}`),
    status,
    artifacts: status === 'FAIL' ? [] : [{ name: job.name, diffoscope: null, attestation: null, status, ...more }],
  });

  it('lists what was sent, page by page until an empty one', async () => {
    const page = await get('/api/v1/packages/binary?limit=1000&sort=name');
    expect(page.total).toBe(4);
    expect(page.records.map((one: LabJson) => one.name)).toEqual(['dfrs', 'failpkg', 'hello', 'missing']);
    expect(page.records[2]).toEqual({
      id: expect.any(Number),
      name: 'hello',
      version: '2.12.3-1',
      distribution: 'debian',
      release: 'sid',
      component: 'main',
      architecture: 'amd64',
      url: 'http://FILES/pool/hello_2.12.3-1_amd64.deb',
      status: null,
      build_id: null,
      artifact_id: null,
      diffoscope_log_id: null,
      attestation_log_id: null,
      last_seen: time,
      seen_in_last_sync: true,
      source_name: 'hello',
      published_sha256: null,
      rebuilt_sha256: null,
      exit_code: null,
      failure_category: null,
      worker_id: null,
      duration_ms: null,
      built_at: null,
      has_diffoscope: false,
      has_attestation: false,
    });
    const after = page.records.at(-1).id;
    expect(await get(`/api/v1/packages/binary?limit=1000&sort=name&after=${after}`)).toEqual({ total: 4, records: [] });
    expect(await get(`/api/v1/packages/binary/${page.records[2].id}`)).toEqual(page.records[2]);
  });

  it('streams a list without a limit with the same content', async () => {
    for (const list of ['packages/binary', 'packages/source', 'queue', 'builds', 'workers']) {
      const whole = await get(`/api/v1/${list}?limit=-1`);
      expect(whole).toEqual(await get(`/api/v1/${list}?limit=1000`));
      expect(typeof whole.total).toBe('number');
    }
  });

  it('lists sources and jobs field by field', async () => {
    const sources = await get('/api/v1/packages/source?name=rust-dfrs&distribution=debian&release=sid');
    expect(sources).toEqual({
      total: 1,
      records: [
        {
          id: expect.any(Number),
          name: 'rust-dfrs',
          version: '0.0.7-14',
          distribution: 'debian',
          release: 'sid',
          status: null,
          build_id: null,
          last_seen: time,
          seen_in_last_sync: true,
          component: 'main',
        },
      ],
    });
    const queue = await get('/api/v1/queue?limit=1000&name=hello');
    expect(queue).toEqual({
      total: 1,
      records: [
        {
          id: expect.any(Number),
          name: 'hello',
          version: '2.12.3-1',
          distribution: 'debian',
          release: 'sid',
          architecture: 'amd64',
          backend: 'debian',
          url: 'http://FILES/pool/hello_2.12.3-1_amd64.buildinfo',
          next_retry: null,
          priority: 1,
          queued_at: time,
          started_at: null,
        },
      ],
    });
    expect(await get(`/api/v1/queue/${queue.records[0].id}`)).toEqual(queue.records[0]);
  });

  it('takes the same list again, and one whose release is null', async () => {
    const again = await captured('package-report.json');
    expect((await lab.ask('POST', '/api/v1/packages', { body: again, headers: operator })).status).toBe(204);
    const nulls = await captured('package-report-no-release.json');
    expect((await lab.ask('POST', '/api/v1/packages', { body: nulls, headers: operator })).status).toBe(204);
    const { total, records } = await get('/api/v1/packages/binary?name=slow');
    expect([total, records[0].release, records[0].component]).toEqual([1, null, null]);
    expect(await get('/api/v1/meta/distributions/debian/releases')).toEqual([null, 'sid']);
  });

  it('runs a job from a pop to a report', async () => {
    expect((await register()).status).toBe(204);
    const { Rebuild } = await pop();
    expect(Rebuild.job).toMatchObject({
      backend: 'debian',
      started_at: time,
      url: expect.stringMatching(/buildinfo$/),
    });
    const { job, artifacts } = Rebuild;
    expect(artifacts).toEqual([
      { name: expect.any(String), version: job.version, architecture: 'amd64', url: expect.any(String) },
    ]);
    const [file] = artifacts;
    expect((await lab.ask('POST', `/api/v1/queue/${job.id}/ping`, { headers: worker.headers })).status).toBe(204);
    const link = labLink(file.url.split('/').at(-1), DIGEST, worker.key);
    const answer = await report(reportOf({ ...job, name: file.name }, 'GOOD', { attestation: numbers(link) }));
    expect([answer.status, answer.text]).toEqual([204, '']);

    const [binary] = (await get(`/api/v1/packages/binary?name=${file.name}`)).records;
    expect(binary).toMatchObject({ status: 'GOOD', build_id: 1, artifact_id: 1, attestation_log_id: 1 });
    expect(await get('/api/v1/builds/1')).toEqual({
      id: 1,
      name: job.name,
      version: job.version,
      distribution: 'debian',
      release: 'sid',
      architecture: 'amd64',
      backend: 'debian',
      retries: 0,
      started_at: time,
      built_at: time,
      status: 'GOOD',
      origin: 'rebuilderd',
      exit_code: null,
      failure_category: null,
      worker_id: 1,
      duration_ms: null,
      change: 'first',
    });
    expect(await get('/api/v1/builds/1/artifacts')).toMatchObject([
      { id: 1, name: file.name, has_diffoscope: false, has_attestation: true, status: 'GOOD' },
    ]);
    const log = await lab.ask('GET', '/api/v1/builds/1/log');
    expect(log.text).toBe(`log of ${file.name}`);
    expect(log.headers.get('content-type')).toMatch(/^text\/plain/);
    const attestation = await lab.ask('GET', '/api/v1/builds/1/artifacts/1/attestation');
    expect(attestation.body).toEqual(JSON.parse(link));
    expect(isSignedBy(attestation.body, worker.key.publicKey)).toBe(true);
    expect(isSignedBy(attestation.body, lab.signer.publicKey)).toBe(false);
  });

  it('answers "Nothing" as JSON when nothing is to be done for a machine', async () => {
    await register();
    const body = { ...POP, supported_backends: ['archlinux'] };
    const answer = await lab.ask('POST', '/api/v1/queue/pop', { body, headers: worker.headers });
    expect(answer.text).toBe('"Nothing"');
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  });

  it('shows no status where a build failed by the worker’s doing, beside the build', async () => {
    await register();
    const { job, artifacts } = (await pop()).Rebuild;
    expect((await report(reportOf(job, 'FAIL'))).status).toBe(204);
    const [binary] = (await get(`/api/v1/packages/binary?name=${artifacts[0].name}`)).records;
    expect(binary).toMatchObject({ status: null, build_id: 1, artifact_id: null });
    expect((await get('/api/v1/builds')).records[0].status).toBe('FAIL');
    expect((await get('/api/v1/packages/binary?status=FAIL')).total).toBe(1);
    expect((await get('/api/v1/packages/binary?status=BAD,FAIL&name_starts_with=zz')).total).toBe(0);
    expect((await get('/api/v1/dashboard')).rebuilds).toEqual({ good: 0, bad: 0, fail: 1, unknown: 3 });
  });

  it('queues, lists and drops by filter, and says how many', async () => {
    const dropped = await lab.ask('DELETE', '/api/v1/queue?distribution=debian&component=main&name=hello', {
      headers: operator,
    });
    expect([dropped.status, dropped.text]).toEqual([204, '']);
    expect((await get('/api/v1/queue?name=hello')).total).toBe(0);
    const body = {
      distribution: 'debian',
      release: null,
      component: 'main',
      name: 'hello',
      version: '2.12.3-1',
      architecture: 'amd64',
      status: null,
      priority: 0,
    };
    const pushed = await lab.ask('POST', '/api/v1/queue', { body, headers: operator, zstd: true });
    expect([pushed.status, pushed.body]).toEqual([200, { affected: 1 }]);
    const [job] = (await get('/api/v1/queue?name=hello')).records;
    expect(job.priority).toBe(0);
    expect((await lab.ask('DELETE', `/api/v1/queue/${job.id}`, { headers: operator })).status).toBe(204);
    expect((await lab.ask('DELETE', `/api/v1/queue/${job.id}`, { headers: operator })).status).toBe(404);
  });

  it('tells workers, where packages come from and its public key', async () => {
    await register();
    expect(await get('/api/v1/workers/')).toEqual({
      total: 1,
      records: [{ id: 1, name: 'w1', address: expect.any(String), status: null, last_ping: time, is_online: true }],
    });
    const { job } = (await pop()).Rebuild;
    expect((await get('/api/v1/workers/1')).status).toBe(`working hard on ${job.name} ${job.version}`);
    expect(await get('/api/v1/meta/distributions')).toEqual(['debian']);
    expect(await get('/api/v1/meta/distributions/debian/architectures')).toEqual(['amd64']);
    expect(await get('/api/v1/meta/distributions/debian/releases/sid/architectures')).toEqual(['amd64']);
    expect(await get('/api/v1/meta/distributions/debian/releases/-/architectures')).toEqual([]);
    const { current } = await get('/api/v1/meta/public-keys');
    expect(readPublicKeyPem(current[0])).toEqual(lab.signer.publicKey);
    expect((await get('/api/v1/dashboard')).jobs).toEqual({ running: 1, available: 3, pending: 0 });
    expect(await get('/api/v1/stats')).toEqual([]);
  });

  it('finds builds by the digest of a file, and those of a package', async () => {
    expect(await get(`/api/v1/artifacts/sha256:${DIGEST}`)).toEqual([]);
    expect((await lab.ask('GET', '/api/v1/artifacts/md5:0')).status).toBe(400);
    await register();
    const { job } = (await pop()).Rebuild;
    await report(reportOf(job, 'FAIL'));
    const [source] = (await get(`/api/v1/packages/source?name=${job.name}`)).records;
    expect((await get(`/api/v1/packages/source/${source.id}/history`)).records).toMatchObject([
      { id: 1, status: 'FAIL' },
    ]);
  });
});
