import type { Database } from '../database.ts';
import { packageWriter } from './import.ts';
import { packageReader } from './read.ts';
import type { PackageStore } from './types.ts';

export { packageWriter } from './import.ts';
export { type PackageReader, packageReader } from './read.ts';

/** Packages over any dialect's database. */
export function createPackageStore(database: Database): PackageStore {
  return { ...packageReader(database), ...packageWriter(database) };
}
