import type { Queries } from '../database.ts';
import { lockingRows } from '../jobs/job-rows.ts';

/** The input's row, nobody else's until the transaction ends: what is counted on it is counted once. */
export async function lockInput(db: Queries, id: number) {
  const query = db.selectFrom('build_input').selectAll().where('id', '=', id);
  return lockingRows(db, query).executeTakeFirstOrThrow();
}

export type InputRow = Awaited<ReturnType<typeof lockInput>>;
