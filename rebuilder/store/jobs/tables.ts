import type { ColumnType, Generated } from 'kysely';

/** A build input's place in the queue, from when it is asked for until its result is recorded. Ids are never used again. */
export type JobTable = {
  readonly id: Generated<number>;
  /** Unique: an input is one job however often it is asked. */
  readonly build_input_id: number;
  /** manual, new, retry or reverify. */
  readonly kind: string;
  /** Lower is sooner. rebuilderd's: 0 manual, 1 new, 2 retry; reverify is 3. Any 32-bit number may be asked. */
  readonly priority: number;
  readonly queued_at: string;
  /** Not to be begun before. */
  readonly not_before: string | null;
  /** queued or leased. */
  readonly state: string;
  readonly worker_id: number | null;
  /** Fencing token of the lease: grows with each lease of any job, and a result has to name it. */
  readonly lease: number | null;
  readonly leased_at: string | null;
  readonly heartbeat_at: string | null;
  readonly expires_at: string | null;
  /** 1 when the running build is to stop. */
  readonly cancel_requested: number;
  /** The stage a running build is in. */
  readonly stage: string | null;
  /** Who asked: an actor of the audit log; null for the schedule. */
  readonly requested_by: string | null;
  /** Set by the database when the job is inserted without one. */
  readonly lane_id: ColumnType<number, number | null | undefined, number>;
  /** How often its lease ended by itself: a build that takes its worker down with it is not begun at once for ever. */
  readonly lost_leases: Generated<number>;
};

/** Jobs of one distribution, release and architecture, which wait in one line. `last_lease`: the last one given of it. */
export type QueueLaneTable = {
  readonly id: Generated<number>;
  readonly distribution: string;
  readonly release: string;
  readonly architecture: string;
  readonly last_lease: number;
};

/** The last lease given: one row. */
export type LeaseCounterTable = { readonly id: number; readonly last: number };

/** Settings of the queue that outlive the process: `paused` and `draining`. */
export type QueueSettingTable = { readonly name: string; readonly value: string; readonly set_at: string };
