import type { StageName } from '../../model/index.ts';
import type { AccessStore } from './access/types.ts';
import type { DutyStore } from './duties.ts';
import type { JobStore } from './jobs/types.ts';
import type { Noted } from './noted.ts';
import type { PackageStore } from './packages/types.ts';
import type { ResultStore } from './results/types.ts';
import type { StoredStage } from './types.ts';

export type { ImportCounts, ListedFile, ListedSource, PackageStore, Profile } from './packages/types.ts';

/** What a service keeps, beside the rebuilds of the store. */
export type ServiceStore = {
  readonly packages: PackageStore;
  readonly jobs: JobStore;
  readonly results: ResultStore;
  readonly access: AccessStore;
  /** What stages of rebuilds gave that ran over this store. */
  readonly stages: {
    /** One of them, and no other is read; undefined where there is none. Throws STORE_CORRUPT. */
    stage(rebuildId: string, name: StageName): Promise<StoredStage | undefined>;
  };
  readonly duties: DutyStore;
  readonly noted: Noted;
};
