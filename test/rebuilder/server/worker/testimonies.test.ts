import { describe, expect, it } from 'vitest';
import { canonicalJson, sha256Of } from '../../../../model/index.ts';
import { registerApi } from '../../../../rebuilder/server/index.ts';
import { fsck, prune } from '../../../../rebuilder/store/index.ts';
import type { Testimony } from '../../../../rebuilder/worker-protocol/index.ts';
import { claimJob, leaseTestified, type TestifiedJob, testimonyFor } from '../../../helpers/testified-job.ts';
import { ask, type LabOptions, registered, serveWorkers, type WorkerLab } from '../../../helpers/worker-lab.ts';

const INVALID = { status: 400, body: { error: { code: 'REQUEST_INVALID' } } };

async function leased(options: LabOptions = {}): Promise<TestifiedJob & { lab: WorkerLab }> {
  const lab = await serveWorkers({ groups: [registerApi], ...options });
  return { lab, ...(await leaseTestified(lab)) };
}

/** A testimony with something of its plan changed. */
const planned = (told: Testimony, change: object): object => ({ ...told, plan: { ...told.plan, ...change } });

const FALSE: readonly (readonly [string, (told: Testimony) => object])[] = [
  ['is of another source', (told) => planned(told, { target: { ...told.plan.target, source: 'more' } })],
  ['is of another version', (told) => planned(told, { target: { ...told.plan.target, version: '669-1' } })],
  ['is of another suite', (told) => planned(told, { target: { ...told.plan.target, suite: 'sid' } })],
  ['is of another architecture', (told) => planned(told, { target: { ...told.plan.target, architecture: 'i386' } })],
  [
    'names another architecture of its environment',
    (told) => planned(told, { lock: { ...told.plan.lock, architecture: 'i386' } }),
  ],
  [
    'expects other bytes than were compared',
    (told) => planned(told, { expected: told.plan.expected.map((one) => ({ ...one, sha256: '9'.repeat(64) })) }),
  ],
  ['expects nothing that was compared', (told) => planned(told, { expected: [] })],
  ['is of another rebuild', (told) => ({ ...told, rebuild: 'abcdefghij23' })],
  ['is of another job', (told) => ({ ...told, job: told.job + 1 })],
  ['is of another lease', (told) => ({ ...told, lease: told.lease + 1 })],
  [
    'has a .buildinfo of another source',
    (told) => ({ ...told, buildInfo: told.buildInfo?.replace('Source: less', 'Source: more') }),
  ],
  ['has a .buildinfo that is none', (told) => ({ ...told, buildInfo: 'Format: 1.0' })],
  ['has a .buildinfo, and a plan that is not by it', (told) => planned(told, { basis: 'inferred' })],
  ['has a digest that is none', (told) => ({ ...told, rootfs: 'A'.repeat(64) })],
  ['has a member more', (told) => ({ ...told, checked: ['target'] })],
  [
    'has a terminal sequence in its plan',
    (told) => planned(told, { settings: { ...told.plan.settings, user: '\u001b[31m' } }),
  ],
  ['has half of a surrogate pair', (told) => planned(told, { notes: ['\ud800'] })],
  ['is of another form', (told) => ({ ...told, schema: 'reproof-testimony/2' })],
  ['is no JSON', () => Buffer.from('{')],
  ['is JSON of another spelling', (told) => Buffer.from(JSON.stringify(told, undefined, 1))],
  [
    'says a thing twice',
    (told) => Buffer.from(canonicalJson(told).replace('"rootfs":', `"rootfs":"${'4'.repeat(64)}","rootfs":`)),
  ],
];

describe('what a worker says of how it built', () => {
  it('is asked for by a server that takes it, kept beside the result, and given as it came', async () => {
    const { lab, testimony, result, report, key, held } = await leased();
    const sha256 = sha256Of(canonicalJson(testimony));
    const path = `/api/worker/jobs/${held.job.id}/result`;
    const body = { lease: held.lease, result: { ...result, testimony: sha256 } };
    expect((await ask(lab.url, key, { path, body })).body).toEqual({ kind: 'missing', blobs: [sha256] });
    expect((await report(testimony)).body).toEqual({ kind: 'recorded', id: 1 });
    expect(await lab.store.results.testimony(1)).toBe(sha256);
    expect((await ask(lab.url, key, { path, body })).body).toEqual({ kind: 'already', id: 1 });
    const told = await fetch(`${lab.url}/api/rebuilds/1/testimony`);
    expect([told.status, await told.text()]).toEqual([200, canonicalJson(testimony)]);
  });

  it('may be left out, as workers do that know nothing of it', async () => {
    const { lab, report, testimony } = await leased();
    expect((await report(testimony, { testimony: undefined })).body).toEqual({ kind: 'recorded', id: 1 });
    expect(await lab.store.results.testimony(1)).toBeUndefined();
  });

  it('is refused with its result where it cannot be of this job, or is not well-formed', async () => {
    const { lab, testimony, report, held } = await leased();
    for (const [what, change] of FALSE) expect(await report(change(testimony)), what).toMatchObject(INVALID);
    expect((await lab.store.results.results({}, {})).total).toBe(0);
    expect(await lab.store.jobs.job(held.job.id)).toMatchObject({ state: 'leased' });
    expect((await report(testimony)).body).toEqual({ kind: 'recorded', id: 1 });
  });

  it('is refused where it is too large', async () => {
    const { lab, testimony, report } = await leased({ routes: { limits: { testimonyBytes: 1000 } } });
    expect(await report(testimony)).toMatchObject({ status: 413, body: { error: { code: 'REQUEST_TOO_LARGE' } } });
    expect((await lab.store.results.results({}, {})).total).toBe(0);
  });

  it('is refused where its bytes are not those of its name', async () => {
    const { lab, testimony, key, held } = await leased();
    const path = `/api/worker/jobs/${held.job.id}/blobs/${sha256Of('other')}?lease=${held.lease}`;
    const bytes = Buffer.from(canonicalJson(testimony));
    expect(await ask(lab.url, key, { method: 'PUT', path, bytes })).toMatchObject(INVALID);
  });

  it('of an earlier lease is refused with a later one, also from another worker', async () => {
    const { lab, testimony, report, result, held, content } = await leased();
    expect((await report(testimony)).body).toEqual({ kind: 'recorded', id: 1 });
    await lab.store.jobs.ask({ buildInputId: held.input.id }, { kind: 'manual' });
    const other = await registered(lab.url);
    const later = await claimJob(lab, other.key);
    const told = { ...result, testimony: sha256Of(canonicalJson(testimony)) };
    const path = `/api/worker/jobs/${later.job.id}/result`;
    // Its bytes are here, so that nobody asks for them.
    expect(await ask(lab.url, other.key, { path, body: { lease: later.lease, result: told } })).toMatchObject(INVALID);
    expect((await lab.store.results.results({}, {})).total).toBe(1);
    const own = Buffer.from(canonicalJson(testimonyFor(later, content)));
    const place = `/api/worker/jobs/${later.job.id}/blobs/${sha256Of(own)}?lease=${later.lease}`;
    await ask(lab.url, other.key, { method: 'PUT', path: place, bytes: own });
    const body = { lease: later.lease, result: { ...result, testimony: sha256Of(own) } };
    expect((await ask(lab.url, other.key, { path, body })).body).toEqual({ kind: 'recorded', id: 2 });
  });

  it('is told of by fsck when it is gone, and no rule of retention lets it go', async () => {
    const { lab, testimony, report } = await leased();
    await report(testimony);
    const sha256 = sha256Of(canonicalJson(testimony));
    const rules = { logSeconds: 0, fileSeconds: 0, newest: 1, graceSeconds: 0 };
    await prune({ data: lab.folder, database: lab.database, blobs: lab.blobs }, rules, { really: true });
    expect(await lab.blobs.path(sha256)).toBeDefined();
    expect(await fsck(lab, { quick: false })).toMatchObject({ ok: true, orphaned: 0 });
    await lab.blobs.remove(sha256, '2100-01-01T00:00:00.000Z');
    expect(await fsck(lab, { quick: true })).toMatchObject({ ok: false, missing: [{ sha256, by: 'result 1' }] });
  });
});
