import { type CreateTableBuilder, type Kysely, PostgresAdapter } from 'kysely';

/** Whether the database is PostgreSQL; else it is SQLite. Migrations are the edge where dialects differ. */
export function isPostgres(db: Kysely<unknown>): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}

/** A table whose first column numbers its rows: 1 and up, below 2^31, never used again. */
export function numberedTable(db: Kysely<unknown>, table: string, column = 'id'): CreateTableBuilder<string, string> {
  const building = db.schema.createTable(table);
  return isPostgres(db)
    ? building.addColumn(column, 'integer', (id) => id.generatedAlwaysAsIdentity().primaryKey())
    : building.addColumn(column, 'integer', (id) => id.primaryKey().autoIncrement());
}
