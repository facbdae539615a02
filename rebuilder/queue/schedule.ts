import { setTimeout as sleep } from 'node:timers/promises';
import type { JobStore } from '../store/jobs/types.ts';

/** How old verdicts are looked at again: those from before `afterDays` days, the oldest first, so many a day. */
export type Reverification = { readonly afterDays: number; readonly perDay: number };

export type ScheduleOptions = {
  readonly jobs: Pick<JobStore, 'reap' | 'ask' | 'jobs'>;
  /** Undefined: verdicts stand. */
  readonly reverify?: Reverification;
  /** Whether this is the one of several servers that looks at them. Always when not given. */
  readonly mayReverify?: () => Promise<boolean>;
  /** How often leases that ended are looked for, and how often old verdicts. */
  readonly reapSeconds: number;
  readonly reverifySeconds: number;
  readonly now: () => Date;
  /** Told of what went wrong; the schedule goes on. */
  readonly onError: (error: unknown) => void;
};

/** A running schedule. `stop` ends it when what it was doing is done. */
export type Schedule = { readonly stop: () => Promise<void> };

const DAY_SECONDS = 86_400;

/** Does what nobody asks for: ends leases that ran out, and queues old verdicts to be looked at again. */
export function startSchedule(options: ScheduleOptions): Schedule {
  const controller = new AbortController();
  const { signal } = controller;
  const every = async (seconds: number, work: () => Promise<unknown>): Promise<void> => {
    while (!signal.aborted) {
      await work().catch(options.onError);
      await sleep(seconds * 1000, undefined, { signal, ref: false }).catch(() => {});
    }
  };
  const { reverify, mayReverify = async () => true } = options;
  const running = [
    every(options.reapSeconds, () => options.jobs.reap()),
    ...(reverify === undefined
      ? []
      : [
          every(options.reverifySeconds, async () => {
            if (await mayReverify()) await queueOldVerdicts(reverify, options);
          }),
        ]),
  ];
  return {
    stop: async () => {
      controller.abort();
      await Promise.all(running);
    },
  };
}

/** One step: the share of a day's number that is due, less what still waits of earlier steps. How many it queued. */
export async function queueOldVerdicts(
  { afterDays, perDay }: Reverification,
  { jobs, now, reverifySeconds }: Pick<ScheduleOptions, 'jobs' | 'now' | 'reverifySeconds'>,
): Promise<number> {
  const due = Math.max(1, Math.round((perDay * reverifySeconds) / DAY_SECONDS));
  const { total } = await jobs.jobs({ kind: 'reverify', state: 'queued' }, { limit: 1 });
  if (perDay <= 0 || total >= due) return 0;
  const decidedBefore = new Date(now().getTime() - afterDays * DAY_SECONDS * 1000).toISOString();
  return jobs.ask({ decidedBefore, limit: due - total }, { kind: 'reverify', requestedBy: 'schedule' });
}
