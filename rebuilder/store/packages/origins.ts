import type { Queries } from '../database.ts';
import type { OriginFilter } from '../page.ts';
import type { BinaryGroup } from './alike.ts';
import { releaseOf } from './rows.ts';
import type { PackageStore } from './types.ts';

/** Where anything is known of, in order. */
export function places(groups: readonly BinaryGroup[]): Awaited<ReturnType<PackageStore['places']>> {
  const found = new Map(
    groups.map(({ distribution, release, architecture }) => [
      JSON.stringify([distribution, release, architecture]),
      { distribution, ...releaseOf(release), architecture },
    ]),
  );
  return [...found].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, place]) => place);
}

/** Distributions that anything is known of, in order. */
export function distributions(groups: readonly BinaryGroup[]): readonly string[] {
  return [...new Set(groups.map((group) => group.distribution))].sort();
}

/** Releases of a distribution, in order; undefined for packages of none. */
export function releases(groups: readonly BinaryGroup[], distribution: string): readonly (string | undefined)[] {
  const there = groups.filter((group) => group.distribution === distribution).map((group) => group.release);
  return [...new Set(there)].sort().map((release) => releaseOf(release).release);
}

/** Architectures that packages of a distribution, or of one of its releases, are for, in order. */
export function architectures(
  groups: readonly BinaryGroup[],
  distribution: string,
  release: string | null | undefined,
): readonly string[] {
  const there = groups.filter(
    (group) => group.distribution === distribution && (release === undefined || group.release === (release ?? '')),
  );
  return [...new Set(there.map((group) => group.architecture))].sort();
}

/** How many listed packages have each status, by where they are from. */
export function counts(
  groups: readonly BinaryGroup[],
  filter: OriginFilter,
): Awaited<ReturnType<PackageStore['counts']>> {
  const { distribution, release, component, architecture } = filter;
  const there = groups.filter(
    (group) =>
      group.seen === 1 &&
      (distribution === undefined || group.distribution === distribution) &&
      (release === undefined || group.release === (release ?? '')) &&
      (component === undefined || group.component === component) &&
      (architecture === undefined || group.architecture === architecture),
  );
  const places = Map.groupBy(there, (group) =>
    JSON.stringify([group.distribution, group.release, group.component ?? '', group.architecture]),
  );
  return [...places]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([, all]) => {
      const count = (...statuses: (string | null)[]) =>
        all.reduce((sum, group) => sum + (statuses.includes(group.status) ? group.packages : 0), 0);
      return all.slice(0, 1).map((first) => ({
        distribution: first.distribution,
        ...releaseOf(first.release),
        ...(first.component === null ? {} : { component: first.component }),
        architecture: first.architecture,
        good: count('GOOD'),
        bad: count('BAD'),
        fail: count('FAIL'),
        unknown: count('UNKWN', null),
      }));
    });
}

/** What noteDay wrote, oldest day first. */
export async function days(
  db: Queries,
  filter: OriginFilter & { readonly since?: string },
): ReturnType<PackageStore['days']> {
  let query = db
    .selectFrom('daily_status')
    .selectAll()
    .orderBy('day')
    .orderBy('distribution')
    .orderBy('release')
    .orderBy('architecture');
  const { distribution, release, architecture, since } = filter;
  if (distribution !== undefined) query = query.where('distribution', '=', distribution);
  if (release !== undefined) query = query.where('release', '=', release ?? '');
  if (architecture !== undefined) query = query.where('architecture', '=', architecture);
  if (since !== undefined) query = query.where('day', '>=', since);
  return (await query.execute()).map(({ release: name, ...row }) => ({ ...row, ...releaseOf(name) }));
}
