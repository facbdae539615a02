import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What one of several servers does for all. */
export const dutiesMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('duty')
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('holder', 'text', (column) => column.notNull())
      .addColumn('held_until', 'text', (column) => column.notNull())
      .addColumn('done_at', 'text')
      .addPrimaryKeyConstraint('duty_key', ['name'])
      .execute();
  },
};
