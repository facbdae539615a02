import { createAccessStore } from './access/access-store.ts';
import type { Database } from './database.ts';
import { createJobStore } from './jobs/index.ts';
import { type DatabaseOptions, openDatabase } from './open-database.ts';
import { packageWriter } from './packages/import.ts';
import { packageReader } from './packages/read.ts';
import { resultReader } from './results/read.ts';
import { resultWriter } from './results/writer.ts';
import type { ServiceStore } from './service-types.ts';

/** All that a service keeps, over an open database. */
export function createServiceStore(database: Database): ServiceStore {
  return {
    packages: { ...packageReader(database), ...packageWriter(database) },
    jobs: createJobStore(database),
    results: { ...resultReader(database), ...resultWriter(database) },
    access: createAccessStore(database),
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
