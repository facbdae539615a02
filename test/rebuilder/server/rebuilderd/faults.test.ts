import { beforeEach, describe, expect, it } from 'vitest';
import { isSignedBy } from '../../../../attest/index.ts';
import type { Sha256 } from '../../../../model/index.ts';
import { labLink, labWorker, numbers, openRebuilderdLab, type RebuilderdLab } from '../../../helpers/rebuilderd-lab.ts';
import { serviceRows } from '../../../helpers/service-data.ts';

const POP = { supported_backends: ['debian'], architecture: 'x86_64', supported_architectures: ['x86_64'] };
const PUBLISHED = 'a'.repeat(64) as Sha256;
const OTHER = 'b'.repeat(64);

describe('what workers of rebuilderd cannot do here', () => {
  let lab: RebuilderdLab;
  const honest = labWorker(2);
  const evil = labWorker(3);
  beforeEach(async () => {
    lab = await openRebuilderdLab();
    await lab.store.packages.import({ profile: 'p', distribution: 'debian', kind: 'whole' }, [
      {
        distribution: 'debian',
        release: 'trixie',
        component: 'main',
        name: 'hello',
        version: '2.10-5',
        architecture: 'amd64',
        url: 'https://buildinfo.example.org/hello.buildinfo',
        files: [
          {
            name: 'hello',
            version: '2.10-5',
            architecture: 'amd64',
            component: 'main',
            url: 'https://deb.example.org/hello_2.10-5_amd64.deb',
            fileName: 'hello_2.10-5_amd64.deb',
            sha256: PUBLISHED,
            size: 5,
          },
        ],
      },
    ]);
    for (const [worker, name] of [
      [honest, 'honest'],
      [evil, 'evil'],
    ] as const)
      await lab.ask('POST', '/api/v1/workers', { body: { name }, headers: worker.headers });
  });
  const pop = async (of = honest) =>
    (await lab.ask('POST', '/api/v1/queue/pop', { body: POP, headers: of.headers })).body;
  const report = (id: number, more: object = {}, of = honest) =>
    lab.ask('POST', '/api/v1/builds', {
      headers: of.headers,
      body: {
        queue_id: id,
        built_at: '2026-06-01T12:00:00',
        build_log: numbers('the log', 'as it is'),
        status: 'GOOD',
        artifacts: [{ name: 'hello', diffoscope: null, attestation: null, status: 'GOOD' }],
        ...more,
      },
    });
  const good = (sha256: string, of = honest) => ({
    artifacts: [
      { name: 'hello', status: 'GOOD', attestation: numbers(labLink('hello_2.10-5_amd64.deb', sha256, of.key)) },
    ],
  });
  const binary = async () => (await lab.ask('GET', '/api/v1/packages/binary?name=hello')).body.records[0];

  it('report for a job that another has: nothing is recorded, and nothing signed', async () => {
    const { id } = (await pop()).Rebuild.job;
    expect((await report(id, good(OTHER, evil), evil)).status).toBe(404);
    expect(await binary()).toMatchObject({ status: null, build_id: null });
    expect((await report(id, good(PUBLISHED))).status).toBe(204);
    expect(await binary()).toMatchObject({ status: 'GOOD', rebuilt_sha256: PUBLISHED });
  });

  it('keep another worker’s job', async () => {
    const { id } = (await pop()).Rebuild.job;
    expect((await lab.ask('POST', `/api/v1/queue/${id}/ping`, { headers: evil.headers })).status).toBe(404);
    expect((await lab.ask('POST', `/api/v1/queue/${id}/ping`, { headers: honest.headers })).status).toBe(204);
  });

  it('delete a worker', async () => {
    expect((await lab.ask('DELETE', '/api/v1/workers/1', { headers: evil.headers })).status).toBe(403);
    expect((await lab.ask('DELETE', '/api/v1/workers/1', { headers: await lab.cookie('operator') })).status).toBe(403);
    expect((await lab.ask('DELETE', '/api/v1/workers/1', { headers: await lab.cookie('admin') })).status).toBe(204);
    const again = await lab.ask('POST', '/api/v1/workers', { body: { name: 'back' }, headers: honest.headers });
    expect(again.status).toBe(403);
    expect((await lab.ask('POST', '/api/v1/queue/pop', { body: POP, headers: honest.headers })).status).toBe(403);
  });

  it('register without the secret, or where registration is closed', async () => {
    const { headers } = labWorker(7);
    const asked = { body: { name: 'w' }, headers: { ...headers, 'x-signup-secret': 'wrong' } };
    expect((await lab.ask('POST', '/api/v1/workers', asked)).status).toBe(403);
    const closed = await openRebuilderdLab({ signupSecret: null });
    expect((await closed.ask('POST', '/api/v1/workers', { body: { name: 'w' }, headers })).status).toBe(403);
    const noKey = { body: { name: 'w' }, headers: { ...headers, 'x-worker-key': 'evil' } };
    expect((await lab.ask('POST', '/api/v1/workers', noKey)).status).toBe(403);
  });

  it('have a link signed by this server that it did not check', async () => {
    const { id } = (await pop()).Rebuild.job;
    await report(id, good(PUBLISHED));
    const { build_id: build, artifact_id: artifact } = await binary();
    const { body } = await lab.ask('GET', `/api/v1/builds/${build}/artifacts/${artifact}/attestation`);
    expect(isSignedBy(body, honest.key.publicKey)).toBe(true);
    expect(isSignedBy(body, lab.signer.publicKey)).toBe(false);
  });

  it('take away what this server vouches for, by building it after this server did', async () => {
    const [input] = (await lab.store.packages.binaryPackages({ name: 'hello' }, {})).records;
    const file = { sha256: PUBLISHED, size: 5 };
    const ours = { name: 'hello', fileName: 'hello_2.10-5_amd64.deb', published: file, rebuilt: file };
    const at = lab.clock.now().toISOString();
    await lab.store.results.importResult(input?.buildInputId ?? 0, {
      origin: 'ours',
      startedAt: at,
      builtAt: at,
      status: 'GOOD',
      verdict: 'reproducible',
      decides: true,
      artifacts: [{ ...ours, verdict: 'identical', status: 'GOOD', checkedHere: true }],
    });
    const attestation = async () => {
      const { build_id: build, artifact_id: artifact } = await binary();
      return (await lab.ask('GET', `/api/v1/builds/${build}/artifacts/${artifact}/attestation`)).body;
    };
    for (const more of [good(PUBLISHED), {}]) {
      await lab.store.jobs.ask({ name: 'hello' }, { kind: 'manual' });
      await report((await pop()).Rebuild.job.id, more);
      expect(await binary()).toMatchObject({ status: 'GOOD', worker_id: 1 });
      const link = await attestation();
      expect(isSignedBy(link, lab.signer.publicKey)).toBe(true);
      expect(link.signed).toMatchObject({
        materials: {},
        products: { 'hello_2.10-5_amd64.deb': { sha256: PUBLISHED } },
      });
    }
    await lab.store.jobs.ask({ name: 'hello' }, { kind: 'manual' });
    await report((await pop()).Rebuild.job.id, { status: 'BAD', artifacts: [{ name: 'hello', status: 'BAD' }] });
    expect(await binary()).toMatchObject({ status: 'BAD' });
    expect((await attestation()).signed.products).toEqual({});
  });

  it('call other bytes than the published ones GOOD', async () => {
    const { id } = (await pop()).Rebuild.job;
    expect((await report(id, good(OTHER))).status).toBe(204);
    const record = await binary();
    expect(record).toMatchObject({ status: 'UNKWN', failure_category: 'unknown: not the published file' });
    const { body } = await lab.ask('GET', `/api/v1/builds/1/artifacts/${record.artifact_id}/attestation`);
    expect(JSON.stringify(body)).not.toContain(OTHER);
  });

  it('hand in a link that another key signed, or that is none', async () => {
    for (const bytes of [numbers(labLink('hello_2.10-5_amd64.deb', PUBLISHED, evil.key)), numbers('{}')]) {
      await lab.store.jobs.ask({ name: 'hello' }, { kind: 'manual' });
      const { id } = (await pop()).Rebuild.job;
      const artifacts = [{ name: 'hello', status: 'GOOD', attestation: bytes }];
      expect((await report(id, { artifacts })).status).toBe(204);
      expect(await binary()).toMatchObject({ status: 'GOOD', has_attestation: false });
    }
  });

  it.each<[string, object]>([
    ['files that the job has not to give', { artifacts: [{ name: 'backdoored', status: 'GOOD' }] }],
    ['a file twice', { artifacts: [1, 2].map(() => ({ name: 'hello', status: 'GOOD' })) }],
    ['GOOD without all files', { artifacts: [] }],
    ['GOOD with a file that is not', { artifacts: [{ name: 'hello', status: 'BAD' }] }],
    ['bytes that are none', { build_log: [256] }],
    ['a log that is broken zstd', { build_log: [0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3] }],
    ['no log', { build_log: null }],
    ['a status that is none', { status: 'GREAT' }],
  ])('report %s: refused, and the job goes on', async (_, more) => {
    const { id } = (await pop()).Rebuild.job;
    expect((await report(id, more)).status).toBe(400);
    expect(await binary()).toMatchObject({ status: null, build_id: null });
    expect((await report(id)).status).toBe(204);
  });

  it('lose a result by sending it twice', async () => {
    const { id } = (await pop()).Rebuild.job;
    expect((await report(id)).status).toBe(204);
    expect((await report(id)).status).toBe(204);
    expect((await lab.ask('GET', '/api/v1/builds')).body.total).toBe(1);
  });

  it('lose the result of a job that was dropped while it was built', async () => {
    const operator = await lab.cookie('operator');
    const { id } = (await pop()).Rebuild.job;
    expect((await lab.ask('DELETE', `/api/v1/queue/${id}`, { headers: operator })).status).toBe(204);
    expect((await lab.ask('POST', `/api/v1/queue/${id}/ping`, { headers: honest.headers })).status).toBe(404);
    expect((await report(id)).status).toBe(204);
    expect(await binary()).toMatchObject({ status: 'GOOD', build_id: 1 });
  });

  it('lose the result of a job that left the queue meanwhile', async () => {
    const { id } = (await pop()).Rebuild.job;
    await lab.store.jobs.cancel({ id });
    lab.clock.pass(1_000);
    await lab.store.jobs.reap();
    expect(await lab.store.jobs.job(id)).toBeUndefined();
    expect((await report(id)).status).toBe(204);
    expect(await binary()).toMatchObject({ status: 'GOOD', build_id: 1 });
    expect((await report(id, {}, evil)).status).toBe(404);
  });

  it('report for a job that another worker has by now', async () => {
    const { id } = (await pop()).Rebuild.job;
    lab.clock.pass(1_000);
    await lab.store.jobs.reap();
    expect((await pop(evil)).Rebuild.job.id).toBe(id);
    expect((await report(id)).status).toBe(409);
    expect((await report(id, {}, evil)).status).toBe(204);
  });

  it('hide a verdict by failing later', async () => {
    const { id } = (await pop()).Rebuild.job;
    await report(id, good(PUBLISHED));
    await lab.store.jobs.ask({ name: 'hello' }, { kind: 'manual' });
    const second = (await pop()).Rebuild.job.id;
    expect((await report(second, { status: 'FAIL', artifacts: [] })).status).toBe(204);
    expect(await binary()).toMatchObject({ status: 'GOOD', build_id: 1, artifact_id: 1, has_attestation: true });
  });
});

describe('what clients of rebuilderd never meet here', () => {
  it('an artifact whose attestation is missing: each has one, and of what differs it says nothing', async () => {
    const lab = await openRebuilderdLab();
    const rows = serviceRows(lab.database);
    await rows.source({});
    await rows.input({});
    for (const [artifact_id, row] of Object.entries({
      1: { published_sha256: PUBLISHED, rebuilt_sha256: PUBLISHED, checked_here: 1 },
      2: { status: 'BAD', verdict: 'differs', published_sha256: PUBLISHED, rebuilt_sha256: OTHER },
      3: { attestation_sha256: 'c'.repeat(64) },
      4: { verdict: 'unknown' },
    })) {
      await rows.result({});
      await rows.artifact({ result_id: Number(artifact_id), ...row });
      await rows.binary({
        version: artifact_id,
        result_id: Number(artifact_id),
        artifact_id: Number(artifact_id),
        status: row === undefined ? null : 'GOOD',
      });
    }
    const { records } = (await lab.ask('GET', '/api/v1/packages/binary?name=hello')).body;
    expect(records.map((one: { artifact_id: number }) => one.artifact_id)).toEqual([1, 2, 3, 4]);
    const digests = [];
    for (const { build_id: build, artifact_id: artifact } of records) {
      const answer = await lab.ask('GET', `/api/v1/builds/${build}/artifacts/${artifact}/attestation`);
      expect(answer.status).toBe(200);
      expect(isSignedBy(answer.body, lab.signer.publicKey)).toBe(true);
      digests.push(Object.values(answer.body.signed.products));
    }
    expect(digests).toEqual([[{ sha256: PUBLISHED }], [], [], []]);
  });

  it("another build's log, or another build's artifact", async () => {
    const lab = await openRebuilderdLab();
    const rows = serviceRows(lab.database);
    await rows.input({});
    const logs = await Promise.all(
      ['first', 'second'].map((text) =>
        lab.blobs.put(
          'log',
          (async function* () {
            yield Buffer.from(text);
          })(),
          100,
        ),
      ),
    );
    await rows.result({ log_sha256: logs[0]?.sha256 ?? null });
    await rows.artifact({ result_id: 1 });
    await rows.artifact({ result_id: 1 });
    await rows.result({ log_sha256: logs[1]?.sha256 ?? null });
    await rows.artifact({ result_id: 2 });
    await rows.result({});
    for (const version of ['v0', 'v1']) {
      expect((await lab.ask('GET', `/api/${version}/builds/1/log`)).text).toBe('first');
      expect((await lab.ask('GET', `/api/${version}/builds/2/log`)).text).toBe('second');
      expect((await lab.ask('GET', `/api/${version}/builds/3/log`)).status).toBe(404);
    }
    expect((await lab.ask('GET', '/api/v1/builds/2/artifacts/1')).status).toBe(404);
    expect((await lab.ask('GET', '/api/v1/builds/2/artifacts/3')).status).toBe(200);
  });
});
