import type { KeyObject } from 'node:crypto';
import { canonicalJson, sha256Of } from '../../model/index.ts';
import type { LeasedJob } from '../../rebuilder/store/jobs/types.ts';
import type { Testimony } from '../../rebuilder/worker-protocol/index.ts';
import { attestedPlan } from './attested-rebuild.ts';
import { makeDeb } from './debian-packages.ts';
import { seedInput } from './seed-inputs.ts';
import { smallBuildInfo } from './small-buildinfo.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { ask, type HandAnswer, registered, type WorkerLab } from './worker-lab.ts';

export const TESTIFIED = 'less_668-1_amd64.deb';

/** A job of a package that is published with real bytes, in the hands of a worker that says how it built it. */
export type TestifiedJob = {
  readonly key: KeyObject;
  readonly workerId: number;
  readonly held: LeasedJob;
  /** The published package, and what came out: the same bytes unless a test says otherwise. */
  readonly bytes: Buffer;
  readonly content: { readonly sha256: string; readonly size: number };
  /** What the worker may say of this very lease. */
  readonly testimony: Testimony;
  readonly result: Readonly<Record<string, unknown>>;
  readonly upload: (bytes: Uint8Array) => Promise<HandAnswer>;
  /** Uploads the testimony as canonical JSON, or as these bytes, and reports the result with it. */
  readonly report: (said: object | Uint8Array, change?: Readonly<Record<string, unknown>>) => Promise<HandAnswer>;
};

/**
 * Leases the job, of a release by this name; the package's bytes are uploaded already. `unlisted`: a package beside it of
 * which no digest is listed.
 */
export async function leaseTestified(
  lab: WorkerLab,
  { release = 'trixie', unlisted }: { readonly release?: string; readonly unlisted?: string } = {},
): Promise<TestifiedJob> {
  const control = { Package: 'less', Version: '668-1', Architecture: 'amd64' };
  const { bytes } = await makeDeb(await temporaryFolder(), control, { 'usr/bin/less': Buffer.from('more') });
  const content = { sha256: sha256Of(bytes), size: bytes.length };
  const { key, id: workerId } = await registered(lab.url);
  const buildInputId = await seedInput(lab.database, {
    ...{ source: 'less', version: '668-1', release },
    binaries: ['less', ...(unlisted === undefined ? [] : [unlisted])],
  });
  await lab.database.write('publishing', async (db) => {
    await db.updateTable('binary_package').set(content).where('name', '=', 'less').execute();
    await db.updateTable('binary_package').set({ sha256: null, size: null }).where('name', '<>', 'less').execute();
  });
  await lab.store.jobs.ask({ buildInputId }, { kind: 'manual' });
  const held = await claimJob(lab, key);
  const upload = (given: Uint8Array): Promise<HandAnswer> => uploadFor(lab, { key, held }, given);
  const result = {
    rebuildId: '7q2mk4zr5xwa',
    startedAt: '2026-01-02T03:04:05.000Z',
    builtAt: '2026-01-02T03:06:00.000Z',
    verdict: 'reproducible',
    detail: 'Every published file came out byte for byte.',
    artifacts: [{ name: 'less', fileName: TESTIFIED, verdict: 'identical', published: content, rebuilt: content }],
  };
  await upload(bytes);
  return {
    ...{ key, workerId, held, bytes, content, result, upload },
    testimony: testimonyFor(held, content),
    report: async (said, change = {}) => {
      const blob = said instanceof Uint8Array ? said : Buffer.from(canonicalJson(said));
      await upload(blob);
      const reported = { ...result, testimony: sha256Of(blob), ...change };
      const path = `/api/worker/jobs/${held.job.id}/result`;
      return ask(lab.url, key, { path, body: { lease: held.lease, result: reported } });
    },
  };
}

/** The next job, as a worker claims it. */
export async function claimJob(lab: WorkerLab, key: KeyObject): Promise<LeasedJob> {
  const answer = await ask(lab.url, key, { path: '/api/worker/claim', body: { waitSeconds: 0 } });
  return answer.body.job as LeasedJob;
}

function uploadFor(
  lab: WorkerLab,
  { key, held }: { readonly key: KeyObject; readonly held: LeasedJob },
  bytes: Uint8Array,
): Promise<HandAnswer> {
  const path = `/api/worker/jobs/${held.job.id}/blobs/${sha256Of(bytes)}?lease=${held.lease}`;
  return ask(lab.url, key, { method: 'PUT', path, bytes });
}

/** A testimony of a lease: the plan of attested-rebuild.ts, whose one file is published with these bytes. */
export function testimonyFor({ job, lease }: LeasedJob, content: TestifiedJob['content']): Testimony {
  const plan = attestedPlan();
  const expected = plan.expected.filter(({ name }) => name === TESTIFIED).map((file) => ({ ...file, ...content }));
  return {
    schema: 'reproof-testimony/1',
    job: job.id,
    lease,
    rebuild: '7q2mk4zr5xwa',
    plan: { ...plan, basis: 'recorded', expected },
    buildInfo: smallBuildInfo,
    rootfs: '3'.repeat(64),
    engine: { name: 'docker', version: '27.5.1' },
    verified: [
      { kind: 'index', archive: 'debian', suite: 'trixie', path: 'main/source/Sources.xz', sha256: '1'.repeat(64) },
    ],
    reproof: '0.1.0',
  };
}
