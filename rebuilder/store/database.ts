import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

export type Queries = Kysely<Tables>;

/**
 * The edge between the store's queries, which every dialect understands, and one dialect's connection, waiting and
 * errors. `doing` begins the message of any error, such as "saving stage plan of rebuild 0k3…".
 * Both throw STORE_BUSY, STORE_CORRUPT and STORE_FAILED.
 */
export interface Database {
  /** Where the data lies, for messages: a file. */
  readonly place: string;
  read<T>(doing: string, work: (db: Queries) => Promise<T>): Promise<T>;
  /** One transaction that is the only writer from its start; `work` may run again when another writer was in the way. */
  write<T>(doing: string, work: (db: Queries) => Promise<T>): Promise<T>;
  /** The time as ISO 8601 in UTC, with milliseconds. */
  now(): string;
  close(): Promise<void>;
}
