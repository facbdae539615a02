import { setTimeout as sleep } from 'node:timers/promises';
import PQueue from 'p-queue';
import { ReproofError } from '../../model/index.ts';
import type { Capabilities, JobStore, LeasedJob } from '../store/jobs/types.ts';
import type { ResultEntry, ResultStore, RetryPolicy } from '../store/results/types.ts';
import { keepLease } from './keep-lease.ts';
import { failedResult } from './result-of.ts';
import type { BuildLogs, Executor, WorkerEvent } from './types.ts';
import type { WakeUps } from './wake-ups.ts';

export type LocalWorkerOptions = {
  readonly jobs: Pick<JobStore, 'claim' | 'heartbeat' | 'giveBack'>;
  readonly results: Pick<ResultStore, 'record'>;
  readonly executor: Executor;
  readonly worker: { readonly id: number; readonly capabilities: Capabilities };
  /** How many builds run at once. */
  readonly builds: number;
  readonly retry: RetryPolicy;
  readonly leaseSeconds: number;
  /** Well under the lease, so that some may fail. */
  readonly heartbeatSeconds: number;
  /** How long it waits before it looks again, where nothing woke it. */
  readonly pollSeconds: number;
  /** How long it takes no job after our own machinery failed a build; it doubles with each in a row, up to 64 times. */
  readonly pauseSeconds: number;
  readonly wakeUps?: WakeUps;
  readonly logs?: BuildLogs;
  readonly onEvent: (event: WorkerEvent) => void;
  readonly now: () => Date;
};

/** Workers in this process. */
export interface LocalWorker {
  /** The jobs it holds. */
  running(): readonly LeasedJob[];
  /**
   * Takes no more jobs and waits for those that run; after `graceSeconds` they are stopped and handed back. Ends when
   * nothing runs any more, or `stopSeconds` after the builds were told to stop: then leases end by themselves.
   */
  stop(limits: { readonly graceSeconds: number; readonly stopSeconds: number }): Promise<void>;
}

const MOST_DOUBLINGS = 6;
const RECORD_PAUSE_MILLISECONDS = 500;
const RECORD_PAUSE_MOST_MILLISECONDS = 30_000;
const STOPPING = new ReproofError('INTERRUPTED', 'the service is stopping');

/** Claims and runs jobs until it is stopped. */
export function startLocalWorker(options: LocalWorkerOptions): LocalWorker {
  const { jobs, onEvent } = options;
  const queue = new PQueue({ concurrency: options.builds });
  const stopping = new AbortController();
  const held = new Map<number, LeasedJob>();
  let draining = false;
  let filling: Promise<void> | undefined;
  let again = false;
  let failures = 0;
  let pausedUntil = 0;

  const fill = async (): Promise<void> => {
    while (!draining && held.size < options.builds && performance.now() >= pausedUntil) {
      const leased = await jobs.claim(options.worker, options.leaseSeconds);
      if (leased === undefined) return;
      held.set(leased.lease, leased);
      void queue
        .add(() => work(leased))
        .finally(() => {
          held.delete(leased.lease);
          look();
        });
    }
  };
  const look = (): void => {
    if (draining) return;
    again = true;
    filling ??= (async () => {
      while (again) {
        again = false;
        await fill().catch((error: unknown) => onEvent({ kind: 'trouble', doing: 'claiming a job', error }));
      }
      filling = undefined;
    })();
  };
  const work = async (leased: LeasedJob): Promise<void> => {
    onEvent({ kind: 'began', leased });
    const entry = await runLeased(leased, { ...options, stopping: stopping.signal }).catch((error: unknown) => {
      onEvent({ kind: 'trouble', doing: `working on job ${leased.job.id}`, error });
      return undefined;
    });
    const ours = entry?.reason === 'infrastructure';
    failures = ours ? failures + 1 : 0;
    if (ours)
      pausedUntil = performance.now() + options.pauseSeconds * 1000 * 2 ** Math.min(failures - 1, MOST_DOUBLINGS);
  };

  const stopListening = options.wakeUps?.onWake(look);
  const polling = setInterval(look, options.pollSeconds * 1000);
  look();
  return {
    running: () => [...held.values()],
    stop: async ({ graceSeconds, stopSeconds }) => {
      draining = true;
      clearInterval(polling);
      stopListening?.();
      await filling;
      await atMost(graceSeconds, queue.onIdle());
      stopping.abort(STOPPING);
      await atMost(stopSeconds, queue.onIdle());
    },
  };
}

async function atMost(seconds: number, done: Promise<void>): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  await Promise.race([done, sleep(seconds * 1000, undefined, { signal }).catch(() => {})]);
  controller.abort();
}

/** A leased job to its recorded result; undefined where it was given back or is somebody else's now. */
async function runLeased(
  leased: LeasedJob,
  options: LocalWorkerOptions & { readonly stopping: AbortSignal },
): Promise<ResultEntry | undefined> {
  const { job, lease } = leased;
  const startedAt = options.now().toISOString();
  const keeping = keepLease(leased, options);
  try {
    const signal = AbortSignal.any([keeping.signal, options.stopping]);
    const entry = await options.executor
      .run(leased, {
        signal,
        stage: keeping.stage,
        log: (line) => options.logs?.append(job.id, `${line}\n`),
      })
      .catch((error: unknown) =>
        signal.aborted ? undefined : failedResult(error, { startedAt, builtAt: options.now().toISOString() }),
      );
    if (keeping.state() === 'lost') return void options.onEvent({ kind: 'lease lost', leased });
    if (entry !== undefined) return await report(leased, { ...entry, workerId: options.worker.id }, options);
    const why = keeping.state() === 'cancelled' ? 'cancelled' : 'stopping';
    await options.jobs.giveBack(job.id, lease);
    return void options.onEvent({ kind: 'given back', leased, why });
  } finally {
    keeping.stop();
    options.logs?.end(job.id);
  }
}

/** Reports until the store has answered: its result is worth a build. The lease is kept meanwhile. */
async function report(
  leased: LeasedJob,
  entry: ResultEntry,
  options: LocalWorkerOptions & { readonly stopping: AbortSignal },
): Promise<ResultEntry | undefined> {
  const { job, lease } = leased;
  for (let pause = RECORD_PAUSE_MILLISECONDS; ; pause = Math.min(pause * 2, RECORD_PAUSE_MOST_MILLISECONDS)) {
    try {
      const recorded = await options.results.record({ jobId: job.id, lease }, entry, options.retry);
      if (recorded.kind === 'lease lost') options.onEvent({ kind: 'lease lost', leased });
      else options.onEvent({ kind: 'recorded', leased, entry, recorded });
      return recorded.kind === 'lease lost' ? undefined : entry;
    } catch (error) {
      options.onEvent({ kind: 'trouble', doing: `recording the result of job ${job.id}`, error });
    }
    if (options.stopping.aborted) return undefined;
    await sleep(pause, undefined, { signal: options.stopping }).catch(() => {});
  }
}
