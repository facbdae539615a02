import { createAccessStore } from './access/access-store.ts';
import type { Database } from './database.ts';
import { createDutyStore } from './duties.ts';
import { createJobStore } from './jobs/index.ts';
import { createNoted } from './noted.ts';
import { type DatabaseOptions, openDatabase } from './open-database.ts';
import { createPackageStore } from './packages/index.ts';
import { readStage } from './rebuilds.ts';
import { createResultStore } from './results/index.ts';
import type { ServiceStore } from './service-types.ts';

/** All that a service keeps, over an open database. */
export function createServiceStore(database: Database): ServiceStore {
  return {
    packages: createPackageStore(database),
    jobs: createJobStore(database),
    results: createResultStore(database),
    access: createAccessStore(database),
    stages: { stage: (rebuildId, name) => readStage(database, rebuildId, name) },
    duties: createDutyStore(database),
    noted: createNoted(database),
  };
}

/** The same of a place: a data folder, made as needed, or postgres://…. Throws as openStore. */
export async function openServiceStore(
  place: string,
  options: DatabaseOptions = {},
): Promise<ServiceStore & { readonly close: () => Promise<void> }> {
  const database = await openDatabase(place, options);
  return { ...createServiceStore(database), close: () => database.close() };
}
