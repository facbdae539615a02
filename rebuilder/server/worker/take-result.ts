import { ReproofError, type Sha256 } from '../../../model/index.ts';
import { readingOf } from '../../queue/reading.ts';
import type { ResultEntry, RetryPolicy } from '../../store/results/types.ts';
import { readTestimony } from '../../testimonies.ts';
import { misfitOf, type ReportedResult, type ResultResponse, type WorkerLimits } from '../../worker-protocol/index.ts';
import type { ServerContext } from '../context.ts';
import type { WorkerCaller } from './authenticate.ts';
import { jobOf, keepLease } from './held-job.ts';
import { judgeReported } from './judge-reported.ts';

/**
 * Ends a job with what its worker reports: once, whoever asks how often. Blobs that it names and this server lacks are
 * asked for first. Throws REQUEST_INVALID for what cannot be the result of this job, REQUEST_TOO_LARGE for a testimony past
 * its limit; nothing is changed then.
 */
export async function takeResult(
  caller: WorkerCaller,
  { jobId, lease, result }: { readonly jobId: number; readonly lease: number; readonly result: ReportedResult },
  {
    context,
    retry,
    limits,
  }: {
    readonly context: ServerContext;
    readonly retry: RetryPolicy;
    readonly limits: Pick<WorkerLimits, 'leaseSeconds' | 'blobBytes' | 'testimonyBytes'>;
  },
): Promise<ResultResponse> {
  const { store, blobs } = context;
  const job = await jobOf(caller, jobId, context);
  if (job === undefined) {
    const ended = await store.results.resultOfJob(jobId);
    return ended?.workerId === caller.worker.id ? { kind: 'already', id: ended.id } : { kind: 'lease lost' };
  }
  const input = await store.packages.buildInput(job.buildInputId);
  if (input === undefined)
    throw new ReproofError('JOB_UNKNOWN', `recording the result of job ${jobId}: what it builds is gone`);
  const here = new Set<Sha256>();
  const missing = new Set<Sha256>();
  for (const sha256 of blobsOf(result, limits.blobBytes))
    ((await blobs.path(sha256)) === undefined ? missing : here).add(sha256);
  const judged = judgeReported(input.files, result, here);
  if (judged.kind === 'refused')
    throw new ReproofError('REQUEST_INVALID', `recording the result of job ${jobId}: ${judged.why}`);
  if (missing.size > 0) {
    const held = await keepLease(caller, { jobId, lease }, { context, leaseSeconds: limits.leaseSeconds });
    return held === 'lost' ? { kind: 'lease lost' } : { kind: 'missing', blobs: [...missing] };
  }
  if (result.testimony !== undefined) {
    const testimony = await readTestimony(blobs, result.testimony, limits.testimonyBytes);
    const { rebuildId } = result;
    const misfit = misfitOf(testimony, { job: jobId, lease, rebuildId, input, artifacts: judged.artifacts });
    if (misfit !== undefined)
      throw new ReproofError('REQUEST_INVALID', `recording the result of job ${jobId}: its testimony: ${misfit}`);
  }
  const entry = { ...entryOf(result), workerId: caller.worker.id, artifacts: judged.artifacts };
  return store.results.record({ jobId, lease }, entry, retry);
}

/** The blobs of a result: those that are too large to be taken are not asked for. */
function blobsOf(result: ReportedResult, blobBytes: number): ReadonlySet<Sha256> {
  const files = result.artifacts.flatMap(({ rebuilt, difference, report }) => [
    rebuilt !== undefined && rebuilt.size <= blobBytes ? rebuilt.sha256 : undefined,
    difference,
    report,
  ]);
  return new Set(
    [...files, result.log?.sha256, result.record, result.testimony].filter((sha256) => sha256 !== undefined),
  );
}

function entryOf(result: ReportedResult): Omit<ResultEntry, 'artifacts'> {
  const { artifacts: _, ...reported } = result;
  return { ...reported, origin: 'ours', ...readingOf(result) };
}
