import { sql } from 'kysely';
import type { Database } from '../database.ts';
import { inputMatches } from './filters.ts';
import { onInput } from './job-rows.ts';
import { type Ask, type AskFilter, PRIORITY } from './types.ts';

const UNLIMITED = 2 ** 31 - 1;

/** JobStore.ask: one statement, so that a job is there once however many ask at the same moment. */
export async function ask(database: Database, filter: AskFilter, asked: Ask): Promise<number> {
  const now = database.now();
  const integer = (value: number) => sql<number>`cast(${value} as integer)`;
  const text = (value: string | null) => sql<string>`cast(${value} as text)`;
  // Else those that are there already would take the places of the limit, each time.
  const unqueued = onInput().not(
    onInput().exists((eb) =>
      eb.selectFrom('job').select('job.id').whereRef('job.build_input_id', '=', 'build_input.id'),
    ),
  );
  return database.write('queueing builds', async (db) => {
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
        'requested_by',
      ])
      .expression(
        db
          .selectFrom('build_input')
          .select([
            'build_input.id',
            text(asked.kind).as('kind'),
            integer(asked.priority ?? PRIORITY[asked.kind]).as('priority'),
            text(now).as('queued_at'),
            text(asked.notBefore ?? null).as('not_before'),
            text('queued').as('state'),
            integer(0).as('cancel_requested'),
            text(asked.requestedBy ?? null).as('requested_by'),
          ])
          .where(inputMatches(filter))
          .$if(asked.kind === 'reverify', (query) => query.where(unqueued))
          .orderBy('build_input.decided_at')
          .orderBy('build_input.id')
          .limit(filter.limit ?? UNLIMITED),
      )
      .onConflict((conflict) =>
        asked.kind === 'reverify'
          ? conflict.column('build_input_id').doNothing()
          : conflict.column('build_input_id').doUpdateSet({
              priority: sql`case when excluded.priority < job.priority then excluded.priority else job.priority end`,
              kind: sql`case when excluded.priority < job.priority or excluded.kind = 'manual' then excluded.kind else job.kind end`,
              not_before: sql`case when excluded.not_before < job.not_before then excluded.not_before
                when excluded.not_before is null then null else job.not_before end`,
              requested_by: sql`coalesce(excluded.requested_by, job.requested_by)`,
              cancel_requested: 0,
              lost_leases: 0,
            }),
      )
      .executeTakeFirstOrThrow();
    return Number(numInsertedOrUpdatedRows ?? 0n);
  });
}
