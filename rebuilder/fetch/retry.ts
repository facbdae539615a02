import { setTimeout as pause } from 'node:timers/promises';
import { isReproofError } from '../../model/index.ts';
import { interrupted } from './failure.ts';

/** How often what may pass is tried, and how long to wait between: backoffMillis, twice that, four times, ... */
export type RetryPolicy = {
  readonly tries: number;
  readonly backoffMillis: number;
  /** Upper limit of one wait, whatever a server's Retry-After says. */
  readonly longestWaitMillis: number;
};

/** Waits; throws INTERRUPTED when the signal comes first. */
export async function wait(millis: number, options: { name: string; signal: AbortSignal }): Promise<void> {
  try {
    await pause(millis, undefined, { signal: options.signal });
  } catch {
    throw interrupted(options.name);
  }
}

/** Runs `attempt` again while it fails with what may pass, and tries are left; throws its last failure. */
export async function retrying<T>(
  policy: RetryPolicy,
  options: { readonly name: string; readonly signal: AbortSignal },
  attempt: () => Promise<T>,
): Promise<T> {
  for (let done = 1; ; done++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isReproofError(error) || error.context.passes !== true || done >= policy.tries) throw error;
      const asked = error.context.retryAfterMillis;
      const millis = typeof asked === 'number' ? asked : policy.backoffMillis * 2 ** (done - 1);
      await wait(Math.min(millis, policy.longestWaitMillis), options);
    }
  }
}
