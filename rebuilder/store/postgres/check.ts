import { sql } from 'kysely';
import type { Queries } from '../database.ts';
import { APPEND_ONLY } from '../migrations/append-only.ts';

/**
 * Database.check of PostgreSQL: foreign keys that are not enforced, triggers of append-only tables that are gone or off,
 * and text that does not compare by bytes. Pages are pg_amcheck(1)'s.
 */
export async function checkPostgres(db: Queries): Promise<readonly string[]> {
  const constraints = await sql<{ name: string }>`select conname as name from pg_constraint
    where connamespace = current_schema()::regnamespace and not convalidated`.execute(db);
  const triggers = await sql<{ name: string }>`select tgname as name from pg_trigger
    where not tgisinternal and tgenabled in ('O', 'A')`.execute(db);
  const columns = await sql<{ name: string }>`select table_name || '.' || column_name as name
    from information_schema.columns
    where table_schema = current_schema() and data_type = 'text' and collation_name is distinct from 'C'`.execute(db);
  const there = new Set(triggers.rows.map(({ name }) => name));
  return [
    ...constraints.rows.map(({ name }) => `the constraint ${name} is not enforced`),
    ...APPEND_ONLY.filter((table) => !there.has(`${table}_no_change`)).map(
      (table) => `the trigger ${table}_no_change is gone or off: rows can be changed`,
    ),
    ...columns.rows.map(({ name }) => `the column ${name} does not compare by bytes`),
  ];
}
