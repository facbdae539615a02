import type { Database } from '../database.ts';
import { compareListing } from './compare-listing.ts';
import { noteDay } from './daily-status.ts';
import { noteSync, readProfiles } from './profiles.ts';
import type { Import, ImportCounts, ListedSource, PackageStore } from './types.ts';
import { writeChanges } from './write-changes.ts';

/** The part of the package store that takes lists in. Everything is compared before the one transaction begins. */
export function packageWriter(database: Database): Pick<PackageStore, 'import' | 'noteSync' | 'profiles' | 'noteDay'> {
  return {
    import: (order, sources) => importListing(database, order, sources),
    noteSync: (profile, event) => noteSync(database, profile, event),
    profiles: () => readProfiles(database),
    noteDay: () => noteDay(database),
  };
}

async function importListing(
  database: Database,
  order: Import,
  sources: AsyncIterable<ListedSource> | Iterable<ListedSource>,
): Promise<ImportCounts> {
  const changes = await compareListing(database, order, sources);
  const now = database.now();
  return database.write('importing packages', (db) => writeChanges(db, { order, changes, now }));
}
