import type { Database } from '../database.ts';
import { isPostgres } from '../migrations/dialect.ts';
import type { OriginFilter, Page, PageRequest } from '../page.ts';
import { jobMatches } from './filters.ts';
import { jobOf, jobRows, onJob } from './job-rows.ts';
import type { Job, JobFilter, QueueCounts } from './types.ts';

type Column = 'id' | 'priority' | 'queued_at';

export async function listJobs(database: Database, filter: JobFilter, page: PageRequest<Column>): Promise<Page<Job>> {
  return database.read('listing jobs', async (db) => {
    const { total } = await db
      .selectFrom('job')
      .select((eb) => eb.fn.countAll<number>().as('total'))
      .where(jobMatches(filter))
      .executeTakeFirstOrThrow();
    const column = `job.${page.sort ?? 'id'}` as const;
    const direction = page.direction === 'descending' ? 'desc' : 'asc';
    // PostgreSQL weighs by itself which index is the shorter way.
    const matches = jobMatches(filter, isPostgres(db as never) ? 'anyhow' : 'in order');
    let query = jobRows(db).where(matches).orderBy(column, direction);
    if (column !== 'job.id') query = query.orderBy('job.id', direction);
    for (const [cursor, towards] of [
      [page.after, direction === 'asc' ? '>' : '<'],
      [page.before, direction === 'asc' ? '<' : '>'],
    ] as const) {
      if (cursor === undefined) continue;
      const row = await db.selectFrom('job').selectAll().where('id', '=', cursor).executeTakeFirst();
      if (row === undefined) return { total: Number(total), records: [] };
      const eb = onJob();
      query = query.where(
        eb(eb.refTuple(column, 'job.id'), towards, eb.tuple(row[page.sort ?? 'id'], cursor) as never),
      );
    }
    if (page.limit !== undefined) query = query.limit(page.limit);
    const rows = await query.execute();
    return { total: Number(total), records: rows.map(jobOf) };
  });
}

export async function readJob(database: Database, id: number): Promise<Job | undefined> {
  const row = await database.read(`reading job ${id}`, (db) => jobRows(db).where('job.id', '=', id).executeTakeFirst());
  return row === undefined ? undefined : jobOf(row);
}

/** Three short walks of an index each: nothing waits for its time but what was put off, for nothing is queued in the future. */
export async function countJobs(database: Database, filter: OriginFilter): Promise<QueueCounts> {
  const now = database.now();
  return database.read('counting jobs', async (db) => {
    const count = async (state: Job['state'], after?: string): Promise<number> => {
      let query = db
        .selectFrom('job')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('job.state', '=', state)
        .where(jobMatches(filter));
      if (after !== undefined) query = query.where('job.not_before', '>', after);
      return Number((await query.executeTakeFirstOrThrow()).count);
    };
    const [running, queued, pending] = [await count('leased'), await count('queued'), await count('queued', now)];
    return { running, available: Math.max(0, queued - pending), pending };
  });
}
