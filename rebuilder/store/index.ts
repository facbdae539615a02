export { openBlobs } from './blobs.ts';
export type { Database } from './database.ts';
export type { Environments, StoredEnvironment } from './environments.ts';
export { type RebuildEvidence, writeEvidence } from './evidence.ts';
export { type ArtifactSources, extractArtifacts } from './extract-artifacts.ts';
export { type FileLock, openFileLock } from './file-lock.ts';
export {
  JOB_KINDS,
  type Job,
  type JobFilter,
  type JobKind,
  type JobStore,
  PRIORITY,
  type QueueCounts,
  type QueueState,
} from './jobs/types.ts';
export type { Lookups } from './lookups.ts';
export { type DatabaseOptions, openDatabase, STORE_FILE } from './open-database.ts';
export { type OpenedPackages, openPackages } from './open-packages.ts';
export { createServiceStore, openServiceStore } from './open-service-store.ts';
export { type OpenedStore, openStore } from './open-store.ts';
export type { RowMark } from './packages/row-marks.ts';
export type { TargetReader } from './packages/target-reader.ts';
export type { ListedFile, ListedSource, PackageStore } from './packages/types.ts';
export { STATUSES, type Status } from './page.ts';
export { isPostgresAddress } from './postgres/address.ts';
export { openReadingStore, type ReadingStore } from './reading-store.ts';
export {
  openRebuilderdDatabase,
  type RebuilderdBuild,
  type RebuilderdDatabase,
  type RebuilderdPackage,
} from './rebuilderd-database.ts';
export type { ResultArtifact, ResultEntry, ResultStore } from './results/types.ts';
export type { ServiceStore } from './service-types.ts';
export type { SqliteOptions } from './sqlite.ts';
export { openStatementFiles, type StatementFiles } from './statement-files.ts';
export type {
  BlobStore,
  RebuildFilter,
  RebuildRequest,
  RebuildSummary,
  Store,
  StoredBlob,
  StoredStage,
} from './types.ts';
export {
  backup,
  type FsckReport,
  fsck,
  notePruned,
  type Pruned,
  type PublishedRebuild,
  prune,
  publishedRebuilds,
  type RetentionRules,
  restore,
} from './upkeep/index.ts';
