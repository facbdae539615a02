import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { forbidChanges } from './append-only.ts';

/** Why the files of a result differ, as far as their bytes show: what packages are counted and looked for by. */
export const causesMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('result_cause')
      .addColumn('result_id', 'integer', (column) => column.notNull().references('result.id'))
      .addColumn('cause', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('result_cause_key', ['result_id', 'cause'])
      .execute();
    await db.schema.createIndex('result_cause_cause').on('result_cause').columns(['cause', 'result_id']).execute();
    await forbidChanges(db, 'result_cause');
  },
};
