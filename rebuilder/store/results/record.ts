import type { Database, Queries } from '../database.ts';
import { heldJob } from '../jobs/leases.ts';
import { PRIORITY } from '../jobs/types.ts';
import { type InputRow, lockInput } from './input-row.ts';
import { insertArtifacts, insertResult } from './record-rows.ts';
import { changeFrom, learnedFrom, settles, showOnInput, showOnPackages } from './record-status.ts';
import { countsAfter, type FailureCounts, retryAt } from './retry.ts';
import type { Recorded, ResultEntry, RetryPolicy } from './types.ts';

/** ResultStore.record: one transaction, so that a result is there whole, with all that follows from it, or not at all. */
export async function record(
  database: Database,
  job: { readonly jobId: number; readonly lease: number },
  { entry, retry }: { readonly entry: ResultEntry; readonly retry: RetryPolicy },
): Promise<Recorded> {
  const now = database.now();
  return database.write(`recording the result of job ${job.jobId}`, async (db) => {
    // The job's row first: a second report of the same lease waits here until the first is recorded.
    const held = await heldJob(db, job, now);
    // A lease's number can be guessed: where the reporter is known, it has to be who holds it.
    const stranger = entry.workerId !== undefined && held?.worker_id !== entry.workerId;
    if (held === undefined || stranger) return earlierReport(db, job);
    const input = await lockInput(db, held.build_input_id);
    const counts = countsOf(input);
    const id = await insertResult(db, entry, {
      build_input_id: input.id,
      job_id: job.jobId,
      lease: job.lease,
      worker_id: entry.workerId ?? held.worker_id,
      change: await changeFrom(db, input, entry),
      retries: counts.buildFailures + counts.ourFailures + counts.differing,
    });
    const artifacts = await insertArtifacts(db, id, entry.artifacts);
    const after = countsAfter(counts, entry);
    const settled = await settles(db, input, entry);
    await db
      .updateTable('build_input')
      .set({
        build_failures: after.buildFailures,
        our_failures: after.ourFailures,
        differing: after.differing,
        ...learnedFrom(input, entry),
        ...(settled ? showOnInput(entry, id) : {}),
      })
      .where('id', '=', input.id)
      .execute();
    if (settled) await showOnPackages(db, { inputId: input.id, resultId: id, status: entry.status, artifacts });
    await db.deleteFrom('job').where('id', '=', job.jobId).execute();
    const at = held.cancel_requested === 1 ? undefined : retryAt(after, entry, retry);
    if (at !== undefined) await queueRetry(db, input.id, { now, at });
    return { kind: 'recorded', id };
  });
}

async function earlierReport(
  db: Queries,
  { jobId, lease }: { readonly jobId: number; readonly lease: number },
): Promise<Recorded> {
  const row = await db
    .selectFrom('result')
    .select('id')
    .where('job_id', '=', jobId)
    .where('lease', '=', lease)
    .executeTakeFirst();
  return row === undefined ? { kind: 'lease lost' } : { kind: 'already', id: row.id };
}

function countsOf(input: InputRow): FailureCounts {
  return { buildFailures: input.build_failures, ourFailures: input.our_failures, differing: input.differing };
}

/** A job of its own: ids are never used again, and the one that ended names its result. */
async function queueRetry(
  db: Queries,
  inputId: number,
  { now, at }: { readonly now: string; readonly at: string },
): Promise<void> {
  await db
    .insertInto('job')
    .values({
      build_input_id: inputId,
      kind: 'retry',
      priority: PRIORITY.retry,
      queued_at: now,
      not_before: at,
      state: 'queued',
      worker_id: null,
      lease: null,
      leased_at: null,
      heartbeat_at: null,
      expires_at: null,
      cancel_requested: 0,
      stage: null,
      requested_by: null,
    })
    .execute();
}
