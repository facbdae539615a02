import path from 'node:path';
import { createEnvironments, type Environments } from './environments.ts';
import { createLookups, type Lookups } from './lookups.ts';
import { createStore } from './rebuilds.ts';
import { openSqlite, type SqliteOptions } from './sqlite.ts';
import type { Store } from './types.ts';

/** The store's file inside a data folder. */
export const STORE_FILE = 'reproof.sqlite3';

/** The records, and beside them the two caches that live in the same file. */
export type OpenedStore = Store & { readonly lookups: Lookups; readonly environments: Environments };

/**
 * Opens the store of a data folder, made as needed (folder 0700, file 0600). Several processes may have it open.
 * Throws STORE_BUSY, STORE_CORRUPT, STORE_VERSION, STORE_FAILED.
 */
export async function openStore(folder: string, options: SqliteOptions = {}): Promise<OpenedStore> {
  const database = await openSqlite(path.join(folder, STORE_FILE), options);
  return {
    ...createStore(database),
    lookups: createLookups(database),
    environments: createEnvironments(database),
  };
}
