import type { ReasonKind } from '../../../model/index.ts';
import type { Queries } from '../database.ts';
import { idAmong } from '../list-page.ts';
import { resultOf } from './rows.ts';
import type { Result } from './types.ts';

/** ResultStore.resultsOf. */
export async function readResultsOf(db: Queries, ids: readonly number[]): Promise<ReadonlyMap<number, Result>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('result')
    .selectAll()
    .where(idAmong(db, 'id', ids))
    .execute();
  return new Map(rows.map((row) => [row.id, resultOf(row)]));
}

/** ResultStore.causesOf. */
export async function readCausesOf(
  db: Queries,
  ids: readonly number[],
): Promise<ReadonlyMap<number, readonly ReasonKind[]>> {
  const found = new Map<number, ReasonKind[]>();
  if (ids.length === 0) return found;
  const rows = await db
    .selectFrom('result_cause')
    .selectAll()
    .where(idAmong(db, 'result_id', ids))
    .orderBy('result_id')
    .orderBy('cause')
    .execute();
  for (const { result_id, cause } of rows) {
    const known = found.get(result_id);
    if (known === undefined) found.set(result_id, [cause as ReasonKind]);
    else known.push(cause as ReasonKind);
  }
  return found;
}
