import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

export type Queries = Kysely<Tables>;

/**
 * The edge between the store's queries, which every dialect understands, and one dialect's connection, waiting and
 * errors. `doing` begins the message of any error, such as "saving stage plan of rebuild 0k3…".
 * All throw STORE_BUSY, STORE_CORRUPT and STORE_FAILED.
 */
export interface Database {
  /** Where the data lies, for messages: a file, or an address without its password. */
  readonly place: string;
  readonly dialect: 'sqlite' | 'postgres';
  read<T>(doing: string, work: (db: Queries) => Promise<T>): Promise<T>;
  /**
   * The same for what takes long, such as counting: nobody else in this process waits meanwhile. It sees what was
   * committed before each of its queries.
   */
  readAside<T>(doing: string, work: (db: Queries) => Promise<T>): Promise<T>;
  /** One transaction that is the only writer from its start; `work` may run again when another writer was in the way. */
  write<T>(doing: string, work: (db: Queries) => Promise<T>): Promise<T>;
  /** What changes whenever something else would be read, at the cost of some microseconds; undefined where that is not known. */
  state?(): string | undefined;
  /** The time as ISO 8601 in UTC, with milliseconds. */
  now(): string;
  /** What is wrong with it by its own lights and in what keeps rows from being changed; a line each. */
  check(): Promise<readonly string[]>;
  /** Writes a copy as of one moment into a new file, while others read and write. False where tools of its own do that. */
  copyTo(file: string): Promise<boolean>;
  close(): Promise<void>;
}
