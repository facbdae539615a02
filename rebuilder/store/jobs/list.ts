import { type SqlBool, sql } from 'kysely';
import type { Database } from '../database.ts';
import { isPostgres } from '../migrations/dialect.ts';
import type { OriginFilter, Page, PageRequest } from '../page.ts';
import { jobMatches } from './filters.ts';
import { jobOf, jobRows, onJob } from './job-rows.ts';
import type { Job, JobFilter, QueueCounts } from './types.ts';

/** So few are found by an index of their conditions and sorted; of more, the index in their order meets enough soon. */
const FEW = 1_500;

type Column = 'id' | 'priority' | 'queued_at';

export async function listJobs(database: Database, filter: JobFilter, page: PageRequest<Column>): Promise<Page<Job>> {
  return database.read('listing jobs', async (db) => {
    const { total } = await db
      .selectFrom('job')
      .select((eb) => eb.fn.countAll<number>().as('total'))
      .$if(!isEmpty(filter), (query) => query.where(jobMatches(filter)))
      .executeTakeFirstOrThrow();
    const column = `job.${page.sort ?? 'id'}` as const;
    const direction = page.direction === 'descending' ? 'desc' : 'asc';
    // PostgreSQL weighs by itself which index is the shorter way.
    let query = jobRows(db).orderBy(column, direction);
    if (isPostgres(db as never)) query = query.where(jobMatches(filter));
    else if (Number(total) > FEW) query = query.where(jobMatches(filter, 'in order'));
    else {
      const few = sql`with few as materialized ${onJob().selectFrom('job').select('job.id').where(jobMatches(filter))} select id from few`;
      query = query.where(sql<SqlBool>`job.id in (${few})`);
    }
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

/** Short walks of an index each: nothing waits for its time but what was put off, for nothing is queued in the future. */
export async function countJobs(database: Database, filter: OriginFilter): Promise<QueueCounts> {
  const now = database.now();
  return database.read('counting jobs', async (db) => {
    const count = async (state?: Job['state'], after?: string): Promise<number> => {
      let query = db.selectFrom('job').select((eb) => eb.fn.countAll<number>().as('count'));
      // Without a condition SQLite has the number at hand.
      if (!isEmpty(filter)) query = query.where(jobMatches(filter));
      if (state !== undefined) query = query.where('job.state', '=', state);
      if (after !== undefined) query = query.where('job.not_before', '>', after);
      return Number((await query.executeTakeFirstOrThrow()).count);
    };
    const [running, all, pending] = [await count('leased'), await count(), await count('queued', now)];
    return { running, available: Math.max(0, all - running - pending), pending };
  });
}

function isEmpty(filter: JobFilter): boolean {
  return Object.values(filter).every((value) => value === undefined);
}
