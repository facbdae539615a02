import type { Database } from '../database.ts';
import { resultReader } from './read.ts';
import type { ResultStore } from './types.ts';
import { resultWriter } from './writer.ts';

export { type ResultReader, resultReader } from './read.ts';
export { resultWriter } from './writer.ts';

/** Results over any dialect's database. */
export function createResultStore(database: Database): ResultStore {
  return { ...resultReader(database), ...resultWriter(database) };
}
