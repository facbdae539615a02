import { setTimeout as sleep } from 'node:timers/promises';
import type { DutyStore } from '../store/duties.ts';
import type { Pruned } from '../store/index.ts';

/** How often it is looked whether a day is over since the last time. */
const LOOK_MILLISECONDS = 600_000;
const EVERY_MILLISECONDS = 86_400_000;
/** A server that dies at it lets another begin after so long. */
const HELD_SECONDS = 7 * 3600;

export type RetentionSchedule = {
  readonly duties: DutyStore;
  readonly holder: string;
  readonly run: (signal: AbortSignal) => Promise<Pruned>;
  readonly now: () => Date;
  readonly onDone: (pruned: Pruned) => void;
  /** Told of what went wrong; it is tried again when it is looked next. */
  readonly onError: (error: unknown) => void;
};

/** Runs retention once a day, by one of several servers, whenever the last time was. Settles after `signal` aborted. */
export async function keepRetention(options: RetentionSchedule, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await runIfDue(options, signal).catch((error: unknown) => {
      if (!signal.aborted) options.onError(error);
    });
    await sleep(LOOK_MILLISECONDS, undefined, { signal }).catch(() => {});
  }
}

/** One look. Whether it ran. */
export async function runIfDue(
  { duties, holder, run, now, onDone }: RetentionSchedule,
  signal: AbortSignal,
): Promise<boolean> {
  const isDue = async () => {
    const done = await duties.doneAt('retention');
    return done === undefined || Date.parse(done) + EVERY_MILLISECONDS <= now().getTime();
  };
  if (!(await isDue()) || !(await duties.take('retention', holder, HELD_SECONDS))) return false;
  try {
    // Another may have done it between the look and the taking.
    if (!(await isDue())) return false;
    onDone(await run(signal));
    await duties.noteDone('retention', holder);
    return true;
  } finally {
    await duties.release('retention', holder);
  }
}
