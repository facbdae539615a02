import { ReproofError } from '../../model/index.ts';
import type { JobStore, LeasedJob } from '../store/jobs/types.ts';
import type { WorkerEvent } from './types.ts';

/** A lease that is kept by heartbeats until `stop`. `signal` aborts when the build is to stop. */
export type KeptLease = {
  readonly signal: AbortSignal;
  readonly state: () => 'kept' | 'cancelled' | 'lost';
  /** Notes the stage the build is in, with the next heartbeat. */
  readonly stage: (stage: string) => void;
  readonly stop: () => void;
};

/**
 * Keeps a lease by heartbeats. A store that cannot be reached is asked again; once the lease must have ended by our own
 * clock it counts as lost, for somebody else may have the job.
 */
export function keepLease(
  { job, lease }: LeasedJob,
  options: {
    readonly jobs: Pick<JobStore, 'heartbeat'>;
    readonly leaseSeconds: number;
    readonly heartbeatSeconds: number;
    readonly onEvent: (event: WorkerEvent) => void;
  },
): KeptLease {
  const controller = new AbortController();
  const { leaseSeconds } = options;
  let state: 'kept' | 'cancelled' | 'lost' = 'kept';
  let stage: string | undefined;
  let keptUntil = performance.now() + leaseSeconds * 1000;
  let beating = false;
  const end = (as: 'cancelled' | 'lost'): void => {
    if (state === 'lost' || state === as) return;
    state = as;
    controller.abort(new ReproofError(as === 'lost' ? 'LEASE_LOST' : 'INTERRUPTED', `job ${job.id}: ${WHY[as]}`));
  };
  const beat = async (): Promise<void> => {
    if (performance.now() >= keptUntil) end('lost');
    if (beating || state === 'lost') return;
    beating = true;
    const asked = performance.now();
    try {
      const answer = await options.jobs.heartbeat(job.id, lease, {
        leaseSeconds,
        ...(stage === undefined ? {} : { stage }),
      });
      if (answer === 'lost') end('lost');
      else keptUntil = asked + leaseSeconds * 1000;
      if (answer === 'cancelled') end('cancelled');
    } catch (error) {
      options.onEvent({ kind: 'trouble', doing: `keeping the lease of job ${job.id}`, error });
    } finally {
      beating = false;
    }
  };
  const timer = setInterval(() => void beat(), options.heartbeatSeconds * 1000);
  return {
    signal: controller.signal,
    state: () => state,
    stage: (name) => {
      stage = name;
      void beat();
    },
    stop: () => clearInterval(timer),
  };
}

const WHY = { cancelled: 'it was cancelled', lost: 'its lease ended' } as const;
