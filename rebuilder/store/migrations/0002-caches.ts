import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { forbidChanges } from './append-only.ts';

/** Environments held ready, the root file systems that locks gave, and remembered look-ups. */
export const cachesMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('rootfs')
      .addColumn('lock_digest', 'text', (column) => column.notNull())
      .addColumn('rootfs_digest', 'text', (column) => column.notNull())
      .addColumn('seen_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('rootfs_key', ['lock_digest', 'rootfs_digest'])
      .execute();
    await forbidChanges(db, 'rootfs');
    await db.schema
      .createTable('environment')
      .addColumn('lock_digest', 'text', (column) => column.notNull())
      .addColumn('engine_id', 'text', (column) => column.notNull())
      .addColumn('rootfs_digest', 'text', (column) => column.notNull())
      .addColumn('image_id', 'text', (column) => column.notNull())
      .addColumn('bytes', 'bigint', (column) => column.notNull())
      .addColumn('created_at', 'text', (column) => column.notNull())
      .addColumn('last_used_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('environment_key', ['lock_digest', 'engine_id'])
      .execute();
    await db.schema
      .createTable('lookup')
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('value', 'text', (column) => column.notNull())
      .addColumn('created_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('lookup_key', ['kind', 'key'])
      .execute();
  },
};
