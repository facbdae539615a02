import { type Kysely, sql } from 'kysely';

/** Makes UPDATE and DELETE on a table raise, whoever asks. SQLite's spelling: migrations are the dialect's edge. */
export async function forbidChanges(db: Kysely<unknown>, table: string): Promise<void> {
  for (const verb of ['update', 'delete']) {
    const message = sql.lit(`append-only: a row of ${table} is never changed`);
    await sql`create trigger ${sql.id(`${table}_no_${verb}`)} before ${sql.raw(verb)} on ${sql.table(table)}
      begin select raise(abort, ${message}); end`.execute(db);
  }
}
