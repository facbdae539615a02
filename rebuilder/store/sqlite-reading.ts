import Sqlite from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { ReproofError } from '../../model/index.ts';
import type { Database } from './database.ts';
import { whileBusy } from './sqlite-errors.ts';
import { sqliteState } from './sqlite-state.ts';
import { withKeptStatements } from './statement-cache.ts';
import type { Tables } from './tables.ts';

const BUSY_SECONDS = 30;
/** Rows of a page lie all over the file. */
const CACHE_KIBIBYTES = 32 * 1024;

/** A connection to a SQLite file that another one made and keeps up to date. It cannot write. */
export function openToRead(file: string, cacheKibibytes: number): Sqlite.Database {
  const handle = new Sqlite(file, { readonly: true, fileMustExist: true });
  handle.pragma('trusted_schema = off');
  handle.pragma(`cache_size = -${cacheKibibytes}`);
  return handle;
}

/** The same as a database, for a thread of its own. Whatever would write is STORE_FAILED. */
export function openReadingDatabase(file: string): Database {
  const handle = openToRead(file, CACHE_KIBIBYTES);
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: withKeptStatements(handle) }) });
  const read: Database['read'] = (doing, work) => whileBusy(() => work(db), { seconds: BUSY_SECONDS, doing, file });
  const refuse = async (): Promise<never> => {
    throw new ReproofError('STORE_FAILED', `writing to ${file}: this connection only reads`);
  };
  return {
    place: file,
    dialect: 'sqlite',
    read,
    readAside: read,
    write: refuse,
    check: refuse,
    copyTo: refuse,
    state: sqliteState(handle),
    now: () => new Date().toISOString(),
    close: () => db.destroy(),
  };
}
