import { canonicalJson, type Published, type RebuildPlan, type RebuildRecord, type Sha256 } from '../../model/index.ts';
import type { BlobStore, ServiceStore } from '../store/index.ts';
import type { LeasedJob } from '../store/jobs/types.ts';
import type { ResultArtifact } from '../store/results/types.ts';
import { misfitOf, type Testimony, testimony, WORKER_LIMITS } from '../worker-protocol/index.ts';

/** Where a worker's own rebuilds are. */
export type OwnRebuilds = {
  readonly stages: ServiceStore['stages'];
  readonly blobs: Pick<BlobStore, 'put'>;
};

/**
 * Keeps what this machine alone saw of a build as a blob for the server: the plan with the environment's lock, the
 * .buildinfo, the root file system. Undefined where there was no environment, and where the server would take it for
 * another job's (a client may name things otherwise than the archive): the result goes without it.
 */
export async function testify(
  {
    record,
    leased,
    artifacts,
  }: {
    readonly record: RebuildRecord;
    readonly leased: LeasedJob;
    readonly artifacts: readonly ResultArtifact[];
  },
  { stages, blobs }: OwnRebuilds,
): Promise<Sha256 | undefined> {
  const { id, environment, engine, verified, reproof } = record;
  if (environment === undefined) return undefined;
  const plan = (await stages.stage(id, 'plan'))?.value as RebuildPlan | undefined;
  if (plan === undefined) return undefined;
  const { recorded } = ((await stages.stage(id, 'source'))?.value ?? {}) as Partial<Published>;
  const job = leased.job.id;
  const { lease, input } = leased;
  const said = testimony.safeParse({
    schema: 'reproof-testimony/1',
    ...{ job, lease, rebuild: id, plan, rootfs: environment.rootfsDigest, verified, reproof },
    ...(recorded === undefined ? {} : { buildInfo: recorded.buildInfo.text }),
    ...(engine === undefined ? {} : { engine }),
  } satisfies Testimony);
  if (!said.success || misfitOf(said.data, { job, lease, rebuildId: id, input, artifacts }) !== undefined)
    return undefined;
  const bytes = Buffer.from(canonicalJson(said.data));
  if (bytes.length > WORKER_LIMITS.testimonyBytes) return undefined;
  return (await blobs.put('testimony.json', one(bytes), bytes.length)).sha256;
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
