import type { Database } from '../database.ts';
import { resultOf } from './rows.ts';
import type { Result } from './types.ts';

/** ResultStore.resultOfJob. */
export async function readResultOfJob(database: Database, jobId: number): Promise<Result | undefined> {
  return database.read(`reading the result of job ${jobId}`, async (db) => {
    const row = await db.selectFrom('result').selectAll().where('job_id', '=', jobId).executeTakeFirst();
    return row === undefined ? undefined : resultOf(row);
  });
}
