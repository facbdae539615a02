import { sql } from 'kysely';
import type { Queries } from '../database.ts';

/** A moment of the database, as far as rows of packages go. */
export type RowMark = { readonly result: number; readonly rest: string };

/** With more new results than this it is no longer asked which rows they changed. */
const MOST_RESULTS = 500;

/** Rows change by imports, each of which raises its profile's revision, and by results: those of the same input. */
export async function readMark(db: Queries): Promise<RowMark> {
  const { rows } = await sql<{ result: number; rest: string }>`select
    coalesce((select max(id) from result), 0) as result,
    json_array((select max(id) from binary_package), (select max(id) from source_package),
      (select sum(revision) from profile), (select max(finished_at) from profile)) as rest`.execute(db);
  return rows[0] ?? { result: 0, rest: '' };
}

/**
 * What is at a mark no longer as it was at one before: binary packages of these ids, or their source packages, or any.
 * Of SQLite, where results are committed in the order of their ids.
 */
export async function changedBetween(
  db: Queries,
  { before, now }: { readonly before: RowMark | undefined; readonly now: RowMark },
  column: 'id' | 'source_package_id',
): Promise<'any' | readonly number[]> {
  if (before === undefined || before.rest !== now.rest || now.result - before.result > MOST_RESULTS) return 'any';
  if (now.result === before.result) return [];
  const changed = await db
    .selectFrom('binary_package')
    .select(`${column} as changed`)
    .distinct()
    .where('build_input_id', 'in', (eb) =>
      eb.selectFrom('result').select('build_input_id').where('id', '>', before.result).where('id', '<=', now.result),
    )
    .execute();
  return changed.map((row) => row.changed);
}
