import type Sqlite from 'better-sqlite3';
import type { SqliteDatabase, SqliteStatement } from 'kysely';

/** How many statements are kept ready: more than the store's queries have different texts in one piece of work. */
const KEPT = 100;

/**
 * A connection that prepares each text once and keeps what was used last. Preparing costs more than many a query, and
 * the memory of a statement that is let go is given back only when JavaScript's own runs short.
 */
export function withKeptStatements(handle: Sqlite.Database): SqliteDatabase {
  /** In the order of their last use. */
  const kept = new Map<string, Sqlite.Statement>();
  return {
    close: () => {
      kept.clear();
      handle.close();
    },
    prepare: (sql) => {
      const ready = kept.get(sql);
      kept.delete(sql);
      // One that is still being read cannot begin again.
      const statement = ready === undefined || ready.busy ? handle.prepare(sql) : ready;
      kept.set(sql, statement);
      const [oldest] = kept.keys();
      if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
      return statement as SqliteStatement;
    },
  };
}
