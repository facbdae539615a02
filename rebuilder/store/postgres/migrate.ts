import { type Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { ReproofError } from '../../../model/index.ts';
import type { Queries } from '../database.ts';

import { MIGRATIONS } from '../migrations/index.ts';
import { PostgresColumns } from '../migrations/postgres-columns.ts';
import type { Pool } from './pool.ts';
import { GATE } from './transactions.ts';

/** Of the advisory lock that is held while tables are made: "Rprf", as the SQLite file's application id. */
const MIGRATION_LOCK = 0x52707266;

/**
 * Brings a database's tables to today's. Of several processes that begin at once one does it and the others wait.
 * Throws STORE_VERSION for tables of a newer version, STORE_CORRUPT for somebody else's, STORE_FAILED for a database
 * that is not in UTF-8.
 */
export async function migratePostgres(db: Queries, pool: Pool, place: string): Promise<void> {
  if (await isUpToDate(db, place)) return;
  const locker = await pool.connect();
  try {
    await locker.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    if (await isUpToDate(db, place)) return;
    const migrator = new Migrator({
      db: db.withPlugin(new PostgresColumns()) as Kysely<unknown>,
      provider: { getMigrations: async () => ({ ...MIGRATIONS }) },
      nameComparator: (left, right) => (left < right ? -1 : left > right ? 1 : 0),
    });
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
    await sql`create table if not exists ${sql.table(GATE)} ()`.execute(db);
  } finally {
    // Closing the connection gives the lock back, whatever state it is in.
    locker.release(true);
  }
}

async function isUpToDate(db: Queries, place: string): Promise<boolean> {
  const tables = await tableNames(db);
  if (tables.length === 0) {
    await requireUtf8(db, place);
    return false;
  }
  if (!tables.includes('kysely_migration')) {
    throw new ReproofError(
      'STORE_CORRUPT',
      `opening the store: ${place} has tables of some other program; give reproof a database of its own`,
      { context: { database: place } },
    );
  }
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
  const names = rows.map((row) => row.name).sort();
  const unknown = names.filter((name) => MIGRATIONS[name] === undefined);
  if (unknown.length > 0) {
    throw new ReproofError(
      'STORE_VERSION',
      `opening the store: ${place} was made by a newer version of reproof (it has ${unknown.at(-1)}); use that version, or another database`,
      { context: { database: place, newest: unknown.at(-1) } },
    );
  }
  return names.length === Object.keys(MIGRATIONS).length && tables.includes(GATE);
}

async function tableNames(db: Queries): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`select relname as name from pg_class
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')`.execute(db);
  return rows.map((row) => row.name);
}

async function requireUtf8(db: Queries, place: string): Promise<void> {
  const { rows } = await sql<{ encoding: string }>`select current_setting('server_encoding') as encoding`.execute(db);
  const encoding = rows[0]?.encoding;
  if (encoding === 'UTF8') return;
  throw new ReproofError(
    'STORE_FAILED',
    `opening the store: ${place} keeps text in ${encoding}; make it with: createdb --encoding=UTF8 --template=template0`,
    { context: { database: place, encoding } },
  );
}
