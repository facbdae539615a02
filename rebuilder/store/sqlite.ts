import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import {
  CompiledQuery,
  type DatabaseConnection,
  Kysely,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
} from 'kysely';
import { Migrator } from 'kysely/migration';
import { ReproofError } from '../../model/index.ts';
import type { Database, Queries } from './database.ts';
import { syncFolder } from './durable.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { openAside } from './sqlite-aside.ts';
import { MOST_LOG_PAGES, openCheckpoints } from './sqlite-checkpoints.ts';
import { translateError, whileBusy } from './sqlite-errors.ts';
import { sqliteState } from './sqlite-state.ts';
import { checkSqlite, copySqlite } from './sqlite-upkeep.ts';
import { withKeptStatements } from './statement-cache.ts';
import type { Tables } from './tables.ts';

/** "Rprf": how file(1) and we know the file for ours. */
const APPLICATION_ID = 0x52707266;
/** How long SQLite itself waits, blocking this process, before whileBusy takes over. */
const BLOCKING_MILLISECONDS = 2;

export type SqliteOptions = {
  /** How long to wait for other writers before STORE_BUSY. 30 when not given. */
  readonly busySeconds?: number;
  /** The clock, for tests. */
  readonly now?: () => Date;
  /** How much of the file is kept in memory: rows of a page of a list lie all over it. SQLite's own 2 MB when not given. */
  readonly cacheKibibytes?: number;
  /** Whether threads of their own read what takes long, and copy what was committed. Off when not given: for servers. */
  readonly aside?: boolean;
};

/** What the thread keeps of the file in memory. */
const ASIDE_CACHE_KIBIBYTES = 8 * 1024;

// A transaction that begins as a reader and then writes can fail at once when another wrote in between; one that
// begins as the writer only ever waits at its beginning (https://www.sqlite.org/lang_transaction.html).
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}

class TransactionalAdapter extends SqliteAdapter {
  // SQLite's schema changes are transactional; Kysely says otherwise because of foreign key pragmas, which no step here uses.
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class ImmediateDialect extends SqliteDialect {
  readonly #database: SqliteDatabase;
  constructor(handle: Sqlite.Database) {
    const database = withKeptStatements(handle);
    super({ database });
    this.#database = database;
  }
  override createDriver(): SqliteDriver {
    return new ImmediateDriver({ database: this.#database });
  }
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }
}

/**
 * Opens a SQLite database, made (mode 0600, folders 0700) and migrated as needed. A transaction that returned is on
 * the disk, power loss included. Any number of processes may have the same file open.
 * Throws STORE_BUSY, STORE_CORRUPT, STORE_VERSION, STORE_FAILED.
 */
export async function openSqlite(file: string, options: SqliteOptions = {}): Promise<Database> {
  const seconds = options.busySeconds ?? 30;
  const waiting = (doing: string) => ({ seconds, doing, file });
  await createFile(file);
  const handle = openHandle(file);
  const db = new Kysely<Tables>({ dialect: new ImmediateDialect(handle) });
  try {
    await whileBusy(() => prepareHandle(handle, file, options), waiting('opening the store'));
    await whileBusy(() => migrate(db, handle, file), waiting('migrating the store'));
  } catch (error) {
    await db.destroy();
    handle.close();
    throw error;
  }
  const state = sqliteState(handle);
  const aside = options.aside === true ? openAside(file, ASIDE_CACHE_KIBIBYTES) : undefined;
  const checkpoints = options.aside === true ? openCheckpoints(file, state) : undefined;
  return {
    place: file,
    dialect: 'sqlite',
    read: (doing, work) => whileBusy(() => work(db), waiting(doing)),
    readAside: (doing, work) => whileBusy(() => work(aside?.db ?? db), waiting(doing)),
    write: (doing, work) => whileBusy(() => db.transaction().execute(work), waiting(doing)),
    check: () => whileBusy(() => checkSqlite(handle), waiting('checking the store')),
    copyTo: async (target) => {
      await whileBusy(() => copySqlite(handle, target), waiting(`copying the store to ${target}`));
      return true;
    },
    state,
    now: () => (options.now?.() ?? new Date()).toISOString(),
    close: async () => {
      await aside?.close();
      await checkpoints?.close();
      await db.destroy();
    },
  };
}

async function createFile(file: string): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(file, 'ax', 0o600);
    await handle.sync();
    await handle.close();
    await syncFolder(path.dirname(file));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw new ReproofError('STORE_FAILED', `making the store ${file}: ${(cause as Error).message}`, { cause });
  }
}

function openHandle(file: string): Sqlite.Database {
  try {
    return new Sqlite(file, { fileMustExist: true, timeout: BLOCKING_MILLISECONDS });
  } catch (error) {
    throw translateError(error, 'opening the store', file);
  }
}

function prepareHandle(handle: Sqlite.Database, file: string, { cacheKibibytes, aside }: SqliteOptions): void {
  handle.pragma('trusted_schema = off');
  handle.pragma('foreign_keys = on');
  // Without it INSERT OR REPLACE would delete a row behind the triggers' back.
  handle.pragma('recursive_triggers = on');
  if (handle.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
    handle.transaction(() => claimFile(handle, file)).immediate();
  }
  handle.pragma('journal_mode = wal');
  handle.pragma('synchronous = full');
  if (aside === true) handle.pragma(`wal_autocheckpoint = ${MOST_LOG_PAGES}`);
  if (cacheKibibytes !== undefined) handle.pragma(`cache_size = -${cacheKibibytes}`);
}

function claimFile(handle: Sqlite.Database, file: string): void {
  const id = handle.pragma('application_id', { simple: true });
  if (id === APPLICATION_ID) return;
  const tables = handle.prepare('select count(*) from sqlite_schema').pluck().get();
  if (id !== 0 || tables !== 0)
    throw new ReproofError('STORE_CORRUPT', `opening the store: ${file} is some other program's database`, {
      context: { file },
    });
  handle.pragma(`application_id = ${APPLICATION_ID}`);
}

async function migrate(db: Queries, handle: Sqlite.Database, file: string): Promise<void> {
  refuseNewer(handle, file);
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...MIGRATIONS }) },
    nameComparator: (left, right) => (left < right ? -1 : left > right ? 1 : 0),
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  refuseNewer(handle, file);
  throw error;
}

function refuseNewer(handle: Sqlite.Database, file: string): void {
  const table = handle.prepare("select 1 from sqlite_schema where name = 'kysely_migration'").get();
  if (table === undefined) return;
  const names = handle.prepare('select name from kysely_migration order by name').pluck().all() as string[];
  const unknown = names.filter((name) => MIGRATIONS[name] === undefined);
  if (unknown.length === 0) return;
  throw new ReproofError(
    'STORE_VERSION',
    `opening the store: ${file} was made by a newer version of reproof (it has ${unknown.at(-1)}); use that version, or another data folder`,
    { context: { file, newest: unknown.at(-1) } },
  );
}
