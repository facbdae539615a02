import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { ReproofError } from '../../model/index.ts';
import { onDisk } from './durable.ts';

/** Lets one holder at a time do its work, of all processes that name the same file. */
export type FileLock = {
  /** Waits for its turn and does the work. Throws STORE_BUSY where the turn does not come in time. */
  readonly hold: <T>(work: () => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
};

const PAUSE_MILLISECONDS = 5;

/**
 * A lock that the kernel keeps: SQLite's exclusive one on an empty database, which is one of fcntl(2) on the file. It ends
 * with its holder however that ends, in other containers too, so there is no stale one to judge. Nothing else of this
 * process may open and close the file. A second one, FILE-next, is held by whoever is next: else a holder that comes back at once
 * would keep all others out. Throws STORE_FAILED.
 */
export async function openFileLock(
  file: string,
  { waitSeconds = 60 }: { readonly waitSeconds?: number } = {},
): Promise<FileLock> {
  const doing = `locking ${file}`;
  await onDisk(doing, async () => void (await mkdir(path.dirname(file), { recursive: true })));
  const open = (name: string): Sqlite.Database => {
    try {
      return new Sqlite(name, { timeout: 0 });
    } catch (cause) {
      throw new ReproofError('STORE_FAILED', `${doing}: ${(cause as Error).message}`, { cause });
    }
  };
  const [held, next] = [open(file), open(`${file}-next`)];
  let turn: Promise<unknown> = Promise.resolve();

  const take = async (database: Sqlite.Database, until: number): Promise<void> => {
    for (;;) {
      try {
        database.exec('BEGIN EXCLUSIVE');
        return;
      } catch (cause) {
        const { code = '', message } = cause as { code?: string; message: string };
        if (!code.startsWith('SQLITE_BUSY')) throw new ReproofError('STORE_FAILED', `${doing}: ${message}`, { cause });
        if (performance.now() > until)
          throw new ReproofError('STORE_BUSY', `${doing}: others hold it for more than ${waitSeconds} s`);
      }
      await sleep(PAUSE_MILLISECONDS);
    }
  };

  const takeTurn = async (): Promise<void> => {
    const until = performance.now() + waitSeconds * 1000;
    await take(next, until);
    try {
      await take(held, until);
    } finally {
      next.exec('ROLLBACK');
    }
  };

  return {
    hold: (work) => {
      const ended = turn.then(async () => {
        await takeTurn();
        try {
          return await work();
        } finally {
          held.exec('ROLLBACK');
        }
      });
      turn = ended.catch(() => {});
      return ended;
    },
    close: async () => {
      await turn;
      held.close();
      next.close();
    },
  };
}
