import type { ReasonKind, Sha256 } from '../../../model/index.ts';
import type { OriginFilter, Page, PageRequest, Status } from '../page.ts';

export type ResultArtifact = {
  readonly name: string;
  readonly version?: string;
  readonly architecture?: string;
  readonly fileName: string;
  readonly verdict: 'identical' | 'differs' | 'missing' | 'extra' | 'unknown';
  readonly status: Exclude<Status, 'FAIL'>;
  readonly published?: { readonly sha256: Sha256; readonly size: number };
  readonly rebuilt?: { readonly sha256: Sha256; readonly size: number };
  /** Blobs. */
  readonly difference?: Sha256;
  readonly report?: Sha256;
  readonly attestation?: Sha256;
  /** Whether this server itself saw that the rebuilt bytes are the published ones. */
  readonly checkedHere: boolean;
};

/** What a build ended in, as it is recorded. Times in ISO 8601, UTC. */
export type ResultEntry = {
  readonly origin: 'ours' | 'rebuilderd' | 'imported';
  readonly rebuildId?: string;
  readonly workerId?: number;
  readonly startedAt: string;
  readonly builtAt: string;
  readonly status: Status;
  /** A Verdict's kind, and its reason; `unknown` where a foreign worker only said FAIL. */
  readonly verdict: string;
  readonly reason?: string;
  readonly detail?: string;
  /** Whether it says something of the package: reproducible, unreproducible, failed-to-build, and drift. */
  readonly decides: boolean;
  readonly exitStatus?: number;
  readonly wallSeconds?: number;
  readonly memoryBytes?: number;
  readonly diskBytes?: number;
  /** A blob of zstd. `bytes` is its length before compression. */
  readonly log?: { readonly sha256: Sha256; readonly bytes: number; readonly truncated: boolean };
  readonly record?: Sha256;
  /** Blob of what a worker on another machine says of how it built. */
  readonly testimony?: Sha256;
  readonly artifacts: readonly ResultArtifact[];
  /** Kinds of reasons in its differences, each once; left out where nobody looked. */
  readonly causes?: readonly ReasonKind[];
};

export type Result = Omit<ResultEntry, 'artifacts' | 'causes' | 'testimony'> & {
  readonly id: number;
  readonly buildInputId: number;
  readonly change?: 'first' | 'same' | 'regression' | 'fixed';
  readonly retries: number;
  readonly source: string;
  readonly version: string;
  readonly distribution: string;
  readonly release?: string;
  readonly architecture: string;
};

export type StoredArtifact = ResultArtifact & { readonly id: number; readonly resultId: number };

/**
 * When a build is tried again. Each kind has its own count in a row and its own upper limit; the n-th retry waits
 * baseHours * 2^(n-1) hours. Undefined limit: no end.
 */
export type RetryPolicy = {
  readonly baseHours: number;
  readonly limits: { readonly buildFailures?: number; readonly ourFailures?: number; readonly differing?: number };
};

/** What became of a report. `already`: the same lease's result was taken before; nothing was changed. */
export type Recorded = { readonly kind: 'recorded' | 'already'; readonly id: number } | { readonly kind: 'lease lost' };

export type ResultFilter = OriginFilter & {
  /** A source's name. */
  readonly name?: string;
  readonly version?: string;
  readonly buildInputId?: number;
  readonly status?: readonly Status[];
  readonly verdict?: readonly string[];
  readonly change?: readonly ('first' | 'same' | 'regression' | 'fixed')[];
  /** Built at or after: ISO 8601, UTC. */
  readonly since?: string;
  readonly workerId?: number;
};

export type AttemptCount = {
  readonly day: string;
  readonly distribution: string;
  readonly release?: string;
  readonly architecture: string;
  readonly verdict: string;
  readonly reason?: string;
  readonly attempts: number;
};

/** Append-only: what builds ended in. Every implementation passes test/contract/results.ts. */
export interface ResultStore {
  /**
   * Ends a leased job with its result: one transaction that writes the result and its artifacts, brings the status of
   * the input and its packages up to date (a result that decides nothing never hides one that does), and removes the
   * job or queues its retry.
   */
  record(
    job: { readonly jobId: number; readonly lease: number },
    entry: ResultEntry,
    retry: RetryPolicy,
  ): Promise<Recorded>;
  /** Writes a result that no job of ours ended in: history from elsewhere. */
  importResult(buildInputId: number, entry: ResultEntry): Promise<number>;
  /** Many of them in one transaction. A queued `new` job of an input that is GOOD by it leaves the queue. */
  importResults(
    imported: readonly { readonly buildInputId: number; readonly entry: ResultEntry }[],
  ): Promise<readonly number[]>;
  /** How many results a filter finds: kept, and counted aside. */
  countResults(filter: ResultFilter): Promise<number>;
  /** `total`: what countResults said, where it was asked before. */
  results(filter: ResultFilter, page: PageRequest<'id' | 'built_at'>, total?: number): Promise<Page<Result>>;
  result(id: number): Promise<Result | undefined>;
  /** How many attempts ended how on each day (YYYY-MM-DD, UTC) from one on, oldest first. */
  attempts(filter: OriginFilter & { readonly since: string }): Promise<readonly AttemptCount[]>;
  /** Those of these ids, at most some thousands, that are there. */
  resultsOf(ids: readonly number[]): Promise<ReadonlyMap<number, Result>>;
  /** Kinds of reasons in the differences of these results, in order; a result without any is left out. */
  causesOf(ids: readonly number[]): Promise<ReadonlyMap<number, readonly ReasonKind[]>>;
  /** The blob of what a worker on another machine said of how it built; undefined where it said nothing. */
  testimony(resultId: number): Promise<Sha256 | undefined>;
  artifacts(resultId: number): Promise<readonly StoredArtifact[]>;
  artifact(id: number): Promise<StoredArtifact | undefined>;
  /** Where a file with these bytes was published or rebuilt, newest result first. */
  artifactsBySha256(sha256: Sha256, limit: number): Promise<readonly StoredArtifact[]>;
  /**
   * By how many rebuilders each of these published files (at most some hundreds) came out byte for byte: workers count
   * each, imported results together as one. Without those that never did.
   */
  rebuildersOf(sha256s: readonly Sha256[]): Promise<ReadonlyMap<Sha256, number>>;
  /** The result that a worker's job ended in, by the job's id. */
  resultOfJob(jobId: number): Promise<Result | undefined>;
}
