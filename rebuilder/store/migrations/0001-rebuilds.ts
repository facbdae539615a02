import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { forbidChanges } from './append-only.ts';
import { numberedTable } from './dialect.ts';

/** Rebuilds, what they turned out to be about, their stages and their records. */
export const rebuildsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await numberedTable(db, 'rebuild', 'sequence')
      .addColumn('id', 'text', (column) => column.notNull().unique())
      .addColumn('created_at', 'text', (column) => column.notNull())
      .addColumn('request', 'text', (column) => column.notNull())
      .addColumn('asked_name', 'text')
      .addColumn('asked_suite', 'text')
      .execute();
    await db.schema
      .createTable('target')
      .addColumn('rebuild_id', 'text', (column) => column.primaryKey().notNull().references('rebuild.id'))
      .addColumn('source', 'text', (column) => column.notNull())
      .addColumn('version', 'text', (column) => column.notNull())
      .addColumn('suite', 'text', (column) => column.notNull())
      .addColumn('architecture', 'text', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('target_source').on('target').columns(['source', 'version']).execute();
    await db.schema
      .createTable('stage')
      .addColumn('rebuild_id', 'text', (column) => column.notNull().references('rebuild.id'))
      .addColumn('stage', 'text', (column) => column.notNull())
      .addColumn('value', 'text', (column) => column.notNull())
      .addColumn('sha256', 'text', (column) => column.notNull())
      .addColumn('started_at', 'text', (column) => column.notNull())
      .addColumn('wall_seconds', 'double precision', (column) => column.notNull())
      .addPrimaryKeyConstraint('stage_key', ['rebuild_id', 'stage'])
      .execute();
    await db.schema
      .createTable('record')
      .addColumn('rebuild_id', 'text', (column) => column.primaryKey().notNull().references('rebuild.id'))
      .addColumn('value', 'text', (column) => column.notNull())
      .addColumn('sha256', 'text', (column) => column.notNull())
      .addColumn('verdict', 'text', (column) => column.notNull())
      .addColumn('reason', 'text')
      .execute();
    await db.schema.createIndex('record_verdict').on('record').column('verdict').execute();
    for (const table of ['rebuild', 'target', 'stage', 'record']) await forbidChanges(db, table);
  },
};
