import { type DatabaseOptions, openDatabase } from './open-database.ts';
import { packageWriter } from './packages/import.ts';
import type { PackageStore } from './packages/types.ts';

/** What a sync writes to; `close` ends its connection. */
export type OpenedPackages = Pick<PackageStore, 'import' | 'noteSync' | 'profiles' | 'noteDay'> & {
  readonly close: () => Promise<void>;
};

/** Opens the store of a place (a data folder, or postgres://…) for a sync, on a connection of its own. Throws as openStore. */
export async function openPackages(place: string, options: DatabaseOptions = {}): Promise<OpenedPackages> {
  const database = await openDatabase(place, options);
  return { ...packageWriter(database), close: () => database.close() };
}
