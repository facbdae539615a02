import { type CompiledQuery, sql } from 'kysely';
import type { Queries } from '../database.ts';
import { pieces } from './pieces.ts';

const PIECE = 200;

/** Columns of a row, by name; the same ones in the same order in all rows of a list. */
type Change = { readonly id: number; readonly [column: string]: string | number | null };

/**
 * Sets columns of rows by their ids, each row to values of its own, many in one statement. `numbers` are the columns that
 * hold numbers: a list of values has no types of its own. An id stands in a list once.
 */
export async function changeRows(
  db: Queries,
  { table, numbers }: { readonly table: 'source_package' | 'binary_package'; readonly numbers: readonly string[] },
  changes: readonly Change[],
): Promise<void> {
  let last: { readonly rows: number; readonly query: CompiledQuery } | undefined;
  for (const piece of pieces(changes, PIECE)) {
    if (last?.rows !== piece.length) last = { rows: piece.length, query: compile(db, { table, numbers }, piece) };
    await db.executeQuery({ ...last.query, parameters: piece.flatMap((row) => Object.values(row)) });
  }
}

function compile(
  db: Queries,
  { table, numbers }: { readonly table: string; readonly numbers: readonly string[] },
  rows: readonly Change[],
): CompiledQuery {
  const columns = Object.keys(rows[0] ?? {});
  const value = (column: string) =>
    ['id', ...numbers].includes(column)
      ? sql`cast(${sql.ref(`change.${column}`)} as bigint)`
      : sql.ref(`change.${column}`);
  const sets = columns.filter((column) => column !== 'id').map((column) => sql`${sql.id(column)} = ${value(column)}`);
  const lists = rows.map((row) => sql`(${sql.join(Object.values(row))})`);
  return sql`with change (${sql.join(columns.map((column) => sql.id(column)))}) as (values ${sql.join(lists)})
    update ${sql.table(table)} set ${sql.join(sets)} from change
    where ${sql.ref(`${table}.id`)} = ${value('id')}`.compile(db);
}
