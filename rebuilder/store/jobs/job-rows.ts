import { expressionBuilder, type SelectQueryBuilder, sql } from 'kysely';
import type { Queries } from '../database.ts';
import { isPostgres } from '../migrations/dialect.ts';
import type { Tables } from '../tables.ts';
import { withoutNulls } from '../without-nulls.ts';
import type { Job, JobKind } from './types.ts';

/** When a job may begin: what the order within a priority goes by. The index job_order holds this very expression. */
export const readyAt = sql<string>`coalesce(job.not_before, job.queued_at)`;

/** Adds `for update`, and `skip locked`, where the database locks rows; SQLite has one writer at a time. */
export function lockingRows<DB, TB extends keyof DB, O>(
  db: Queries,
  query: SelectQueryBuilder<DB, TB, O>,
  { skipLocked = false }: { readonly skipLocked?: boolean } = {},
): SelectQueryBuilder<DB, TB, O> {
  if (!isPostgres(db as never)) return query;
  return skipLocked ? query.forUpdate().skipLocked() : query.forUpdate();
}

/** Jobs with what lists show of their inputs. */
export function jobRows(db: Queries) {
  return db
    .selectFrom('job')
    .innerJoin('build_input', 'build_input.id', 'job.build_input_id')
    .select([
      'job.id as id',
      'job.build_input_id as buildInputId',
      'job.kind as kind',
      'job.priority as priority',
      'job.queued_at as queuedAt',
      'job.not_before as notBefore',
      'job.state as state',
      'job.worker_id as workerId',
      'job.leased_at as leasedAt',
      'job.heartbeat_at as heartbeatAt',
      'job.expires_at as expiresAt',
      'job.cancel_requested as cancelRequested',
      'job.stage as stage',
      'job.requested_by as requestedBy',
      'build_input.source as source',
      'build_input.version as version',
      'build_input.distribution as distribution',
      'build_input.release as release',
      'build_input.architecture as architecture',
      'build_input.url as url',
    ]);
}

export type JobRow = Awaited<ReturnType<ReturnType<typeof jobRows>['executeTakeFirstOrThrow']>>;

export function jobOf({ release, ...row }: JobRow): Job {
  return {
    ...withoutNulls(row),
    ...(release === '' ? {} : { release }),
    kind: row.kind as JobKind,
    state: row.state === 'leased' ? 'leased' : 'queued',
    cancelRequested: row.cancelRequested === 1,
  };
}

/** An expression builder for conditions on one table, whatever query they go into. */
export const onJob = () => expressionBuilder<Tables, 'job'>();
export const onInput = () => expressionBuilder<Tables, 'build_input'>();
