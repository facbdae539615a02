import path from 'node:path';
import type { Database } from './database.ts';
import { isPostgresAddress } from './postgres/address.ts';
import type { PostgresOptions } from './postgres/index.ts';
import { openSqlite, type SqliteOptions } from './sqlite.ts';

/** The store's file inside a data folder. */
export const STORE_FILE = 'reproof.sqlite3';

export type DatabaseOptions = SqliteOptions & PostgresOptions;

/**
 * Opens the database of a place: a folder has a SQLite file in it, postgres://… is PostgreSQL.
 * Throws what openSqlite and openPostgres do.
 */
export async function openDatabase(place: string, options: DatabaseOptions = {}): Promise<Database> {
  if (!isPostgresAddress(place)) return openSqlite(path.join(place, STORE_FILE), options);
  const { openPostgres } = await import('./postgres/index.ts');
  return openPostgres(place, options);
}
