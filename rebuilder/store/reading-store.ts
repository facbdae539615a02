import { listJobs } from './jobs/list.ts';
import type { JobStore } from './jobs/types.ts';
import { packageReader } from './packages/read.ts';
import { type TargetReader, targetReader } from './packages/target-reader.ts';
import type { PackageStore } from './packages/types.ts';
import { resultReader } from './results/read.ts';
import type { ResultStore } from './results/types.ts';
import { openReadingDatabase } from './sqlite-reading.ts';

/** What lists are read from. A service's whole store has it too. */
export type ReadingStore = {
  readonly packages: Pick<PackageStore, 'binaryPackages' | 'sourcePackages'>;
  readonly results: Pick<ResultStore, 'results'>;
  readonly jobs: Pick<JobStore, 'jobs'>;
};

/** Lists of a SQLite file, over a connection of its own that cannot write: for a thread beside the one that writes. */
export function openReadingStore(file: string): ReadingStore & { readonly targets: TargetReader } {
  const database = openReadingDatabase(file);
  return {
    packages: packageReader(database),
    results: resultReader(database),
    jobs: { jobs: (filter, page) => listJobs(database, filter, page) },
    targets: targetReader(database),
  };
}
