import type { AccessStore } from './access/types.ts';
import type { JobStore } from './jobs/types.ts';
import type { PackageStore } from './packages/types.ts';
import type { ResultStore } from './results/types.ts';

export type { ImportCounts, ListedFile, ListedSource, PackageStore, Profile } from './packages/types.ts';

/** What a service keeps, beside the rebuilds of the store. */
export type ServiceStore = {
  readonly packages: PackageStore;
  readonly jobs: JobStore;
  readonly results: ResultStore;
  readonly access: AccessStore;
};
