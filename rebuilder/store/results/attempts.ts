import type { OriginFilter } from '../page.ts';
import type { ResultGroup } from './groups.ts';
import type { AttemptCount } from './types.ts';

type Draft<Value> = { -readonly [Key in keyof Value]: Value[Key] };

/** Sorts after every reason. */
const LAST = '\u{10ffff}';

/** Of everywhere: the census gives the same groups as long as no result is added. */
const everywhere = new WeakMap<readonly ResultGroup[], readonly AttemptCount[]>();

/** ResultStore.attempts: what is alike by day, place, verdict and reason as one. `component` is not looked at. */
export function attemptsOf(groups: readonly ResultGroup[], filter: OriginFilter): readonly AttemptCount[] {
  const { distribution, release, architecture } = filter;
  if (distribution !== undefined || release !== undefined || architecture !== undefined)
    return countAttempts(groups, filter);
  const counts = everywhere.get(groups) ?? countAttempts(groups, filter);
  everywhere.set(groups, counts);
  return counts;
}

function countAttempts(groups: readonly ResultGroup[], filter: OriginFilter): readonly AttemptCount[] {
  const { distribution, release, architecture } = filter;
  const counts = new Map<string, Draft<AttemptCount>>();
  for (const group of groups) {
    if (distribution !== undefined && group.distribution !== distribution) continue;
    if (release !== undefined && group.release !== (release ?? '')) continue;
    if (architecture !== undefined && group.architecture !== architecture) continue;
    const { day, verdict, reason } = group;
    const key = [day, group.distribution, group.release, group.architecture, verdict, reason ?? LAST].join('\0');
    const known = counts.get(key);
    if (known !== undefined) {
      known.attempts += group.results;
      continue;
    }
    const { results: attempts } = group;
    const one: Draft<AttemptCount> = {
      day,
      distribution: group.distribution,
      architecture: group.architecture,
      verdict,
      attempts,
    };
    if (group.release !== '') one.release = group.release;
    if (reason !== null) one.reason = reason;
    counts.set(key, one);
  }
  return [...counts].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, count]) => count);
}
