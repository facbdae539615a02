import type { FileDigest, RebuildRecord, Sha256, StageName, TargetRequest } from '../../model/index.ts';

/** A stage's stored result: a plain JSON value, when it was begun (ISO 8601, UTC) and how long it took. */
export type StoredStage = {
  readonly stage: StageName;
  readonly value: unknown;
  readonly startedAt: string;
  readonly wallSeconds: number;
};

/** How a rebuild was asked for: everything a resumed run needs beside the stages. */
export type RebuildRequest = {
  readonly target: TargetRequest;
  readonly only: readonly string[];
  readonly nocheck: boolean;
  readonly control: boolean;
  readonly allowExpiredRelease: boolean;
  /** Set for a replay: the plan, and the root file system digest it must give, are taken from this rebuild. */
  readonly replayOf?: string;
  /** The root file system digest a replay must give again. */
  readonly expectedRootfsDigest?: Sha256;
};

/** One line of `reproof list`. `state` is unfinished until the record is written. */
export type RebuildSummary = {
  readonly id: string;
  readonly createdAt: string;
  readonly request: RebuildRequest;
  readonly state: 'unfinished' | 'recorded';
  readonly lastStage?: StageName;
  readonly source?: string;
  readonly version?: string;
  readonly suite?: string;
  readonly architecture?: string;
  readonly verdict?: string;
  readonly reason?: string;
};

export type RebuildFilter = {
  readonly source?: string;
  readonly suite?: string;
  readonly verdict?: string;
  readonly limit: number;
};

/**
 * Append-only memory of rebuilds. Nothing written is ever changed: a stage is stored once, a record is written once.
 * Every implementation passes test/contract/store.ts.
 */
export interface Store {
  /** Begins a rebuild under a new id: 12 characters of lower-case base 32. */
  createRebuild(request: RebuildRequest): Promise<string>;
  /** The summary of one rebuild by its id or an unambiguous beginning of it. Throws RECORD_UNKNOWN. */
  rebuild(idOrPrefix: string): Promise<RebuildSummary>;
  /** Newest first. */
  rebuilds(filter: RebuildFilter): Promise<readonly RebuildSummary[]>;
  /** Stores a stage's result. A second one for the same stage throws STORE_CORRUPT. */
  saveStage(id: string, stage: StoredStage): Promise<void>;
  /** All stored stages of a rebuild, in the order of STAGES. */
  stages(id: string): Promise<readonly StoredStage[]>;
  /** Ends a rebuild. Idempotent for equal records; another record for the same id throws STORE_CORRUPT. */
  saveRecord(record: RebuildRecord): Promise<void>;
  /** Rebuilds that have a record and not this stage, newest first: ids. */
  recordedWithout(stage: StageName, limit: number): Promise<readonly string[]>;
  /** The record, or undefined while the rebuild is unfinished. */
  record(id: string): Promise<RebuildRecord | undefined>;
  close(): Promise<void>;
}

/** A blob that is there. `storedAt` is when it was last put: ISO 8601, UTC. */
export type StoredBlob = { readonly sha256: Sha256; readonly size: number; readonly storedAt: string };

/**
 * Content by its digest: written whole or not at all, never changed. Every implementation passes
 * test/contract/blobs.ts.
 */
export interface BlobStore {
  /** Stores a stream and gives its digest. Throws FETCH_TOO_LARGE past maxBytes, leaving nothing. */
  put(name: string, stream: AsyncIterable<Uint8Array>, maxBytes: number): Promise<FileDigest>;
  /** The blob's bytes; the stream throws BLOB_CORRUPT at its end when they are not the ones named. Throws BLOB_CORRUPT when missing. */
  read(sha256: Sha256): AsyncIterable<Uint8Array>;
  /** Where the blob lies, for programs that read files; undefined when it is not there. */
  path(sha256: Sha256): Promise<string | undefined>;
  /** All that are there, by digest. Those put or removed meanwhile may be missing or among them. */
  list(): AsyncIterable<StoredBlob>;
  /**
   * Removes a blob, unless it was put at or after a time (ISO 8601, UTC): somebody may be about to refer to it. Whether
   * it was removed. A put of the same content at the same moment is never undone.
   */
  remove(sha256: Sha256, putBefore: string): Promise<boolean>;
}
