import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { numberedTable } from './dialect.ts';
import { fillRepeated } from './repeated-columns.ts';
import { showWorstOnSources } from './worst-status.ts';

/** What lists of binaries are sorted by and looked for by; and what counts are made of, so that no row is read for them. */
const LIST_INDEXES = [
  ['binary_package_version', ['version', 'id']],
  ['binary_package_architecture', ['architecture', 'id']],
  ['binary_package_source', ['source', 'id']],
  ['binary_package_census', ['seen', 'distribution', 'release', 'component', 'architecture', 'status']],
] as const;

/** What distributions publish, and what is built for it. */
export const packagesMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await numberedTable(db, 'profile')
      .addColumn('name', 'text', (column) => column.notNull().unique())
      .addColumn('distribution', 'text', (column) => column.notNull())
      .addColumn('started_at', 'text')
      .addColumn('finished_at', 'text')
      .addColumn('error', 'text')
      .addColumn('input_digest', 'text')
      .addColumn('suite_dates', 'text')
      .addColumn('revision', 'integer', (column) => column.notNull())
      .execute();
    await numberedTable(db, 'source_package')
      .addColumn('distribution', 'text', (column) => column.notNull())
      .addColumn('release', 'text', (column) => column.notNull())
      .addColumn('component', 'text')
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('version', 'text', (column) => column.notNull())
      .addColumn('maintainer', 'text')
      .addColumn('first_seen_at', 'text', (column) => column.notNull())
      .addColumn('last_seen_at', 'text', (column) => column.notNull())
      .addColumn('seen', 'integer', (column) => column.notNull())
      .addColumn('status', 'text')
      .addColumn('result_id', 'integer')
      .addUniqueConstraint('source_package_unique', ['name', 'version', 'distribution', 'release'])
      .execute();
    await numberedTable(db, 'build_input')
      .addColumn('key', 'text', (column) => column.notNull().unique())
      .addColumn('distribution', 'text', (column) => column.notNull())
      .addColumn('source', 'text', (column) => column.notNull())
      .addColumn('version', 'text', (column) => column.notNull())
      .addColumn('architecture', 'text', (column) => column.notNull())
      .addColumn('release', 'text', (column) => column.notNull())
      .addColumn('component', 'text', (column) => column.notNull().defaultTo(''))
      .addColumn('url', 'text')
      .addColumn('added_at', 'text', (column) => column.notNull())
      .addColumn('status', 'text')
      .addColumn('verdict', 'text')
      .addColumn('reason', 'text')
      .addColumn('result_id', 'integer')
      .addColumn('decided_at', 'text')
      .addColumn('build_failures', 'integer', (column) => column.notNull())
      .addColumn('our_failures', 'integer', (column) => column.notNull())
      .addColumn('differing', 'integer', (column) => column.notNull())
      .addColumn('wall_seconds', 'double precision')
      .addColumn('memory_bytes', 'bigint')
      .addColumn('disk_bytes', 'bigint')
      .execute();
    await db.schema.createIndex('build_input_source').on('build_input').columns(['source', 'version']).execute();
    await db.schema.createIndex('build_input_component').on('build_input').columns(['component', 'id']).execute();
    await numberedTable(db, 'binary_package')
      .addColumn('source_package_id', 'integer', (column) => column.notNull().references('source_package.id'))
      .addColumn('build_input_id', 'integer', (column) => column.notNull().references('build_input.id'))
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('version', 'text', (column) => column.notNull())
      .addColumn('architecture', 'text', (column) => column.notNull())
      .addColumn('component', 'text')
      .addColumn('url', 'text', (column) => column.notNull())
      .addColumn('file_name', 'text', (column) => column.notNull())
      .addColumn('sha256', 'text')
      .addColumn('size', 'bigint')
      .addColumn('first_seen_at', 'text', (column) => column.notNull())
      .addColumn('last_seen_at', 'text', (column) => column.notNull())
      .addColumn('seen', 'integer', (column) => column.notNull())
      .addColumn('status', 'text')
      .addColumn('artifact_id', 'integer')
      .addColumn('result_id', 'integer')
      .addColumn('shown', 'text')
      .addColumn('distribution', 'text', (column) => column.notNull().defaultTo(''))
      .addColumn('release', 'text', (column) => column.notNull().defaultTo(''))
      .addColumn('source', 'text', (column) => column.notNull().defaultTo(''))
      .addUniqueConstraint('binary_package_unique', [
        'source_package_id',
        'build_input_id',
        'name',
        'version',
        'architecture',
      ])
      .execute();
    await fillRepeated(db, {
      table: 'binary_package',
      from: 'source_package',
      by: 'source_package_id',
      columns: { distribution: 'distribution', release: 'release', source: 'name' },
    });
    await showWorstOnSources(db);
    await db.schema.createIndex('binary_package_name').on('binary_package').columns(['name', 'id']).execute();
    await db.schema.createIndex('binary_package_input').on('binary_package').columns(['build_input_id']).execute();
    await db.schema.createIndex('binary_package_sha256').on('binary_package').columns(['sha256']).execute();
    for (const [name, columns] of LIST_INDEXES)
      await db.schema
        .createIndex(name)
        .on('binary_package')
        .columns([...columns])
        .execute();
    for (const table of ['binary_package', 'source_package'])
      await db.schema.createIndex(`${table}_status`).on(table).expression(sql`coalesce(status, ''), id`).execute();
    await db.schema
      .createIndex('source_package_census')
      .on('source_package')
      .columns(['seen', 'distribution', 'release', 'component', 'status'])
      .execute();
    for (const column of ['version', 'last_seen_at', 'maintainer'])
      await db.schema.createIndex(`source_package_${column}`).on('source_package').columns([column, 'id']).execute();
    await db.schema
      .createTable('publication')
      .addColumn('profile_id', 'integer', (column) => column.notNull().references('profile.id'))
      .addColumn('binary_package_id', 'integer', (column) => column.notNull().references('binary_package.id'))
      .addPrimaryKeyConstraint('publication_key', ['profile_id', 'binary_package_id'])
      .execute();
    await db.schema.createIndex('publication_package').on('publication').columns(['binary_package_id']).execute();
    await db.schema
      .createTable('daily_status')
      .addColumn('day', 'text', (column) => column.notNull())
      .addColumn('distribution', 'text', (column) => column.notNull())
      .addColumn('release', 'text', (column) => column.notNull())
      .addColumn('architecture', 'text', (column) => column.notNull())
      .addColumn('good', 'integer', (column) => column.notNull())
      .addColumn('bad', 'integer', (column) => column.notNull())
      .addColumn('fail', 'integer', (column) => column.notNull())
      .addColumn('unknown', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('daily_status_key', ['day', 'distribution', 'release', 'architecture'])
      .execute();
  },
};
