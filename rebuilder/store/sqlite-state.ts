import type Sqlite from 'better-sqlite3';

/**
 * Tells what changes whenever this connection would read anything else: commits of other connections (`PRAGMA
 * data_version`, https://www.sqlite.org/pragma.html#pragma_data_version) and rows that it changed itself
 * (total_changes()). Undefined where it cannot be told.
 */
export function sqliteState(handle: Sqlite.Database): () => string | undefined {
  let others: Sqlite.Statement | undefined;
  let own: Sqlite.Statement | undefined;
  return () => {
    try {
      others ??= handle.prepare('pragma data_version').pluck();
      own ??= handle.prepare('select total_changes()').pluck();
      return `${others.get()} ${own.get()}`;
    } catch {
      // Whoever then reads is told why.
      return undefined;
    }
  };
}
