import { type Kysely, sql } from 'kysely';
import { isPostgres } from './dialect.ts';

/** The tables whose rows are never changed. */
export const APPEND_ONLY = [
  'rebuild',
  'target',
  'stage',
  'record',
  'rootfs',
  'result',
  'result_artifact',
  'result_cause',
  'result_testimony',
  'audit',
  'pruned_blob',
] as const;

/**
 * Makes UPDATE and DELETE on a table raise, whoever asks. `filled` names a repeated column (repeated-columns.ts): SQLite
 * fills it by an update of the row that was just inserted, and that one passes.
 */
export async function forbidChanges(db: Kysely<unknown>, table: string, filled?: string): Promise<void> {
  const message = sql.lit(`append-only: a row of ${table} is never changed`);
  if (isPostgres(db)) {
    const refuse = sql.id(`${table}_refuse_change`);
    await sql`create function ${refuse}() returns trigger language plpgsql as
      ${sql.lit(`begin raise exception 'append-only: a row of ${table} is never changed' using errcode = '23514'; end`)}`.execute(
      db,
    );
    await sql`create trigger ${sql.id(`${table}_no_change`)} before update or delete or truncate on ${sql.table(table)}
      for each statement execute function ${refuse}()`.execute(db);
    return;
  }
  for (const verb of ['update', 'delete']) {
    const when = filled === undefined || verb === 'delete' ? sql`` : sql`when old.${sql.id(filled)} <> ''`;
    await sql`create trigger ${sql.id(`${table}_no_${verb}`)} before ${sql.raw(verb)} on ${sql.table(table)} ${when}
      begin select raise(abort, ${message}); end`.execute(db);
  }
}
