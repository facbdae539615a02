import type { Generated } from 'kysely';
import type { AuditTable, DeliveryTable, NonceTable, TokenTable, WebhookTable, WorkerTable } from './access/tables.ts';
import type { JobTable, LeaseCounterTable, QueueLaneTable, QueueSettingTable } from './jobs/tables.ts';
import type {
  BinaryPackageTable,
  BuildInputTable,
  DailyStatusTable,
  ProfileTable,
  PublicationTable,
  SourcePackageTable,
} from './packages/tables.ts';
import type { ResultArtifactTable, ResultCauseTable, ResultTable, ResultTestimonyTable } from './results/tables.ts';

/** A rebuild as it was asked for. `sequence` orders rebuilds by when they began; `request` is canonical JSON. */
export type RebuildTable = {
  readonly sequence: Generated<number>;
  readonly id: string;
  readonly created_at: string;
  readonly request: string;
  /** What the request names, where it names something: a filter falls back on it until the target is known. */
  readonly asked_name: string | null;
  readonly asked_suite: string | null;
};

/** What a rebuild's request turned out to mean: one row as soon as it is known. */
export type TargetTable = {
  readonly rebuild_id: string;
  readonly source: string;
  readonly version: string;
  readonly suite: string;
  readonly architecture: string;
};

/** A stage's result as canonical JSON, and that text's SHA-256. */
export type StageTable = {
  readonly rebuild_id: string;
  readonly stage: string;
  readonly value: string;
  readonly sha256: string;
  readonly started_at: string;
  readonly wall_seconds: number;
};

/** A finished rebuild's record as canonical JSON, that text's SHA-256, and the verdict for filters. */
export type RecordTable = {
  readonly rebuild_id: string;
  readonly value: string;
  readonly sha256: string;
  readonly verdict: string;
  readonly reason: string | null;
};

/** Every root file system that a lock was seen to give. Append-only: a second one for a lock is a finding. */
export type RootfsTable = { readonly lock_digest: string; readonly rootfs_digest: string; readonly seen_at: string };

/** What an engine of this machine holds ready. A cache. */
export type EnvironmentTable = {
  readonly lock_digest: string;
  readonly engine_id: string;
  readonly rootfs_digest: string;
  readonly image_id: string;
  readonly bytes: number;
  readonly created_at: string;
  readonly last_used_at: string;
};

/** Results of pure functions of digests. A cache. */
export type LookupTable = {
  readonly kind: string;
  readonly key: string;
  readonly value: string;
  readonly created_at: string;
};

/** A blob that was removed because a rule said so, though something refers to it. Append-only. */
export type PrunedBlobTable = {
  readonly sha256: string;
  readonly pruned_at: string;
  /** log or file. */
  readonly kind: string;
};

/** `held_until` ends a holder that died; `done_at` is when the work was last done, by whomever. */
export type DutyTable = {
  readonly name: string;
  readonly holder: string;
  readonly held_until: string;
  readonly done_at: string | null;
};

export type Tables = {
  readonly rebuild: RebuildTable;
  readonly target: TargetTable;
  readonly stage: StageTable;
  readonly record: RecordTable;
  readonly rootfs: RootfsTable;
  readonly environment: EnvironmentTable;
  readonly lookup: LookupTable;
  readonly pruned_blob: PrunedBlobTable;
  readonly duty: DutyTable;
  readonly profile: ProfileTable;
  readonly source_package: SourcePackageTable;
  readonly build_input: BuildInputTable;
  readonly binary_package: BinaryPackageTable;
  readonly publication: PublicationTable;
  readonly daily_status: DailyStatusTable;
  readonly job: JobTable;
  readonly queue_lane: QueueLaneTable;
  readonly lease_counter: LeaseCounterTable;
  readonly queue_setting: QueueSettingTable;
  readonly result: ResultTable;
  readonly result_artifact: ResultArtifactTable;
  readonly result_cause: ResultCauseTable;
  readonly result_testimony: ResultTestimonyTable;
  readonly worker: WorkerTable;
  readonly token: TokenTable;
  readonly audit: AuditTable;
  readonly nonce: NonceTable;
  readonly webhook: WebhookTable;
  readonly delivery: DeliveryTable;
};
