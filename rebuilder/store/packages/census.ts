import { sql } from 'kysely';
import type { Queries } from '../database.ts';
import { all, type Term, termsOf } from '../list-page.ts';
import type { PackageFilter } from './types.ts';

/** How many binary packages are alike in all that lists are most often filtered by. */
export type CensusGroup = {
  readonly distribution: string;
  readonly release: string;
  readonly component: string | null;
  readonly architecture: string;
  readonly status: string | null;
  readonly seen: number;
  readonly packages: number;
};

/** Counts of lists, kept as long as nothing was imported and no result recorded, and a minute at most. */
export type Census = {
  readonly groups: (db: Queries) => Promise<readonly CensusGroup[]>;
  readonly binaries: (db: Queries, filter: PackageFilter, terms: readonly Term[]) => Promise<number>;
  readonly sources: (db: Queries, filter: PackageFilter, terms: readonly Term[]) => Promise<number>;
};

const KEPT_MILLISECONDS = 60_000;
const MOST_KEPT = 1_000;
const IN_GROUPS = ['distribution', 'release', 'component', 'architecture', 'status', 'seenOnly'];
const IN_SOURCE_GROUPS = IN_GROUPS.filter((key) => key !== 'architecture');

/** A census of a database. `now` gives milliseconds, for how long a count is kept. */
export function createCensus(now: () => number): Census {
  const kept = new Map<string, { readonly value: unknown; readonly stamp: string; readonly until: number }>();
  const remember = async <Value>(db: Queries, key: string, count: () => Promise<Value>): Promise<Value> => {
    const stamp = await stampOf(db);
    const before = kept.get(key);
    if (before !== undefined && before.stamp === stamp && now() < before.until) return before.value as Value;
    const value = await count();
    kept.delete(key);
    kept.set(key, { value, stamp, until: now() + KEPT_MILLISECONDS });
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    return value;
  };
  const groups = (db: Queries) => remember(db, 'groups', () => readGroups(db));
  const count = (
    db: Queries,
    table: 'binary_package' | 'source_package',
    filter: PackageFilter,
    terms: readonly Term[],
  ) =>
    remember(db, `${table} ${JSON.stringify(Object.entries(filter).sort())}`, async () => {
      const { rows } = await sql<{ total: number }>`select count(*) as total from ${sql.table(table)}
        ${all(termsOf(terms))}`.execute(db);
      return Number(rows[0]?.total ?? 0);
    });
  return {
    groups,
    binaries: async (db, filter, terms) =>
      asked(filter).every((key) => IN_GROUPS.includes(key))
        ? (await groups(db)).filter((group) => isIn(group, filter)).reduce((sum, group) => sum + group.packages, 0)
        : count(db, 'binary_package', filter, terms),
    sources: async (db, filter, terms) =>
      asked(filter).every((key) => IN_SOURCE_GROUPS.includes(key))
        ? (await remember(db, 'source groups', () => readSourceGroups(db)))
            .filter((group) => isIn(group, filter))
            .reduce((sum, group) => sum + group.packages, 0)
        : count(db, 'source_package', filter, terms),
  };
}

/** What changes whenever packages or their statuses do: syncs end, packages are added, results are recorded. */
async function stampOf(db: Queries): Promise<string> {
  const { rows } = await sql`select
    (select max(id) from result) as result, (select max(id) from binary_package) as package,
    (select max(id) from source_package) as source, (select max(finished_at) from profile) as sync`.execute(db);
  return JSON.stringify(rows[0]);
}

async function readGroups(db: Queries): Promise<readonly CensusGroup[]> {
  const rows = await db
    .selectFrom('binary_package')
    .select(['seen', 'distribution', 'release', 'component', 'architecture', 'status'])
    .select(sql<number>`count(*)`.as('packages'))
    .groupBy(['seen', 'distribution', 'release', 'component', 'architecture', 'status'])
    .execute();
  return rows.map((row) => ({ ...row, packages: Number(row.packages) }));
}

async function readSourceGroups(db: Queries): Promise<readonly Omit<CensusGroup, 'architecture'>[]> {
  const rows = await db
    .selectFrom('source_package')
    .select(['seen', 'distribution', 'release', 'component', 'status'])
    .select(sql<number>`count(*)`.as('packages'))
    .groupBy(['seen', 'distribution', 'release', 'component', 'status'])
    .execute();
  return rows.map((row) => ({ ...row, packages: Number(row.packages) }));
}

function asked(filter: PackageFilter): readonly string[] {
  return Object.entries(filter)
    .filter(([, value]) => value !== undefined)
    .map(([key]) => key);
}

function isIn(
  group: Omit<CensusGroup, 'architecture'> & { readonly architecture?: string },
  filter: PackageFilter,
): boolean {
  const { distribution, release, component, architecture, status, seenOnly } = filter;
  return (
    (distribution === undefined || group.distribution === distribution) &&
    (release === undefined || group.release === (release ?? '')) &&
    (component === undefined || group.component === component) &&
    (architecture === undefined || group.architecture === architecture) &&
    (status === undefined || (status as readonly string[]).includes(group.status ?? 'none')) &&
    (seenOnly !== true || group.seen === 1)
  );
}
