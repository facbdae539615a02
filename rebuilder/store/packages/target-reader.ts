import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { readPageIds } from '../list-page.ts';
import { whileUnchanged } from '../while-unchanged.ts';
import { type AskedBinaries, binariesAfter, binariesOf, binaryRequest } from './read.ts';
import type { BinaryPackage } from './types.ts';

/** A moment of the database, as far as rows of binary packages go. */
export type RowMark = { readonly result: number; readonly rest: string };

/** Reads binary packages for one who keeps them between lists. Of SQLite, where results are committed in the order of ids. */
export type TargetReader = {
  readonly ids: (asked: AskedBinaries) => Promise<readonly number[]>;
  readonly of: (ids: readonly number[]) => Promise<readonly BinaryPackage[]>;
  /** Those with the ids next after one, in their order. */
  readonly following: (id: number, atMost: number) => Promise<readonly BinaryPackage[]>;
  /** What is no longer as it was at a mark: rows of these ids, or any. What is read afterwards is as of `mark`, or newer. */
  readonly changedSince: (
    before: RowMark | undefined,
  ) => Promise<{ readonly mark: RowMark; readonly changed: 'any' | readonly number[] }>;
};

/** With more new results than this it is no longer asked which rows they changed. */
const MOST_RESULTS = 500;

export function targetReader(database: Database): TargetReader {
  const markNow = whileUnchanged(database, () => database.read('listing binary packages', readMark));
  return {
    ids: (asked) => readPageIds(database, binaryRequest(database, asked)),
    of: (ids) => database.read('listing binary packages', (db) => binariesOf(db, ids)),
    following: (id, atMost) => database.read('listing binary packages', (db) => binariesAfter(db, id, atMost)),
    changedSince: async (before) => {
      const mark = await markNow();
      return database.read('listing binary packages', (db) => changedSince(db, before, mark));
    },
  };
}

/** Rows change by imports, each of which raises its profile's revision, and by results: those of the same input. */
async function readMark(db: Queries): Promise<RowMark> {
  const { rows } = await sql<{ result: number; rest: string }>`select
    coalesce((select max(id) from result), 0) as result,
    json_array((select max(id) from binary_package), (select sum(revision) from profile),
      (select max(finished_at) from profile)) as rest`.execute(db);
  return rows[0] ?? { result: 0, rest: '' };
}

async function changedSince(db: Queries, before: RowMark | undefined, mark: RowMark) {
  if (before === undefined || before.rest !== mark.rest || mark.result - before.result > MOST_RESULTS)
    return { mark, changed: 'any' as const };
  if (mark.result === before.result) return { mark, changed: [] };
  const changed = await db
    .selectFrom('binary_package')
    .select('id')
    .where('build_input_id', 'in', (eb) =>
      eb.selectFrom('result').select('build_input_id').where('id', '>', before.result).where('id', '<=', mark.result),
    )
    .execute();
  return { mark, changed: changed.map(({ id }) => id) };
}
