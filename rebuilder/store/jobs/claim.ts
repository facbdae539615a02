import { type ExpressionBuilder, sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { isPostgres } from '../migrations/dialect.ts';
import { secondsAfter } from '../seconds-after.ts';
import type { Tables } from '../tables.ts';
import { architectureNames } from './architectures.ts';
import { type JobRow, jobOf, jobRows, lockingRows, readyAt } from './job-rows.ts';
import { inputOf } from './leased-input.ts';
import { readState } from './state.ts';
import type { Capabilities, LeasedJob } from './types.ts';

type Claimer = { readonly id: number; readonly capabilities: Capabilities };
type Lane = {
  readonly id: number;
  readonly distribution: string;
  readonly release: string;
  readonly lastLease: number;
  readonly jobId: number | null;
};
type Head = JobRow & { readonly laneId: number; readonly readyAt: string };

/**
 * JobStore.claim. Each lane gives its first job by one step into the index; of those the soonest priority wins, then the
 * release that was served longest ago, then what waits longest.
 */
export async function claim(database: Database, worker: Claimer, leaseSeconds: number): Promise<LeasedJob | undefined> {
  const claimed = await database.write('claiming a job', async (db) => {
    await afterOtherClaims(db);
    const { paused, draining } = await readState(db);
    if (paused || draining) return undefined;
    // Not before: who waited for its turn would get a lease that began in the past.
    const now = database.now();
    const lanes = await openLanes(db, worker.capabilities, now);
    const head = next(lanes, await headsOf(db, lanes));
    if (head === undefined) return undefined;
    const { laneId, readyAt: _, ...waiting } = head;
    const { last: lease } = await db
      .updateTable('lease_counter')
      .set({ last: sql`last + 1` })
      .where('id', '=', 1)
      .returning('last')
      .executeTakeFirstOrThrow();
    const expiresAt = secondsAfter(now, leaseSeconds);
    const held = { leased_at: now, heartbeat_at: now, expires_at: expiresAt, stage: null };
    await db
      .updateTable('job')
      .set({ ...held, state: 'leased', worker_id: worker.id, lease })
      .where('id', '=', head.id)
      .execute();
    await db.updateTable('queue_lane').set({ last_lease: lease }).where('id', '=', laneId).execute();
    const job = jobOf({
      ...waiting,
      state: 'leased',
      workerId: worker.id,
      leasedAt: now,
      heartbeatAt: now,
      expiresAt,
      stage: null,
    });
    return { job, lease, expiresAt };
  });
  if (claimed === undefined) return undefined;
  const input = await database.read('reading what a job builds', (db) => inputOf(db, claimed.job.buildInputId));
  return { ...claimed, input };
}

/**
 * Where many write at once, claims come one after the other: each reads what the one before wrote (the lanes' turns), so
 * those that went on beside it would only be begun anew. LOCK TABLE takes no snapshot: what is read next is up to date.
 */
async function afterOtherClaims(db: Queries): Promise<void> {
  if (isPostgres(db as never)) await sql`lock table lease_counter in share row exclusive mode`.execute(db);
}

async function openLanes(db: Queries, capabilities: Capabilities, now: string): Promise<readonly Lane[]> {
  let query = db
    .selectFrom('queue_lane')
    .select((eb) => [
      'queue_lane.id as id',
      'queue_lane.distribution as distribution',
      'queue_lane.release as release',
      'queue_lane.last_lease as lastLease',
      firstJob(db, eb, { capabilities, now }).as('jobId'),
    ]);
  const architectures = architectureNames(capabilities.architectures);
  if (architectures !== undefined) query = query.where('queue_lane.architecture', 'in', [...architectures, '']);
  const { distributions } = capabilities;
  if (distributions !== undefined) query = query.where('queue_lane.distribution', 'in', [...distributions, '']);
  return query.execute();
}

function firstJob(
  db: Queries,
  eb: ExpressionBuilder<Tables, 'queue_lane'>,
  { capabilities, now }: { readonly capabilities: Capabilities; readonly now: string },
) {
  let query = eb
    .selectFrom('job')
    .select('job.id')
    .whereRef('job.lane_id', '=', 'queue_lane.id')
    .where('job.state', '=', 'queued')
    .where(readyAt, '<=', now)
    .orderBy('job.priority')
    .orderBy(readyAt)
    .orderBy('job.id')
    .limit(1);
  const { memoryBytes, diskBytes } = capabilities;
  if (memoryBytes !== undefined) query = query.where(learned('memory_bytes'), '<=', memoryBytes);
  if (diskBytes !== undefined) query = query.where(learned('disk_bytes'), '<=', diskBytes);
  return lockingRows(db, query, { skipLocked: true });
}

/** What the input's builds needed, else those of the source's other versions; 0 while nothing is known. */
function learned(column: 'memory_bytes' | 'disk_bytes') {
  const own = sql.ref(`own.${column}`);
  const other = sql.ref(`other.${column}`);
  return sql<number>`coalesce(
    (select ${own} from build_input own where own.id = job.build_input_id),
    (select max(${other}) from build_input own join build_input other
      on other.source = own.source and other.distribution = own.distribution and other.architecture = own.architecture
      where own.id = job.build_input_id),
    0)`;
}

async function headsOf(db: Queries, lanes: readonly Lane[]): Promise<readonly Head[]> {
  const ids = lanes.flatMap(({ jobId }) => (jobId === null ? [] : [jobId]));
  if (ids.length === 0) return [];
  return jobRows(db)
    .select(['job.lane_id as laneId', readyAt.as('readyAt')])
    .where('job.id', 'in', ids)
    .execute();
}

function next(lanes: readonly Lane[], heads: readonly Head[]): Head | undefined {
  const releaseOf = new Map(lanes.map((lane) => [lane.id, JSON.stringify([lane.distribution, lane.release])]));
  const served = new Map<string | undefined, number>();
  for (const lane of lanes) {
    const release = releaseOf.get(lane.id);
    served.set(release, Math.max(served.get(release) ?? 0, lane.lastLease));
  }
  const servedAt = (head: Head): number => served.get(releaseOf.get(head.laneId)) ?? 0;
  return heads.toSorted(
    (left, right) =>
      left.priority - right.priority ||
      servedAt(left) - servedAt(right) ||
      (left.readyAt < right.readyAt ? -1 : left.readyAt > right.readyAt ? 1 : left.id - right.id),
  )[0];
}
