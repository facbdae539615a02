import type { Queries } from '../database.ts';
import { PRIORITY } from '../jobs/types.ts';
import { pieces } from './pieces.ts';

const PIECE = 200;

/** Queues inputs that are not known to be reproducible, unless they are queued already. How many. */
export async function queueInputs(
  db: Queries,
  inputs: readonly number[],
  { now, notBefore }: { readonly now: string; readonly notBefore: string | null },
): Promise<number> {
  let queued = 0;
  for (const piece of pieces(inputs, PIECE)) {
    const rows = await db
      .selectFrom('build_input')
      .select('id')
      .where('id', 'in', piece)
      .where(({ or, eb }) => or([eb('result_id', 'is', null), eb('status', 'is', null), eb('status', '<>', 'GOOD')]))
      .execute();
    if (rows.length === 0) continue;
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('job')
      .values(
        rows.map(({ id }) => ({
          build_input_id: id,
          kind: 'new',
          priority: PRIORITY.new,
          queued_at: now,
          not_before: notBefore,
          state: 'queued',
          cancel_requested: 0,
        })),
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
    const { numDeletedRows } = await db
      .deleteFrom('job')
      .where('build_input_id', 'in', (query) =>
        query.selectFrom('binary_package').select('build_input_id').where('id', 'in', piece),
      )
      .where('state', '=', 'queued')
      .where('kind', '<>', 'manual')
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('binary_package')
              .select('binary_package.id')
              .whereRef('binary_package.build_input_id', '=', 'job.build_input_id')
              .where('binary_package.seen', '=', 1),
          ),
        ),
      )
      .executeTakeFirstOrThrow();
    dropped += Number(numDeletedRows);
  }
  return dropped;
}
