import type { Database } from '../database.ts';
import { jobMatches } from './filters.ts';
import type { JobFilter } from './types.ts';

/** JobStore.cancel. Marked first: a row that is ours cannot change its state under the second statement. */
export async function cancel(database: Database, filter: JobFilter): Promise<number> {
  return database.write('cancelling jobs', async (db) => {
    const { numUpdatedRows } = await db
      .updateTable('job')
      .set({ cancel_requested: 1 })
      .where(jobMatches(filter))
      .executeTakeFirst();
    await db
      .deleteFrom('job')
      .where('job.state', '=', 'queued')
      .where('job.cancel_requested', '=', 1)
      .where(jobMatches(filter))
      .execute();
    return Number(numUpdatedRows);
  });
}

export async function setPriority(database: Database, filter: JobFilter, priority: number): Promise<number> {
  return database.write('setting the priority of jobs', async (db) => {
    const { numUpdatedRows } = await db
      .updateTable('job')
      .set({ priority })
      .where(jobMatches(filter))
      .executeTakeFirst();
    return Number(numUpdatedRows);
  });
}
