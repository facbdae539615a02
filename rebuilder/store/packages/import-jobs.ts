import { sql } from 'kysely';
import type { Queries } from '../database.ts';
import { PRIORITY } from '../jobs/types.ts';
import { pieces } from './pieces.ts';
import { listedInputs } from './write-files.ts';

const PIECE = 200;

/** Queues inputs that are not known to be reproducible, unless they are queued already. How many. */
export async function queueInputs(
  db: Queries,
  inputs: readonly number[],
  { now, notBefore }: { readonly now: string; readonly notBefore: string | null },
): Promise<number> {
  let queued = 0;
  for (const piece of pieces(inputs, PIECE)) {
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('job')
      .columns([
        'build_input_id',
        'kind',
        'priority',
        'queued_at',
        'not_before',
        'state',
        'cancel_requested',
        'lane_id',
      ])
      .expression((from) =>
        from
          .selectFrom('build_input as input')
          .leftJoin('queue_lane as lane', (join) =>
            join
              .onRef('lane.distribution', '=', 'input.distribution')
              .onRef('lane.release', '=', 'input.release')
              .onRef('lane.architecture', '=', 'input.architecture'),
          )
          .select(['input.id'])
          .select(({ ref, lit, val }) => [
            sql<string>`'new'`.as('kind'),
            lit(PRIORITY.new).as('priority'),
            val(now).as('queued_at'),
            sql<string | null>`cast(${notBefore} as text)`.as('not_before'),
            sql<string>`'queued'`.as('state'),
            lit(0).as('cancel_requested'),
            ref('lane.id').as('lane_id'),
          ])
          .where('input.id', 'in', piece)
          .where(({ or, eb }) =>
            or([eb('input.result_id', 'is', null), eb('input.status', 'is', null), eb('input.status', '<>', 'GOOD')]),
          ),
      )
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow();
    queued += Number(numInsertedOrUpdatedRows ?? 0n);
  }
  return queued;
}

/** Takes jobs of these binary packages' inputs off the queue where nobody lists them, asked for them or runs them. */
export async function dropJobs(db: Queries, binaries: readonly number[]): Promise<number> {
  let dropped = 0;
  for (const piece of pieces(binaries, PIECE)) {
    // By the columns of an index alone: asked of the database, the rest would have it read all that is queued or seen.
    const jobs = await db
      .selectFrom('job')
      .select(['id', 'build_input_id', 'state', 'kind'])
      .where('build_input_id', 'in', (query) =>
        query.selectFrom('binary_package').select('build_input_id').where('id', 'in', piece),
      )
      .execute();
    const waiting = jobs.filter((job) => job.state === 'queued' && job.kind !== 'manual');
    if (waiting.length === 0) continue;
    const inputs = waiting.map((job) => job.build_input_id);
    const listed = await listedInputs(db, inputs);
    const ids = waiting.filter((job) => !listed.has(job.build_input_id)).map((job) => job.id);
    if (ids.length === 0) continue;
    const { numDeletedRows } = await db.deleteFrom('job').where('id', 'in', ids).executeTakeFirstOrThrow();
    dropped += Number(numDeletedRows);
  }
  return dropped;
}
