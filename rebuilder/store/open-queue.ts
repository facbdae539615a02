import { createJobStore } from './jobs/index.ts';
import type { JobStore } from './jobs/types.ts';
import { type DatabaseOptions, openDatabase } from './open-database.ts';

/**
 * Opens the queue of a place: a data folder, made as needed, or postgres://…. Several processes may have it open, a
 * running service among them. Throws as openStore.
 */
export async function openQueue(
  place: string,
  options: DatabaseOptions = {},
): Promise<JobStore & { readonly close: () => Promise<void> }> {
  const database = await openDatabase(place, options);
  return { ...createJobStore(database), close: () => database.close() };
}
