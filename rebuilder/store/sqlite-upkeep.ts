import { open } from 'node:fs/promises';
import type { Database as Handle } from 'better-sqlite3';
import { APPEND_ONLY } from './migrations/append-only.ts';

/** Most lines that one kind of damage gets. */
const MOST_LINES = 100;

/** Database.check of SQLite: its own look at every page, rows that refer to none, and the triggers of append-only tables. */
export function checkSqlite(handle: Handle): readonly string[] {
  const pages = handle.prepare(`pragma integrity_check(${MOST_LINES})`).pluck().all() as string[];
  const strays = handle
    .prepare(`select "table", "parent", count(*) as rows from pragma_foreign_key_check group by 1, 2`)
    .all() as { readonly table: string; readonly parent: string; readonly rows: number }[];
  const triggers = new Set(handle.prepare("select name from sqlite_schema where type = 'trigger'").pluck().all());
  const open = APPEND_ONLY.flatMap((table) => [`${table}_no_update`, `${table}_no_delete`]).filter(
    (name) => !triggers.has(name),
  );
  return [
    ...pages.filter((line) => line !== 'ok'),
    ...strays.map(({ table, parent, rows }) => `${rows} rows of ${table} refer to none of ${parent}`),
    ...open.map((name) => `the trigger ${name} is gone: rows can be changed`),
  ];
}

/** Database.copyTo of SQLite. A reader's snapshot is copied in one pass, which no writer has to wait for or can disturb. */
export async function copySqlite(handle: Handle, target: string): Promise<void> {
  handle.prepare('vacuum into ?').run(target);
  const file = await open(target, 'r');
  try {
    await file.sync();
    await file.chmod(0o600);
  } finally {
    await file.close();
  }
}
