import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { openAskingThread } from '../asking-thread.ts';

/** What one checkpoint came to, in pages: https://www.sqlite.org/pragma.html#pragma_wal_checkpoint */
export type Checkpoint = { readonly busy: number; readonly log: number; readonly checkpointed: number };

/** Often enough that few pages are waiting: the disk is then busy for a moment only, for which a commit may have to wait. */
const EVERY_MILLISECONDS = 5_000;
const HEAP_MEBIBYTES = 64;
/**
 * So long may the log become before it is copied by whoever commits, as SQLite does by itself: 256 MiB. A first sync of a
 * whole suite, whose process copies it, leaves a log of half of that, and the next commit would be at it again.
 */
export const MOST_LOG_PAGES = 65_536;

/**
 * Has what was committed to a SQLite file copied out of its write-ahead log in a thread of its own: SQLite does that in
 * the commit that made the log long, and nobody would be served while the disk is waited for, 10 to 80 ms. `state`: what
 * changes whenever there is something to copy.
 */
export function openCheckpoints(
  file: string,
  state: () => string | undefined,
  everyMilliseconds = EVERY_MILLISECONDS,
): { readonly now: () => Promise<Checkpoint>; readonly close: () => Promise<void> } {
  const thread = openAskingThread<null, Checkpoint>({
    program: join(import.meta.dirname, 'sqlite-checkpoint-thread'),
    data: { file },
    heapMebibytes: HEAP_MEBIBYTES,
    doing: 'copies what was committed',
    errorOf: ({ message, code }) => new Sqlite.SqliteError(message, code),
  });
  let copied = state();
  const timer = setInterval(() => {
    const seen = state();
    if (seen === copied || thread.waiting() > 0) return;
    copied = seen;
    // What is not copied now is copied the next time, or by whoever commits when the log is long: nothing is lost.
    thread.ask(null).catch(() => {
      copied = undefined;
    });
  }, everyMilliseconds);
  timer.unref();
  return {
    now: () => thread.ask(null),
    close: () => {
      clearInterval(timer);
      return thread.close();
    },
  };
}
