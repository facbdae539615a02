import type { ColumnType, Generated } from 'kysely';

/** One ended attempt at a build input. Append-only. */
export type ResultTable = {
  readonly id: Generated<number>;
  readonly build_input_id: number;
  /** Of the job it ended: unique, so that a result is accepted once. Null for what was imported. */
  readonly job_id: number | null;
  readonly lease: number | null;
  /** ours, rebuilderd (a worker of that kind reported it) or imported. */
  readonly origin: string;
  /** Id of the record, for ours. */
  readonly rebuild_id: string | null;
  readonly worker_id: number | null;
  /** When the build began and ended: ISO 8601, UTC. */
  readonly started_at: string;
  readonly built_at: string;
  /** GOOD, BAD, FAIL or UNKWN. */
  readonly status: string;
  readonly verdict: string;
  readonly reason: string | null;
  readonly detail: string | null;
  /** Whether it says something of the package; a later one that does not never hides one that does. */
  readonly decides: number;
  /** Against the last deciding one of the same name and release: first, same, regression, fixed; null where it decides nothing. */
  readonly change: string | null;
  readonly exit_status: number | null;
  readonly retries: number;
  readonly wall_seconds: number | null;
  readonly memory_bytes: number | null;
  readonly disk_bytes: number | null;
  readonly log_sha256: string | null;
  readonly log_bytes: number | null;
  readonly log_truncated: number;
  /** Blob of the record as canonical JSON. */
  readonly record_sha256: string | null;
  /** Of its build input, for lists: the database fills them in. */
  readonly source: ColumnType<string, never, never>;
  readonly version: ColumnType<string, never, never>;
  readonly distribution: ColumnType<string, never, never>;
  readonly release: ColumnType<string, never, never>;
  readonly architecture: ColumnType<string, never, never>;
  readonly component: ColumnType<string, never, never>;
};

/** A kind of reason in the differences of a result. Append-only. */
export type ResultCauseTable = { readonly result_id: number; readonly cause: string };

/** What a worker on another machine said of how a result was built: a blob. Append-only. */
export type ResultTestimonyTable = { readonly result_id: number; readonly sha256: string };

/** What became of one file in a result. Append-only. */
export type ResultArtifactTable = {
  readonly id: Generated<number>;
  readonly result_id: number;
  /** Binary package's name, its version and architecture, where the file is one. */
  readonly name: string;
  readonly version: string | null;
  readonly architecture: string | null;
  readonly file_name: string;
  /** identical, differs, missing or extra; unknown where only a foreign worker looked. */
  readonly verdict: string;
  /** GOOD, BAD or UNKWN. */
  readonly status: string;
  readonly published_sha256: string | null;
  readonly published_bytes: number | null;
  readonly rebuilt_sha256: string | null;
  readonly rebuilt_bytes: number | null;
  /** Blobs: our difference tree as JSON, a text for people, and an in-toto link. */
  readonly difference_sha256: string | null;
  readonly report_sha256: string | null;
  readonly attestation_sha256: string | null;
  /** Whether this server itself saw that the rebuilt bytes are the published ones. */
  readonly checked_here: number;
};
