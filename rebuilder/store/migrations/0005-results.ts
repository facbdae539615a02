import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { forbidChanges } from './append-only.ts';
import { numberedTable } from './dialect.ts';
import { fillRepeated } from './repeated-columns.ts';
import { showResultsOnPackages } from './shown-results.ts';

/** What builds ended in. */
export const resultsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await numberedTable(db, 'result')
      .addColumn('build_input_id', 'integer', (column) => column.notNull().references('build_input.id'))
      .addColumn('job_id', 'integer', (column) => column.unique())
      .addColumn('lease', 'integer')
      .addColumn('origin', 'text', (column) => column.notNull())
      .addColumn('rebuild_id', 'text')
      .addColumn('worker_id', 'integer')
      .addColumn('started_at', 'text', (column) => column.notNull())
      .addColumn('built_at', 'text', (column) => column.notNull())
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('verdict', 'text', (column) => column.notNull())
      .addColumn('reason', 'text')
      .addColumn('detail', 'text')
      .addColumn('decides', 'integer', (column) => column.notNull())
      .addColumn('change', 'text')
      .addColumn('exit_status', 'integer')
      .addColumn('retries', 'integer', (column) => column.notNull())
      .addColumn('wall_seconds', 'double precision')
      .addColumn('memory_bytes', 'bigint')
      .addColumn('disk_bytes', 'bigint')
      .addColumn('log_sha256', 'text')
      .addColumn('log_bytes', 'bigint')
      .addColumn('log_truncated', 'integer', (column) => column.notNull())
      .addColumn('record_sha256', 'text')
      .addColumn('source', 'text', (column) => column.notNull().defaultTo(''))
      .addColumn('version', 'text', (column) => column.notNull().defaultTo(''))
      .addColumn('distribution', 'text', (column) => column.notNull().defaultTo(''))
      .addColumn('release', 'text', (column) => column.notNull().defaultTo(''))
      .addColumn('architecture', 'text', (column) => column.notNull().defaultTo(''))
      .addColumn('component', 'text', (column) => column.notNull().defaultTo(''))
      .execute();
    await showResultsOnPackages(db);
    await fillRepeated(db, {
      table: 'result',
      from: 'build_input',
      by: 'build_input_id',
      columns: {
        source: 'source',
        version: 'version',
        distribution: 'distribution',
        release: 'release',
        architecture: 'architecture',
        component: 'component',
      },
    });
    await db.schema.createIndex('result_input').on('result').columns(['build_input_id', 'id']).execute();
    await db.schema.createIndex('result_built').on('result').columns(['built_at', 'id']).execute();
    // What results are looked for by, newest first.
    for (const column of ['source', 'status', 'change', 'worker_id', 'release', 'component'])
      await db.schema.createIndex(`result_${column}`).on('result').columns([column, 'built_at', 'id']).execute();
    await db.schema.createIndex('result_status_id').on('result').columns(['status', 'id']).execute();
    await numberedTable(db, 'result_artifact')
      .addColumn('result_id', 'integer', (column) => column.notNull().references('result.id'))
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('version', 'text')
      .addColumn('architecture', 'text')
      .addColumn('file_name', 'text', (column) => column.notNull())
      .addColumn('verdict', 'text', (column) => column.notNull())
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('published_sha256', 'text')
      .addColumn('published_bytes', 'bigint')
      .addColumn('rebuilt_sha256', 'text')
      .addColumn('rebuilt_bytes', 'bigint')
      .addColumn('difference_sha256', 'text')
      .addColumn('report_sha256', 'text')
      .addColumn('attestation_sha256', 'text')
      .addColumn('checked_here', 'integer', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('result_artifact_result').on('result_artifact').columns(['result_id']).execute();
    await db.schema
      .createIndex('result_artifact_published')
      .on('result_artifact')
      .columns(['published_sha256'])
      .execute();
    await db.schema.createIndex('result_artifact_rebuilt').on('result_artifact').columns(['rebuilt_sha256']).execute();
    await forbidChanges(db, 'result', 'source');
    await forbidChanges(db, 'result_artifact');
  },
};
