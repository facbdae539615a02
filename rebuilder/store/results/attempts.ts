import type { OriginFilter } from '../page.ts';
import type { ResultGroup } from './groups.ts';
import type { AttemptCount } from './types.ts';

/** ResultStore.attempts: what is alike by day, place, verdict and reason as one. `component` is not looked at. */
export function attemptsOf(groups: readonly ResultGroup[], filter: OriginFilter): readonly AttemptCount[] {
  const { distribution, release, architecture } = filter;
  const counts = new Map<string, AttemptCount>();
  for (const group of groups) {
    if (distribution !== undefined && group.distribution !== distribution) continue;
    if (release !== undefined && group.release !== (release ?? '')) continue;
    if (architecture !== undefined && group.architecture !== architecture) continue;
    const { day, verdict, reason } = group;
    const key = JSON.stringify([day, group.distribution, group.release, group.architecture, verdict, reason]);
    counts.set(key, {
      day,
      distribution: group.distribution,
      ...(group.release === '' ? {} : { release: group.release }),
      architecture: group.architecture,
      verdict,
      ...(reason === null ? {} : { reason }),
      attempts: group.results + (counts.get(key)?.attempts ?? 0),
    });
  }
  return [...counts].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, count]) => count);
}
