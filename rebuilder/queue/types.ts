import type { LeasedJob } from '../store/jobs/types.ts';
import type { Recorded, ResultEntry } from '../store/results/types.ts';

/** What a build in progress tells, and how it is stopped. */
export type ExecutionWatch = {
  /** Aborted when the build is to stop: the reason says why. */
  readonly signal: AbortSignal;
  /** The stage it is in now. */
  readonly stage: (stage: string) => void;
  /** A line of the build's log, as the package wrote it: hostile text. */
  readonly log: (line: string) => void;
};

/**
 * Makes a result of a leased job. Whatever goes wrong is a result that decides nothing; it throws only when `signal`
 * aborts, and then nothing of the build runs on.
 */
export interface Executor {
  run(leased: LeasedJob, watch: ExecutionWatch): Promise<ResultEntry>;
}

/** Where the logs of running builds go, by job, for whoever follows them. Neither waits, and neither throws. */
export interface BuildLogs {
  /** Adds to a job's log, which begins with its first text. Text is as the package wrote it: hostile. */
  append(jobId: number, text: string): void;
  /** Ends a job's log. */
  end(jobId: number): void;
}

/** What a worker says of itself, for logs and metrics. */
export type WorkerEvent =
  | { readonly kind: 'began'; readonly leased: LeasedJob }
  | { readonly kind: 'recorded'; readonly leased: LeasedJob; readonly entry: ResultEntry; readonly recorded: Recorded }
  | { readonly kind: 'given back'; readonly leased: LeasedJob; readonly why: 'cancelled' | 'stopping' }
  | { readonly kind: 'lease lost'; readonly leased: LeasedJob }
  | { readonly kind: 'trouble'; readonly doing: string; readonly error: unknown };
