import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { forbidChanges } from './append-only.ts';
import { numberedTable } from './dialect.ts';

/** Who may do what, and what was done. */
export const accessMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await numberedTable(db, 'worker')
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('key', 'text', (column) => column.notNull().unique())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('address', 'text')
      .addColumn('status', 'text')
      .addColumn('registered_at', 'text', (column) => column.notNull())
      .addColumn('last_seen_at', 'text', (column) => column.notNull())
      .addColumn('revoked_at', 'text')
      .addColumn('capabilities', 'text', (column) => column.notNull())
      .execute();
    await numberedTable(db, 'token')
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull().unique())
      .addColumn('created_at', 'text', (column) => column.notNull())
      .addColumn('expires_at', 'text')
      .addColumn('revoked_at', 'text')
      .addColumn('last_used_at', 'text')
      .execute();
    await numberedTable(db, 'audit')
      .addColumn('at', 'text', (column) => column.notNull())
      .addColumn('actor', 'text', (column) => column.notNull())
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('detail', 'text', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('nonce')
      .addColumn('worker_id', 'integer', (column) => column.notNull().references('worker.id'))
      .addColumn('nonce', 'text', (column) => column.notNull())
      .addColumn('at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('nonce_key', ['worker_id', 'nonce'])
      .execute();
    await db.schema.createIndex('nonce_at').on('nonce').columns(['at']).execute();
    await numberedTable(db, 'webhook')
      .addColumn('url', 'text', (column) => column.notNull())
      .addColumn('secret', 'text', (column) => column.notNull())
      .addColumn('events', 'text', (column) => column.notNull())
      .addColumn('created_at', 'text', (column) => column.notNull())
      .addColumn('disabled_at', 'text')
      .addColumn('last_result_id', 'integer', (column) => column.notNull())
      .execute();
    await numberedTable(db, 'delivery')
      .addColumn('webhook_id', 'integer', (column) => column.notNull().references('webhook.id'))
      .addColumn('event', 'text', (column) => column.notNull())
      .addColumn('result_id', 'integer', (column) => column.notNull())
      .addColumn('tries', 'integer', (column) => column.notNull())
      .addColumn('next_try_at', 'text')
      .addColumn('delivered_at', 'text')
      .addColumn('error', 'text')
      .addUniqueConstraint('delivery_unique', ['webhook_id', 'event', 'result_id'])
      .execute();
    await db.schema.createIndex('delivery_next').on('delivery').columns(['delivered_at', 'next_try_at']).execute();
    await forbidChanges(db, 'audit');
  },
};
