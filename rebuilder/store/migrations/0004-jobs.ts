import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { numberedTable } from './dialect.ts';

/** The queue. */
export const jobsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await numberedTable(db, 'job')
      .addColumn('build_input_id', 'integer', (column) => column.notNull().unique().references('build_input.id'))
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('priority', 'integer', (column) => column.notNull())
      .addColumn('queued_at', 'text', (column) => column.notNull())
      .addColumn('not_before', 'text')
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('worker_id', 'integer')
      .addColumn('lease', 'integer')
      .addColumn('leased_at', 'text')
      .addColumn('heartbeat_at', 'text')
      .addColumn('expires_at', 'text')
      .addColumn('cancel_requested', 'integer', (column) => column.notNull())
      .addColumn('stage', 'text')
      .addColumn('requested_by', 'text')
      .execute();
    await db.schema.createIndex('job_order').on('job').columns(['state', 'priority', 'queued_at', 'id']).execute();
    await db.schema.createIndex('job_expiry').on('job').columns(['state', 'expires_at']).execute();
    await db.schema
      .createTable('lease_counter')
      .addColumn('id', 'integer', (column) => column.notNull())
      .addColumn('last', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('lease_counter_key', ['id'])
      .execute();
    await db.schema
      .createTable('queue_setting')
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('value', 'text', (column) => column.notNull())
      .addColumn('set_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('queue_setting_key', ['name'])
      .execute();
  },
};
