import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { forbidChanges } from './append-only.ts';

/** What workers on other machines said of how they built. */
export const testimoniesMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('result_testimony')
      .addColumn('result_id', 'integer', (column) => column.notNull().references('result.id'))
      .addColumn('sha256', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('result_testimony_key', ['result_id'])
      .execute();
    await forbidChanges(db, 'result_testimony');
  },
};
