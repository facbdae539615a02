import { Kysely, PostgresDialect } from 'kysely';
import type { Database } from '../database.ts';
import type { Tables } from '../tables.ts';
import { shownAddress } from './address.ts';
import { checkPostgres } from './check.ts';
import { translatePostgresError } from './errors.ts';
import { migratePostgres } from './migrate.ts';
import { openPool } from './pool.ts';
import { writeSerializably } from './transactions.ts';

export { isPostgresAddress, shownAddress } from './address.ts';

export type PostgresOptions = {
  /** How long to wait for others' locks, and how long a transaction is begun anew, before STORE_BUSY. 30 when not given. */
  readonly busySeconds?: number;
  /** Most connections this process opens. 10 when not given; 2 at least. */
  readonly connections?: number;
  /** How long one statement may run. 300 when not given. */
  readonly statementSeconds?: number;
  /** The clock, for tests. */
  readonly now?: () => Date;
};

/**
 * Opens a PostgreSQL database by its address, postgres://USER@HOST:PORT/DATABASE, with its tables made or migrated as
 * needed. Any number of processes on any machines may have it open. What a password or parameter says is in no message.
 * Throws PROGRAM_MISSING without the package pg, DATABASE_UNAVAILABLE, STORE_BUSY, STORE_CORRUPT, STORE_VERSION, STORE_FAILED.
 */
export async function openPostgres(address: string, options: PostgresOptions = {}): Promise<Database> {
  const place = shownAddress(address);
  const seconds = options.busySeconds ?? 30;
  const pool = await openPool(address, place, {
    connections: Math.max(options.connections ?? 10, 2),
    lockSeconds: seconds,
    statementSeconds: options.statementSeconds ?? 300,
  });
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  try {
    await migratePostgres(db, pool, place);
  } catch (error) {
    await db.destroy();
    throw translatePostgresError(error, 'opening the store', place);
  }
  const read: Database['read'] = async (doing, work) => {
    try {
      return await work(db);
    } catch (error) {
      throw translatePostgresError(error, doing, place);
    }
  };
  return {
    place,
    dialect: 'postgres',
    read,
    // Another process reads as it is.
    readAside: read,
    write: (doing, work) => writeSerializably(db, work, { seconds, doing, place }),
    check: async () => {
      try {
        return await checkPostgres(db);
      } catch (error) {
        throw translatePostgresError(error, 'checking the store', place);
      }
    },
    // pg_dump(1) does it better: docs/operating.md.
    copyTo: async () => false,
    now: () => (options.now?.() ?? new Date()).toISOString(),
    close: () => db.destroy(),
  };
}
