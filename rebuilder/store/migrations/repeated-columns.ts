import { type Kysely, sql } from 'kysely';
import { isPostgres } from './dialect.ts';

/**
 * Columns of a table that the database itself fills from the row its `by` names, when a row is inserted without them.
 * Lists filter by them; a join would look at every row. What is repeated never changes.
 */
export type RepeatedColumns = {
  readonly table: string;
  readonly from: string;
  /** The column of `table` that holds the other row's id. */
  readonly by: string;
  /** Columns of `table`, each with the column of `from` it repeats. */
  readonly columns: Readonly<Record<string, string>>;
};

/** Has a table's repeated columns filled at each insert that leaves them all empty. They are declared `not null default ''`. */
export async function fillRepeated(db: Kysely<unknown>, { table, from, by, columns }: RepeatedColumns): Promise<void> {
  const name = `${table}_repeat`;
  const names = Object.keys(columns).join(', ');
  const sources = Object.values(columns).join(', ');
  const empty = Object.keys(columns)
    .map((column) => `new.${column} = ''`)
    .join(' and ');
  if (!isPostgres(db)) {
    await sql`create trigger ${sql.id(name)} after insert on ${sql.table(table)} when ${sql.raw(empty)} begin
      update ${sql.raw(table)} set (${sql.raw(names)}) = (select ${sql.raw(sources)} from ${sql.raw(from)} where id = new.${sql.raw(by)})
      where id = new.id; end`.execute(db);
    return;
  }
  const into = Object.keys(columns)
    .map((column) => `new.${column}`)
    .join(', ');
  await sql`create function ${sql.id(name)}() returns trigger language plpgsql as
    ${sql.lit(`begin select ${sources} into ${into} from ${from} where id = new.${by}; return new; end`)}`.execute(db);
  await sql`create trigger ${sql.id(name)} before insert on ${sql.table(table)} for each row when (${sql.raw(empty)}) execute function ${sql.id(name)}()`.execute(
    db,
  );
}
