import { ReproofError } from '../../../model/index.ts';
import type { Heartbeat, Job } from '../../store/jobs/types.ts';
import type { ServerContext } from '../context.ts';
import type { WorkerCaller } from './authenticate.ts';

/** A lease as a request names it, and who does: what is kept for a lease is found under both, or one worker could end another's. */
export type NamedLease = { readonly workerId: number; readonly jobId: number; readonly lease: number };

/** The key under which things of a lease are kept. */
export function leaseKey({ workerId, lease }: NamedLease): string {
  return `${workerId}/${lease}`;
}

/**
 * Keeps a lease, where it is this worker's: a number can be guessed, a key cannot. `lost` for another worker's, whose
 * lease is not touched.
 */
export async function keepLease(
  caller: WorkerCaller,
  { jobId, lease }: Pick<NamedLease, 'jobId' | 'lease'>,
  {
    context,
    leaseSeconds,
    stage,
  }: { readonly context: ServerContext; readonly leaseSeconds: number; readonly stage?: string },
): Promise<Heartbeat> {
  if ((await jobOf(caller, jobId, context)) === undefined) return 'lost';
  return context.store.jobs.heartbeat(jobId, lease, { leaseSeconds, ...(stage === undefined ? {} : { stage }) });
}

/** A job that this worker has; undefined for any other. */
export async function jobOf(caller: WorkerCaller, jobId: number, context: ServerContext): Promise<Job | undefined> {
  const job = await context.store.jobs.job(jobId);
  return job?.workerId === caller.worker.id ? job : undefined;
}

/** The error of an upload for a lease that is over. */
export function leaseLost(jobId: number): ReproofError {
  return new ReproofError('LEASE_LOST', `working on job ${jobId}: the lease is over, or is another worker's`);
}
