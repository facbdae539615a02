import { sql } from 'kysely';
import type { Queries } from '../database.ts';
import type { ResultFilter } from './types.ts';

/** What results are most often filtered by, beside the time. */
type Alike = {
  readonly distribution: string;
  readonly release: string;
  readonly architecture: string;
  readonly component: string;
  readonly status: string;
  readonly verdict: string;
  readonly reason: string | null;
  readonly change: string | null;
};

/** How many results of one day are alike in all of it. `day` is YYYY-MM-DD, of when they were built. */
export type ResultGroup = Alike & { readonly day: string; readonly results: number };

/** Reads the groups of results whose ids lie behind `after`, up to `upTo`. */
export async function readGroups(db: Queries, after: number, upTo: number): Promise<readonly ResultGroup[]> {
  if (after >= upTo) return [];
  const { rows } =
    await sql<ResultGroup>`select substr(built_at, 1, 10) as day, distribution, release, architecture, component,
      status, verdict, reason, change, count(*) as results
    from result where id > ${after} and id <= ${upTo} group by 1, 2, 3, 4, 5, 6, 7, 8, 9`.execute(db);
  return rows.map((row) => ({ ...row, results: Number(row.results) }));
}

/** Counts of results that are alike: a few hundred kinds, each with its days. */
export class ResultGroups {
  readonly #kinds = new Map<string, { readonly alike: Alike; readonly days: Map<string, number>; results: number }>();

  constructor(groups: readonly ResultGroup[] = []) {
    this.add(groups);
  }

  add(groups: readonly ResultGroup[]): void {
    for (const { day, results, ...alike } of groups) {
      const key = JSON.stringify(Object.values(alike));
      const kind = this.#kinds.get(key) ?? { alike, days: new Map<string, number>(), results: 0 };
      kind.days.set(day, results + (kind.days.get(day) ?? 0));
      kind.results += results;
      this.#kinds.set(key, kind);
    }
  }

  /** Those of this day and later. */
  since(first: string): readonly ResultGroup[] {
    return [...this.#kinds.values()].flatMap(({ alike, days }) =>
      [...days].filter(([day]) => day >= first).map(([day, results]) => ({ day, results, ...alike })),
    );
  }

  /** How many a filter finds; with `since`, of the days after the one that it lies in. */
  count(filter: ResultFilter): number {
    const since = filter.since?.slice(0, 10);
    let count = 0;
    for (const { alike, days, results } of this.#kinds.values()) {
      if (!isIn(alike, filter)) continue;
      if (since === undefined) count += results;
      else for (const [day, ofDay] of days) count += day > since ? ofDay : 0;
    }
    return count;
  }
}

function isIn(alike: Alike, filter: ResultFilter): boolean {
  const { distribution, release, architecture, component, status, verdict, change } = filter;
  return (
    (verdict === undefined || verdict.includes(alike.verdict)) &&
    (component === undefined || alike.component === component) &&
    (distribution === undefined || alike.distribution === distribution) &&
    (release === undefined || alike.release === (release ?? '')) &&
    (architecture === undefined || alike.architecture === architecture) &&
    (status === undefined || (status as readonly string[]).includes(alike.status)) &&
    (change === undefined || (change as readonly (string | null)[]).includes(alike.change))
  );
}
