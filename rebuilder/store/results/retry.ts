import { secondsAfter } from '../seconds-after.ts';
import type { ResultEntry, RetryPolicy } from './types.ts';

/** How often in a row an input failed to build, failed by our doing, and came out different. */
export type FailureCounts = {
  readonly buildFailures: number;
  readonly ourFailures: number;
  readonly differing: number;
};

const NONE: FailureCounts = { buildFailures: 0, ourFailures: 0, differing: 0 };
const HOUR_SECONDS = 3600;
/** Past this many doublings a wait is longer than any of it matters, and dates stay dates. */
const MOST_DOUBLINGS = 14;

/** Which count a result is one of; undefined where trying again would say nothing new. */
function countOf(entry: ResultEntry): keyof FailureCounts | undefined {
  if (!entry.decides) return 'ourFailures';
  if (entry.status !== 'BAD') return undefined;
  return entry.verdict === 'failed-to-build' ? 'buildFailures' : 'differing';
}

/** The counts once a result is in. Our failures say nothing of the package and so end no row of the others. */
export function countsAfter(before: FailureCounts, entry: ResultEntry): FailureCounts {
  const count = countOf(entry);
  if (count === undefined) return NONE;
  const kept = count === 'ourFailures' ? before : NONE;
  return { ...kept, [count]: before[count] + 1 };
}

/** When to try again: the n-th time in a row after base * 2^(n-1) hours; undefined past the limit, or where there is no need. */
export function retryAt(after: FailureCounts, entry: ResultEntry, policy: RetryPolicy): string | undefined {
  const count = countOf(entry);
  if (count === undefined) return undefined;
  const times = after[count];
  const limit = policy.limits[count];
  if (limit !== undefined && times > limit) return undefined;
  const hours = policy.baseHours * 2 ** Math.min(times - 1, MOST_DOUBLINGS);
  return secondsAfter(entry.builtAt, hours * HOUR_SECONDS);
}
