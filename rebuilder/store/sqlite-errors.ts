import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { ReproofError } from '../../model/index.ts';

const PAUSE_MILLISECONDS = 20;

function isBusy(error: unknown): boolean {
  return error instanceof Sqlite.SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code);
}

/** Our error for one of SQLite's (https://www.sqlite.org/rescode.html); anything else comes back as it is. */
export function translateError(error: unknown, doing: string, file: string): unknown {
  if (!(error instanceof Sqlite.SqliteError)) return error;
  const options = { context: { file, sqlite: error.code }, cause: error };
  if (isBusy(error))
    return new ReproofError(
      'STORE_BUSY',
      `${doing}: another process keeps ${file} locked; try again when it is done`,
      options,
    );
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(error.code))
    return new ReproofError(
      'STORE_CORRUPT',
      `${doing}: ${file} is damaged or not a database (${error.message}); move it away or restore it from a backup`,
      options,
    );
  if (/^SQLITE_CONSTRAINT/.test(error.code))
    return new ReproofError('STORE_CORRUPT', `${doing}: ${file} refuses it: ${error.message}`, options);
  return new ReproofError('STORE_FAILED', `${doing}: ${file}: ${error.message}`, options);
}

/**
 * Does `work` again while another process has the file locked, until `seconds` are over: the event loop runs on
 * meanwhile, which SQLite's own waiting would not let it. Gives up with STORE_BUSY.
 */
export async function whileBusy<T>(
  work: () => Promise<T> | T,
  options: { readonly seconds: number; readonly doing: string; readonly file: string },
): Promise<T> {
  const end = performance.now() + options.seconds * 1000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || performance.now() >= end) throw translateError(error, options.doing, options.file);
    }
    await sleep(PAUSE_MILLISECONDS);
  }
}
