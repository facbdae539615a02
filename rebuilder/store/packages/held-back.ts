import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { compareVersions, isVersion } from '../../ecosystem/debian/version.ts';
import type { Queries } from '../database.ts';
import { guarded } from '../list-page.ts';
import type { OriginFilter, Status } from '../page.ts';
import { given, releaseOf } from './rows.ts';

/** How many source packages of a place are held back by a cause. */
export type CauseCount = {
  readonly distribution: string;
  readonly release?: string;
  readonly cause: string;
  readonly packages: number;
};

/** How many source packages of a place are not reproducible for the reason of their shown result; a verdict may have none. */
export type ReasonCount = {
  readonly distribution: string;
  readonly release?: string;
  readonly verdict: string;
  readonly reason?: string;
  readonly packages: number;
};

/** Most that a list of regressions can have. */
const MOST_REGRESSED = 10_000;

/** Unreproducible source packages that are listed now, by what their shown results say of their differences. */
export async function readCauses(db: Queries): Promise<readonly CauseCount[]> {
  const rows = await db
    .selectFrom('source_package as source')
    .innerJoin('result_cause as its', 'its.result_id', 'source.result_id')
    .select(({ fn }) => ['source.distribution', 'source.release', 'its.cause', fn.countAll<number>().as('packages')])
    .where(listedWith(db, ['BAD']))
    .groupBy(['source.distribution', 'source.release', 'its.cause'])
    .execute();
  return rows
    .map(({ release, ...row }) => ({ ...row, ...releaseOf(release), packages: Number(row.packages) }))
    .sort((left, right) => right.packages - left.packages || (left.cause < right.cause ? -1 : 1));
}

/** Statuses of what is not reproducible, of which it is told by what shown results say. */
export const SHOWN_STATUSES: readonly string[] = ['BAD', 'FAIL', 'UNKWN'] satisfies Status[];

/** How many source packages are alike in what their shown results say. */
export type ShownGroup = {
  readonly distribution: string;
  readonly release: string;
  readonly status: string;
  readonly verdict: string;
  readonly reason: string | null;
  readonly packages: number;
};

/** The same by what the results say alone. */
export function reasonsOf(groups: readonly ShownGroup[]): readonly ReasonCount[] {
  const counts = new Map<string, ReasonCount>();
  for (const { distribution, release, verdict, reason, packages } of groups) {
    const key = JSON.stringify([distribution, release, verdict, reason]);
    counts.set(key, {
      distribution,
      ...releaseOf(release),
      verdict,
      ...given('reason', reason),
      packages: packages + (counts.get(key)?.packages ?? 0),
    });
  }
  return [...counts.values()].sort(
    (left, right) => right.packages - left.packages || (keyOf(left) < keyOf(right) ? -1 : 1),
  );
}

/** Of `source`: what is listed now and has one of these statuses, by their index. */
export function listedWith(db: Queries, statuses: readonly string[]): RawBuilder<SqlBool> {
  return sql<SqlBool>`${guarded(db)('source.seen')} = 1
    and coalesce(${sql.ref('source.status')}, '') in (${sql.join([...statuses])})`;
}

function keyOf({ verdict, reason }: { readonly verdict: string; readonly reason?: string }): string {
  return `${verdict} ${reason ?? ''}`;
}

/** Those of a place; `component` and `architecture` are not looked at. */
export function countsIn<Count extends { readonly distribution: string; readonly release?: string }>(
  counts: readonly Count[],
  { distribution, release }: OriginFilter,
): readonly Count[] {
  return counts.filter(
    (count) =>
      (distribution === undefined || count.distribution === distribution) &&
      (release === undefined || (count.release ?? '') === (release ?? '')),
  );
}

/**
 * Ids of source packages that are listed and unreproducible now while an older version of the same source package in the
 * same distribution was reproduced: what Debian's migration keeps out of testing. At most 10,000.
 */
export async function readRegressed(db: Queries): Promise<readonly number[]> {
  const { rows } = await sql<{ id: number; version: string; other: string }>`
    select source_package.id as id, source_package.version as version, build_input.version as other
    from source_package join build_input on build_input.source = source_package.name
      and build_input.distribution = source_package.distribution
      and build_input.version <> source_package.version and build_input.status = 'GOOD'
    where source_package.seen = 1 and coalesce(source_package.status, '') = 'BAD'`.execute(db);
  const older = rows.filter(
    ({ version, other }) => isVersion(version) && isVersion(other) && compareVersions(other, version) < 0,
  );
  return [...new Set(older.map(({ id }) => Number(id)))].slice(0, MOST_REGRESSED);
}
