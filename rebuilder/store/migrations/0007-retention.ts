import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { forbidChanges } from './append-only.ts';

/** What was removed by a rule: a blob that is not there is no damage then. */
export const retentionMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('pruned_blob')
      .addColumn('sha256', 'text', (column) => column.notNull())
      .addColumn('pruned_at', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('pruned_blob_key', ['sha256', 'pruned_at'])
      .execute();
    await forbidChanges(db, 'pruned_blob');
  },
};
