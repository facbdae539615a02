import { describe, expect, it } from 'vitest';
import type { EnvironmentLock } from '../../../model/index.ts';
import { parseBuildInfo } from '../../../rebuilder/ecosystem/debian/buildinfo.ts';
import { readDrift } from '../../../rebuilder/server/environment-drift.ts';
import { createStore } from '../../../rebuilder/store/rebuilds.ts';
import { attestedPlan } from '../../helpers/attested-rebuild.ts';
import { sampleRequest } from '../../helpers/sample-record.ts';
import { smallBuildInfo } from '../../helpers/small-buildinfo.ts';
import { leaseTestified } from '../../helpers/testified-job.ts';
import { serveWorkers } from '../../helpers/worker-lab.ts';

/** The lock of a rebuild with the compiler that the .buildinfo names. */
function lockWithCompiler(): EnvironmentLock {
  const { lock } = attestedPlan();
  const [first, ...others] = lock.layers;
  const [sample] = first?.packages ?? [];
  if (first === undefined || sample === undefined) throw new Error('the sample has a package');
  const compiler = { ...sample, name: 'gcc-14', version: '14.2.0-19' };
  return { ...lock, layers: [{ ...first, packages: [...first.packages, compiler] }, ...others] };
}

/** A server, and a rebuild in its own store with what it ran in. */
async function withOwnRebuild() {
  const lab = await serveWorkers();
  const store = createStore(lab.database);
  const rebuildId = await store.createRebuild(sampleRequest);
  const buildInfo = parseBuildInfo(smallBuildInfo, 'less.buildinfo');
  const time = { startedAt: '2026-01-02T03:04:05.000Z', wallSeconds: 1 };
  await store.saveStage(rebuildId, { stage: 'source', value: { recorded: { buildInfo } }, ...time });
  await store.saveStage(rebuildId, { stage: 'lock', value: lockWithCompiler(), ...time });
  const job = await leaseTestified(lab);
  const resultOf = async (id: number) => {
    const result = await lab.store.results.result(id);
    if (result === undefined) throw new Error('it was recorded');
    return result;
  };
  return { lab, job, rebuildId, resultOf };
}

describe('how an environment differs from the one that a .buildinfo names', () => {
  it('is told of a build of this store from what it left', async () => {
    const { lab, job, rebuildId, resultOf } = await withOwnRebuild();
    const worker = await lab.store.access.registerWorker({
      ...{ name: 'here', key: 'local:1', kind: 'local', capabilities: { architectures: ['amd64'] } },
    });
    const at = '2026-01-01T00:00:00.000Z';
    const id = await lab.store.results.importResult(job.held.input.id, {
      ...{ origin: 'ours', workerId: worker.id, rebuildId, startedAt: at, builtAt: at },
      ...{ status: 'GOOD', verdict: 'reproducible', decides: true, artifacts: [] },
    });
    expect(await readDrift(lab, await resultOf(id))).toEqual({
      changes: [{ name: 'base-files', theirs: '13.8' }],
      same: 1,
      by: 'here',
    });
  });

  it('is never that of a rebuild of this store where a worker elsewhere names its id', async () => {
    const { lab, job, rebuildId, resultOf } = await withOwnRebuild();
    await job.report(job.testimony, { rebuildId, testimony: undefined });
    expect(await readDrift(lab, await resultOf(1))).toBeUndefined();
  });

  it('is not told where what the worker said is damaged', async () => {
    const { lab, job, resultOf } = await withOwnRebuild();
    await job.report(job.testimony);
    const sha256 = (await lab.store.results.testimony(1)) ?? '';
    expect(await readDrift(lab, await resultOf(1))).toMatchObject({ by: 'worker' });
    await lab.blobs.remove(sha256, '9999-01-01T00:00:00.000Z');
    expect(await readDrift(lab, await resultOf(1))).toBeUndefined();
  });
});
