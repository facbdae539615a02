import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { secondsAfter } from '../seconds-after.ts';
import { lockingRows } from './job-rows.ts';
import { type Heartbeat, PRIORITY } from './types.ts';

/** A job that so many leases of ended by themselves may be what ends its workers: it waits, and comes after others. */
const LOST_LEASES = 5;
const LOST_WAITS_SECONDS = 6 * 3600;

/** What a job is again when nobody holds it. */
const UNHELD = {
  state: 'queued',
  worker_id: null,
  lease: null,
  leased_at: null,
  heartbeat_at: null,
  expires_at: null,
  stage: null,
} as const;

/** The job of a lease that has not ended, held until the transaction ends; undefined when the lease is over. */
export async function heldJob(
  db: Queries,
  { jobId, lease }: { readonly jobId: number; readonly lease: number },
  now: string,
) {
  const query = db
    .selectFrom('job')
    .select(['id', 'build_input_id', 'worker_id', 'cancel_requested', 'requested_by'])
    .where('id', '=', jobId)
    .where('lease', '=', lease)
    .where('state', '=', 'leased')
    .where('expires_at', '>', now);
  return lockingRows(db, query).executeTakeFirst();
}

export async function heartbeat(
  database: Database,
  held: { readonly jobId: number; readonly lease: number },
  { leaseSeconds, stage }: { readonly leaseSeconds: number; readonly stage?: string },
): Promise<Heartbeat> {
  const asked = database.now();
  return database.write(`keeping the lease of job ${held.jobId}`, async (db) => {
    // Who asked in time and waited for another writer is not late, and the lease begins anew when the wait is over.
    const now = database.now();
    const row = await db
      .updateTable('job')
      .set({
        heartbeat_at: now,
        expires_at: secondsAfter(now, leaseSeconds),
        ...(stage === undefined ? {} : { stage }),
      })
      .where('id', '=', held.jobId)
      .where('lease', '=', held.lease)
      .where('state', '=', 'leased')
      .where('expires_at', '>', asked)
      .returning('cancel_requested')
      .executeTakeFirst();
    if (row === undefined) return 'lost';
    return row.cancel_requested === 1 ? 'cancelled' : 'kept';
  });
}

/** JobStore.leaseOf. */
export async function leaseOf(database: Database, jobId: number, workerId: number): Promise<number | undefined> {
  const row = await database.read(`looking for the lease of job ${jobId}`, (db) =>
    db
      .selectFrom('job')
      .select('lease')
      .where('id', '=', jobId)
      .where('worker_id', '=', workerId)
      .where('state', '=', 'leased')
      .executeTakeFirst(),
  );
  return row?.lease ?? undefined;
}

export async function giveBack(
  database: Database,
  held: { readonly jobId: number; readonly lease: number },
  notBefore: string | undefined,
): Promise<boolean> {
  const now = database.now();
  return database.write(`giving back job ${held.jobId}`, async (db) => {
    const job = await heldJob(db, held, now);
    if (job === undefined) return false;
    if (job.cancel_requested === 1) await db.deleteFrom('job').where('id', '=', job.id).execute();
    else
      await db
        .updateTable('job')
        .set({ ...UNHELD, not_before: notBefore ?? null })
        .where('id', '=', job.id)
        .execute();
    return true;
  });
}

/** JobStore.reap. A build that was to stop has: its job leaves. */
export async function reap(database: Database): Promise<number> {
  const now = database.now();
  const ended = await database.read('looking for leases that ended', (db) =>
    db.selectFrom('job').select('id').where('state', '=', 'leased').where('expires_at', '<=', now).limit(1).execute(),
  );
  if (ended.length === 0) return 0;
  return database.write('ending leases', async (db) => {
    const dropped = await db
      .deleteFrom('job')
      .where('state', '=', 'leased')
      .where('expires_at', '<=', now)
      .where('cancel_requested', '=', 1)
      .executeTakeFirst();
    const lost = db
      .updateTable('job')
      .set({ ...UNHELD, lost_leases: sql`lost_leases + 1` })
      .where('state', '=', 'leased')
      .where('expires_at', '<=', now)
      .where('cancel_requested', '=', 0);
    const often = await lost
      .set({
        priority: sql`case when priority < ${sql.lit(PRIORITY.retry)} then ${sql.lit(PRIORITY.retry)} else priority end`,
        not_before: secondsAfter(now, LOST_WAITS_SECONDS),
      })
      .where('lost_leases', '>=', LOST_LEASES - 1)
      .executeTakeFirst();
    const others = await lost.executeTakeFirst();
    return Number(dropped.numDeletedRows + often.numUpdatedRows + others.numUpdatedRows);
  });
}
