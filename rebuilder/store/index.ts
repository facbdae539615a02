export { openBlobs } from './blobs.ts';
export type { Environments, StoredEnvironment } from './environments.ts';
export { type RebuildEvidence, writeEvidence } from './evidence.ts';
export { type ArtifactSources, extractArtifacts } from './extract-artifacts.ts';
export type { Lookups } from './lookups.ts';
export { type OpenedStore, openStore, STORE_FILE } from './open-store.ts';
export type { SqliteOptions } from './sqlite.ts';
export type { BlobStore, RebuildFilter, RebuildRequest, RebuildSummary, Store, StoredStage } from './types.ts';
