import type { KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sha256Of } from '../../../../model/index.ts';
import type { LeasedJob } from '../../../../rebuilder/store/jobs/types.ts';
import { entryOf, noRetry } from '../../../contract/result-entries.ts';
import { fakeBytes, seedFakeInput } from '../../../helpers/fake-executor.ts';
import { ask, registered, serveWorkers, type WorkerLab } from '../../../helpers/worker-lab.ts';

const FILE = 'hello_2.10-3_amd64.deb';
const BYTES = fakeBytes(FILE);
const CONTENT = { sha256: sha256Of(BYTES), size: BYTES.length };
const AT = '2026-01-01T00:00:00.000Z';
const RESULT = {
  startedAt: AT,
  builtAt: AT,
  verdict: 'reproducible',
  artifacts: [{ name: 'hello', fileName: FILE, verdict: 'identical', published: CONTENT, rebuilt: CONTENT }],
};
const [ARTIFACT] = RESULT.artifacts;
const INVALID = { status: 400, body: { error: { code: 'REQUEST_INVALID' } } };

/** A server with one job, and the worker that has it. */
async function holding() {
  const lab = await serveWorkers();
  const { key, id } = await registered(lab.url);
  const buildInputId = await seedFakeInput(lab.database);
  await lab.store.jobs.ask({ buildInputId }, { kind: 'manual' });
  const held = await claim(lab, key);
  return { lab, key, id, held, buildInputId };
}

async function claim(lab: WorkerLab, key: KeyObject): Promise<LeasedJob> {
  const answer = await ask(lab.url, key, { path: '/api/worker/claim', body: { waitSeconds: 0 } });
  return answer.body.job as LeasedJob;
}

const report = (lab: WorkerLab, key: KeyObject, { job, lease }: LeasedJob, result: unknown) =>
  ask(lab.url, key, { path: `/api/worker/jobs/${job.id}/result`, body: { lease, result } });

const upload = (lab: WorkerLab, key: KeyObject, { job, lease }: LeasedJob, bytes: Buffer) =>
  ask(lab.url, key, {
    method: 'PUT',
    path: `/api/worker/jobs/${job.id}/blobs/${sha256Of(bytes)}?lease=${lease}`,
    bytes,
  });

describe('a result', () => {
  it('is recorded once its blobs are there, and a second time is what it was', async () => {
    const { lab, key, id, held } = await holding();
    const log = { sha256: sha256Of('log'), bytes: 3, truncated: false };
    const result = { ...RESULT, log, record: sha256Of('record') };
    const missing = await report(lab, key, held, result);
    expect(missing).toEqual({
      status: 200,
      body: { kind: 'missing', blobs: [CONTENT.sha256, log.sha256, result.record] },
    });
    for (const bytes of [BYTES, Buffer.from('log')]) await upload(lab, key, held, bytes);
    expect((await report(lab, key, held, result)).body).toEqual({ kind: 'missing', blobs: [result.record] });
    expect((await lab.store.results.results({}, {})).total).toBe(0);
    await upload(lab, key, held, Buffer.from('record'));
    expect((await report(lab, key, held, result)).body).toEqual({ kind: 'recorded', id: 1 });
    expect((await report(lab, key, held, result)).body).toEqual({ kind: 'already', id: 1 });
    expect((await lab.store.results.results({}, {})).records).toMatchObject([
      { id: 1, workerId: id, origin: 'ours', log },
    ]);
    expect(await upload(lab, key, held, Buffer.from('late'))).toMatchObject({ status: 409 });
  });

  it("of another worker's job is not taken, whatever lease it names", async () => {
    const { lab, key, held } = await holding();
    const stranger = await registered(lab.url);
    await upload(lab, key, held, BYTES);
    expect((await report(lab, stranger.key, held, RESULT)).body).toEqual({ kind: 'lease lost' });
    expect((await lab.store.results.results({}, {})).total).toBe(0);
    expect(await lab.store.jobs.job(held.job.id)).toMatchObject({ state: 'leased' });
    expect((await report(lab, key, held, RESULT)).body).toMatchObject({ kind: 'recorded' });
    expect((await report(lab, stranger.key, held, RESULT)).body).toEqual({ kind: 'lease lost' });
  });

  it('of a lease whose number was guessed is refused by the store itself', async () => {
    const { lab, id, held } = await holding();
    const entry = { ...entryOf(), workerId: id + 1 };
    const lease = { jobId: held.job.id, lease: held.lease };
    expect(await lab.store.results.record(lease, entry, noRetry)).toEqual({ kind: 'lease lost' });
    expect(await lab.store.results.record(lease, { ...entry, workerId: id }, noRetry)).toMatchObject({
      kind: 'recorded',
    });
  });

  it('of a lease that was given back is not taken, though its worker has the job again', async () => {
    const { lab, key, held } = await holding();
    await upload(lab, key, held, BYTES);
    await ask(lab.url, key, { path: `/api/worker/jobs/${held.job.id}/give-back`, body: { lease: held.lease } });
    expect((await report(lab, key, held, RESULT)).body).toEqual({ kind: 'lease lost' });
    const again = await claim(lab, key);
    expect((await report(lab, key, held, RESULT)).body).toEqual({ kind: 'lease lost' });
    expect((await report(lab, key, again, RESULT)).body).toMatchObject({ kind: 'recorded' });
  });

  it('is not believed where its digests say otherwise, and the job stays whose it was', async () => {
    const { lab, key, held } = await holding();
    const other = { ...ARTIFACT, rebuilt: { sha256: sha256Of('other'), size: 5 } };
    const foreign = { ...ARTIFACT, fileName: 'other_1_amd64.deb' };
    for (const artifacts of [[other], [foreign], [], [ARTIFACT, ARTIFACT], [ARTIFACT, foreign]])
      expect(await report(lab, key, held, { ...RESULT, artifacts })).toMatchObject(INVALID);
    expect((await lab.store.results.results({}, {})).total).toBe(0);
    expect(await lab.store.jobs.job(held.job.id)).toMatchObject({ state: 'leased' });
  });

  it('that differs is recorded with both digests, and is not checked here', async () => {
    const { lab, key, held, buildInputId } = await holding();
    const bytes = Buffer.from('other bytes');
    const rebuilt = { sha256: sha256Of(bytes), size: bytes.length };
    await upload(lab, key, held, bytes);
    const artifacts = [{ ...ARTIFACT, verdict: 'differs', rebuilt }];
    const result = { ...RESULT, verdict: 'unreproducible', reason: 'different', artifacts };
    expect((await report(lab, key, held, result)).body).toMatchObject({ kind: 'recorded' });
    expect(await lab.store.results.artifacts(1)).toMatchObject([
      { verdict: 'differs', status: 'BAD', published: CONTENT, rebuilt, checkedHere: false },
    ]);
    expect(await lab.store.packages.buildInput(buildInputId)).toMatchObject({ status: 'BAD', reason: 'different' });
  });

  it.each([
    ['a status of its own', { status: 'GOOD' }],
    ['an origin of its own', { origin: 'imported' }],
    ['a worker of its own', { workerId: 7 }],
    ['its word that it decides', { decides: true }],
    ['a verdict that is none', { verdict: 'GOOD' }],
    ['a time that is none', { builtAt: 'yesterday' }],
    ['a digest in capitals', { record: 'A'.repeat(64) }],
    ['a path for a name', { artifacts: [{ ...ARTIFACT, fileName: '../../etc/passwd' }] }],
    ['a terminal sequence', { detail: '\u001b[31mred' }],
    ['a negative size', { memoryBytes: -1 }],
    ['a word of its own on a check', { artifacts: [{ ...ARTIFACT, checkedHere: true }] }],
    ['an attestation of its own', { artifacts: [{ ...ARTIFACT, attestation: CONTENT.sha256 }] }],
    ['more files than there can be', { artifacts: Array(5000).fill(ARTIFACT) }],
    ['no files', { artifacts: undefined }],
  ])('with %s is refused', async (_, change) => {
    const { lab, key, held } = await holding();
    expect(await report(lab, key, held, { ...RESULT, ...change })).toMatchObject(INVALID);
    expect((await lab.store.results.results({}, {})).total).toBe(0);
  });
});
