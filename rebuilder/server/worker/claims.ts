import { setTimeout as pause } from 'node:timers/promises';
import type { LeasedJob } from '../../store/jobs/types.ts';
import type { ServerContext } from '../context.ts';
import type { WorkerCaller } from './authenticate.ts';

const FIRST_PAUSE_MILLIS = 250;
const LONGEST_PAUSE_MILLIS = 4000;
/** How long a count of the queue serves all who wait. */
const COUNT_MILLIS = 250;

/** Gives jobs to workers that wait for them. */
export type Claims = {
  /** The next job for a worker, or none after `waitSeconds` or once the signal aborts. */
  readonly claim: (
    caller: WorkerCaller,
    options: { readonly waitSeconds: number; readonly leaseSeconds: number; readonly signal: AbortSignal },
  ) => Promise<LeasedJob | undefined>;
};

/** A claim writes; while nothing is ready, all who wait look at one count, which only reads. */
export function openClaims({ store, stopping }: Pick<ServerContext, 'store' | 'stopping'>): Claims {
  let count: { readonly at: number; readonly ready: Promise<boolean> } | undefined;
  const anyReady = (): Promise<boolean> => {
    const now = performance.now();
    if (count === undefined || now - count.at > COUNT_MILLIS)
      count = { at: now, ready: store.jobs.counts({}).then(({ available }) => available > 0) };
    return count.ready;
  };
  return {
    claim: async ({ worker }, { waitSeconds, leaseSeconds, signal }) => {
      const until = performance.now() + waitSeconds * 1000;
      const ended = AbortSignal.any([signal, stopping]);
      for (let millis = FIRST_PAUSE_MILLIS; ; millis = Math.min(millis * 2, LONGEST_PAUSE_MILLIS)) {
        if (ended.aborted) return undefined;
        if (await anyReady()) {
          const leased = await store.jobs.claim({ id: worker.id, capabilities: worker.capabilities }, leaseSeconds);
          if (leased !== undefined) return leased;
        }
        const left = until - performance.now();
        if (left <= 0) return undefined;
        await pause(Math.min(millis, left), undefined, { signal: ended }).catch(() => {});
      }
    },
  };
}
