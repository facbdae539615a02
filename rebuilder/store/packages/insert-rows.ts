import type { CompiledQuery, Insertable, Kysely, Selectable } from 'kysely';
import type { Queries } from '../database.ts';
import type { Tables } from '../tables.ts';

type Written = Pick<Tables, 'source_package' | 'build_input' | 'binary_package' | 'publication'>;

/**
 * Puts rows in where they are not there yet, and gives what they got as their `returning` of those that were put in. All
 * rows have the same columns in the same order, and none of them undefined: the statement of a number of rows is made
 * once, which costs more than running it.
 */
export function rowInserter<Table extends keyof Written, Column extends keyof Selectable<Written[Table]> & string>(
  db: Queries,
  table: Table,
  returning: readonly Column[],
): (rows: readonly Insertable<Written[Table]>[]) => Promise<readonly Pick<Selectable<Written[Table]>, Column>[]> {
  let last: { readonly rows: number; readonly query: CompiledQuery } | undefined;
  return async (rows) => {
    if (last?.rows !== rows.length) last = { rows: rows.length, query: compile(db, rows, { table, returning }) };
    const parameters = rows.flatMap((row) => Object.values(row));
    const { rows: inserted } = await db.executeQuery({ ...last.query, parameters });
    return inserted as Pick<Selectable<Written[Table]>, Column>[];
  };
}

function compile(
  db: Queries,
  rows: readonly object[],
  { table, returning }: { readonly table: keyof Written; readonly returning: readonly string[] },
): CompiledQuery {
  return (db as unknown as Kysely<Record<string, Record<string, unknown>>>)
    .insertInto(table)
    .values([...rows] as Record<string, unknown>[])
    .onConflict((conflict) => conflict.doNothing())
    .returning([...returning])
    .compile();
}
