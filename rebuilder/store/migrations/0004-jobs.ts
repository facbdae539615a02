import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { numberedTable } from './dialect.ts';
import { laneNewJobs } from './job-lanes.ts';

/** The queue. */
export const jobsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await numberedTable(db, 'queue_lane')
      .addColumn('distribution', 'text', (column) => column.notNull())
      .addColumn('release', 'text', (column) => column.notNull())
      .addColumn('architecture', 'text', (column) => column.notNull())
      .addColumn('last_lease', 'integer', (column) => column.notNull())
      .addUniqueConstraint('queue_lane_unique', ['distribution', 'release', 'architecture'])
      .execute();
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
      .addColumn('lane_id', 'integer', (column) => column.references('queue_lane.id'))
      .addColumn('lost_leases', 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
    await laneNewJobs(db);
    // A claim reads the first entry of each lane that may begin: the order here is the order of the claim.
    await db.schema
      .createIndex('job_order')
      .on('job')
      .columns(['lane_id', 'state', 'priority'])
      .expression(sql`coalesce(not_before, queued_at)`)
      .column('id')
      .execute();
    await db.schema.createIndex('job_priority').on('job').columns(['priority', 'id']).execute();
    await db.schema.createIndex('job_queued').on('job').columns(['queued_at', 'id']).execute();
    await db.schema.createIndex('job_put_off').on('job').columns(['state', 'not_before']).execute();
    await db.schema.createIndex('job_expiry').on('job').columns(['state', 'expires_at']).execute();
    await db.schema
      .createTable('lease_counter')
      .addColumn('id', 'integer', (column) => column.notNull())
      .addColumn('last', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('lease_counter_key', ['id'])
      .execute();
    await sql`insert into lease_counter (id, last) values (1, 0)`.execute(db);
    await db.schema.createIndex('build_input_decided').on('build_input').columns(['decided_at', 'id']).execute();
    await db.schema
      .createTable('queue_setting')
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('value', 'text', (column) => column.notNull())
      .addColumn('set_at', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('queue_setting_key', ['name'])
      .execute();
  },
};
