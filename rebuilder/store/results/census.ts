import { type SqlBool, sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { all, guarded, termsOf } from '../list-page.ts';
import { whileUnchanged } from '../while-unchanged.ts';
import { resultTerms, termsToFindBy } from './filter.ts';
import { type ResultGroup, ResultGroups, readGroups } from './groups.ts';
import type { ResultFilter } from './types.ts';

/** Counts of results. They are append-only: what was counted once up to an id stays so. */
export type ResultCensus = {
  /** How many results a filter finds. */
  readonly count: (filter: ResultFilter) => Promise<number>;
  /** Counts of results that were built on or after a day (YYYY-MM-DD). */
  readonly since: (day: string) => Promise<readonly ResultGroup[]>;
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

/** A census of a database's results, made aside and in pieces when first asked. */
export function createResultCensus(database: Database): ResultCensus {
  const counting = <T>(work: (db: Queries) => Promise<T>) => database.readAside('counting results', work);
  const newestNow = whileUnchanged(database, () => database.read('counting results', stampOf));
  const settled = new ResultGroups();
  const kept = new Map<string, { readonly upTo: number; readonly count: number }>();
  /** Whole counts, each as long as no result is added. */
  const totals = new Map<string, { readonly stamp: string; readonly total: Promise<number> }>();
  let fresh: { readonly stamp: string; readonly part: Promise<Fresh> } | undefined;
  /** What was asked for last, as long as no result is added. */
  let recent: { readonly stamp: string; readonly day: string; readonly groups: readonly ResultGroup[] } | undefined;
  let upTo = 0;
  let settling: Promise<void> | undefined;
  const settle = async (newest: number): Promise<void> => {
    while (upTo < newest - UNSETTLED) {
      const [after, next] = [upTo, Math.min(upTo + IDS_AT_ONCE, newest - UNSETTLED)];
      settled.add(await counting((db) => readGroups(db, after, next)));
      upTo = next;
    }
  };
  const readFresh = async (newest: number): Promise<Fresh> => {
    if (upTo < newest - 2 * UNSETTLED) settling ??= settle(newest).finally(() => (settling = undefined));
    await settling;
    const after = upTo;
    return { after, groups: new ResultGroups(await counting((db) => readGroups(db, after, newest))) };
  };
  /** What is not settled, to be added at once to what is. */
  const freshNow = async ({ newest, stamp }: Newest): Promise<ResultGroups> => {
    if (fresh?.stamp !== stamp) fresh = { stamp, part: readFresh(newest) };
    const { after, groups } = await fresh.part;
    if (after === upTo) return groups;
    // Meanwhile some of it was settled for one who came later.
    fresh = undefined;
    return freshNow(await newestNow());
  };
  const countGrouped = async (filter: ResultFilter, state: Newest): Promise<number> => {
    const { since } = filter;
    const groups = await freshNow(state);
    const sum = groups.count(filter) + settled.count(filter);
    return since === undefined ? sum : sum + (await counting((db) => countRestOfDay(db, filter, since)));
  };
  const countKept = async (filter: ResultFilter, key: string, newest: number): Promise<number> => {
    const before = kept.get(key) ?? { upTo: 0, count: 0 };
    const next = Math.max(before.upTo, newest - UNSETTLED);
    const count =
      next > before.upTo
        ? before.count + (await counting((db) => countRange(db, filter, before.upTo, next)))
        : before.count;
    keep(kept, key, { upTo: next, count });
    return count + (await database.read('counting results', (db) => countRange(db, filter, next, newest)));
  };
  return {
    since: async (day) => {
      const state = await newestNow();
      if (recent?.stamp === state.stamp && recent.day === day) return recent.groups;
      const groups = [...(await freshNow(state)).since(day), ...settled.since(day)];
      recent = { stamp: state.stamp, day, groups };
      return groups;
    },
    count: async (filter) => {
      const state = await newestNow();
      const key = JSON.stringify(Object.entries(filter).sort());
      const before = totals.get(key);
      if (before?.stamp === state.stamp) return before.total;
      const total = isGrouped(filter) ? countGrouped(filter, state) : countKept(filter, key, state.newest);
      keep(totals, key, { stamp: state.stamp, total });
      total.catch(() => totals.delete(key));
      return total;
    },
  };
}

/** What lies behind the settled ids, which end with `after`. */
type Fresh = { readonly after: number; readonly groups: ResultGroups };
type Newest = { readonly newest: number; readonly stamp: string };

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
async function stampOf(db: Queries): Promise<Newest> {
  const row = await db.selectFrom('result').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst();
  const newest = row?.id ?? 0;
  const { count } = await db
    .selectFrom('result')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('id', '>', newest - 2 * UNSETTLED)
    .executeTakeFirstOrThrow();
  return { newest, stamp: `${newest} ${count}` };
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
