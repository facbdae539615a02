import { createEnvironments, type Environments } from './environments.ts';
import { createLookups, type Lookups } from './lookups.ts';
import { type DatabaseOptions, openDatabase } from './open-database.ts';
import { createStore } from './rebuilds.ts';
import type { Store } from './types.ts';

/** The records, and beside them the two caches that live in the same database. */
export type OpenedStore = Store & { readonly lookups: Lookups; readonly environments: Environments };

/**
 * Opens the store of a place: a data folder, made as needed (folder 0700, file 0600), or postgres://…. Several
 * processes may have it open. Throws STORE_BUSY, STORE_CORRUPT, STORE_VERSION, STORE_FAILED, DATABASE_UNAVAILABLE.
 */
export async function openStore(place: string, options: DatabaseOptions = {}): Promise<OpenedStore> {
  const database = await openDatabase(place, options);
  return {
    ...createStore(database),
    lookups: createLookups(database),
    environments: createEnvironments(database),
  };
}
