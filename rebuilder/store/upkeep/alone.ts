import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { ReproofError } from '../../../model/index.ts';
import { onDisk } from '../durable.ts';

/** SQLite's locks are those of the kernel: they end with their holder, whatever it died of. */
const LOCK_FILE = 'upkeep.lock';

/**
 * Does what must not run beside another of its kind on the same data folder: a backup while files are deleted would miss
 * what its copy of the database refers to. Throws STORE_BUSY at once while another runs, in this process or another.
 */
export async function alone<T>(data: string, doing: string, work: () => Promise<T>): Promise<T> {
  const file = path.join(data, LOCK_FILE);
  await onDisk(doing, () => mkdir(data, { recursive: true, mode: 0o700 }));
  const lock = take(file, doing);
  try {
    return await work();
  } finally {
    lock.close();
  }
}

function take(file: string, doing: string): Sqlite.Database {
  let lock: Sqlite.Database | undefined;
  try {
    lock = new Sqlite(file, { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock?.close();
    const isBusy = cause instanceof Sqlite.SqliteError && cause.code.startsWith('SQLITE_BUSY');
    throw isBusy
      ? new ReproofError(
          'STORE_BUSY',
          `${doing}: another backup or prune of that folder runs; try again when it is done`,
          {
            context: { file },
            cause,
          },
        )
      : new ReproofError('STORE_FAILED', `${doing}: locking ${file}: ${(cause as Error).message}`, {
          context: { file },
          cause,
        });
  }
}
