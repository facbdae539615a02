import { ByteCursor } from './byte-cursor.ts';

/** Numbers of the 100 bytes at the head of a database, SQLite "Database File Format", section 1.3, by name. */
export type SqliteHeader = { readonly pageBytes: number; readonly numbers: Readonly<Record<string, number>> };

export const SQLITE_MAGIC = 'SQLite format 3\0';

const ENCODINGS = ['', 'UTF-8', 'UTF-16le', 'UTF-16be'];

/** Throws FORMAT_MALFORMED (context `offset`). */
export function readSqliteHeader(head: Uint8Array): SqliteHeader {
  const cursor = new ByteCursor(head, { what: 'SQLite database' });
  if (cursor.take(16, 'magic').toString('latin1') !== SQLITE_MAGIC) cursor.seek(0).fail('magic');
  const raw = cursor.u16('page size');
  const pageBytes = raw === 1 ? 65_536 : raw;
  if (pageBytes < 512 || (pageBytes & (pageBytes - 1)) !== 0) cursor.seek(16).fail('page size');
  const numbers: Record<string, number> = { 'page size': pageBytes };
  for (const name of ['write version', 'read version', 'reserved bytes of a page']) numbers[name] = cursor.u8(name);
  cursor.take(3, 'payload fractions');
  const names =
    'file change counter, pages, first free page, free pages, schema cookie, schema format, cache size, ' +
    'largest root page, encoding, user version, incremental vacuum, application id';
  for (const name of names.split(', ')) numbers[name] = cursor.u32(name);
  cursor.take(20, 'reserved');
  for (const name of ['version valid for', 'SQLite version']) numbers[name] = cursor.u32(name);
  return { pageBytes, numbers };
}

/** A number of the header in words: `3040001` is `3.40.1`, an encoding has a name. */
export function sqliteValue(name: string, value: number): string {
  if (name === 'encoding') return ENCODINGS[value] || String(value);
  if (name !== 'SQLite version') return String(value);
  return `${Math.floor(value / 1e6)}.${Math.floor(value / 1000) % 1000}.${value % 1000}`;
}
