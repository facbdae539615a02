import { type SqlBool, sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { all, guarded, termsOf } from '../list-page.ts';
import { resultTerms, termsToFindBy } from './filter.ts';
import type { ResultFilter } from './types.ts';

/** How many results are alike in what lists are most often filtered by. `day` is YYYY-MM-DD, of when they were built. */
type Group = {
  readonly day: string;
  readonly distribution: string;
  readonly release: string;
  readonly architecture: string;
  readonly component: string;
  readonly status: string;
  readonly verdict: string;
  readonly change: string | null;
  readonly results: number;
};

/** Counts of results. They are append-only: what was counted once up to an id stays so. */
export type ResultCensus = {
  /** How many results a filter finds. */
  readonly count: (filter: ResultFilter) => Promise<number>;
};

/** Ids newer than the newest by this many are counted anew each time: another transaction may still fill a gap in them. */
const UNSETTLED = 500;
const IDS_AT_ONCE = 20_000;
const MOST_KEPT = 1_000;
const IN_GROUPS: readonly (keyof ResultFilter)[] = [
  'distribution',
  'release',
  'architecture',
  'component',
  'status',
  'verdict',
  'change',
  'since',
];

/** A census of a database's results, made in pieces between which others are served, when first asked. */
export function createResultCensus(database: Database): ResultCensus {
  const settled = new Map<string, Group>();
  const kept = new Map<string, { readonly upTo: number; readonly count: number }>();
  /** Whole counts, each as long as no result is added. */
  const totals = new Map<string, { readonly stamp: string; readonly total: number }>();
  let upTo = 0;
  let settling: Promise<void> | undefined;
  const settle = async (newest: number): Promise<void> => {
    while (upTo < newest - UNSETTLED) {
      const next = Math.min(upTo + IDS_AT_ONCE, newest - UNSETTLED);
      for (const group of await database.read('counting results', (db) => readGroups(db, upTo, next))) {
        const { results: _, ...alike } = group;
        const key = JSON.stringify(Object.values(alike));
        settled.set(key, { ...group, results: group.results + (settled.get(key)?.results ?? 0) });
      }
      upTo = next;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const groups = async (newest: number): Promise<readonly Group[]> => {
    if (upTo < newest - 2 * UNSETTLED) settling ??= settle(newest).finally(() => (settling = undefined));
    await settling;
    const fresh = await database.read('counting results', (db) => readGroups(db, upTo, newest));
    return [...settled.values(), ...fresh];
  };
  const countKept = async (filter: ResultFilter, key: string, newest: number): Promise<number> => {
    const before = kept.get(key) ?? { upTo: 0, count: 0 };
    const next = Math.max(before.upTo, newest - UNSETTLED);
    const count =
      next > before.upTo
        ? before.count + (await database.read('counting results', (db) => countRange(db, filter, before.upTo, next)))
        : before.count;
    keep(kept, key, { upTo: next, count });
    return count + (await database.read('counting results', (db) => countRange(db, filter, next, newest)));
  };
  const countGrouped = async (filter: ResultFilter, newest: number): Promise<number> => {
    const { since } = filter;
    const matching = (await groups(newest)).filter((group) => isIn(group, filter));
    const sum = matching.reduce((total, group) => total + group.results, 0);
    return since === undefined
      ? sum
      : sum + (await database.read('counting results', (db) => countRestOfDay(db, filter, since)));
  };
  return {
    count: async (filter) => {
      const { newest, stamp } = await database.read('counting results', stampOf);
      const key = JSON.stringify(Object.entries(filter).sort());
      const before = totals.get(key);
      if (before?.stamp === stamp) return before.total;
      const total = isGrouped(filter) ? await countGrouped(filter, newest) : await countKept(filter, key, newest);
      keep(totals, key, { stamp, total });
      return total;
    },
  };
}

function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MOST_KEPT && oldest !== undefined) map.delete(oldest);
}

function isGrouped(filter: ResultFilter): boolean {
  const isKnown = Object.entries(filter).every(
    ([key, value]) => value === undefined || IN_GROUPS.includes(key as keyof ResultFilter),
  );
  return isKnown && (filter.since === undefined || /^\d{4}-\d\d-\d\d/.test(filter.since));
}

/** The newest id, and what changes whenever a result is added: one may fill a gap among the newest ids. */
async function stampOf(db: Queries): Promise<{ readonly newest: number; readonly stamp: string }> {
  const row = await db.selectFrom('result').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst();
  const newest = row?.id ?? 0;
  const { count } = await db
    .selectFrom('result')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('id', '>', newest - 2 * UNSETTLED)
    .executeTakeFirstOrThrow();
  return { newest, stamp: `${newest} ${count}` };
}

async function readGroups(db: Queries, after: number, upTo: number): Promise<readonly Group[]> {
  if (after >= upTo) return [];
  const { rows } =
    await sql<Group>`select substr(built_at, 1, 10) as day, distribution, release, architecture, component,
      status, verdict, change, count(*) as results
    from result where id > ${after} and id <= ${upTo} group by 1, 2, 3, 4, 5, 6, 7, 8`.execute(db);
  return rows.map((row) => ({ ...row, results: Number(row.results) }));
}

function isIn(group: Group, filter: ResultFilter): boolean {
  const { distribution, release, architecture, component, status, verdict, change, since } = filter;
  return (
    (verdict === undefined || verdict.includes(group.verdict)) &&
    (component === undefined || group.component === component) &&
    (distribution === undefined || group.distribution === distribution) &&
    (release === undefined || group.release === (release ?? '')) &&
    (architecture === undefined || group.architecture === architecture) &&
    (status === undefined || (status as readonly string[]).includes(group.status)) &&
    (change === undefined || (group.change !== null && (change as readonly string[]).includes(group.change))) &&
    (since === undefined || group.day > since.slice(0, 10))
  );
}

/** Of the day that `since` lies in, what was built at or after it. */
async function countRestOfDay(db: Queries, filter: ResultFilter, since: string): Promise<number> {
  const { since: _, ...others } = filter;
  const conditions = [
    sql<SqlBool>`result.built_at >= ${since}`,
    sql<SqlBool>`result.built_at < ${`${since.slice(0, 10)}U`}`,
    ...termsOf(Object.values(resultTerms(others)), guarded(db)),
  ];
  const { rows } = await sql<{ total: number }>`select count(*) as total from result ${all(conditions)}`.execute(db);
  return Number(rows[0]?.total ?? 0);
}

async function countRange(db: Queries, filter: ResultFilter, after: number, upTo: number): Promise<number> {
  if (after >= upTo) return 0;
  const terms = termsToFindBy(filter, guarded(db));
  // From the beginning by the index that finds least; what is new by its ids.
  const range = [sql<SqlBool>`result.id <= ${upTo}`, ...(after === 0 ? [] : [sql<SqlBool>`result.id > ${after}`])];
  const conditions =
    after === 0 ? [...terms, ...range] : [...termsOf(Object.values(resultTerms(filter)), guarded(db)), ...range];
  const { rows } = await sql<{ total: number }>`select count(*) as total from result ${all(conditions)}`.execute(db);
  return Number(rows[0]?.total ?? 0);
}
