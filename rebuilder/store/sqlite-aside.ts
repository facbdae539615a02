import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { openAskingThread } from '../asking-thread.ts';
import type { Queries } from './database.ts';
import type { Tables } from './tables.ts';

/** One query for the thread. */
export type AsideQuestion = { readonly sql: string; readonly parameters: readonly unknown[] };

/** What keeps a thread from ever taking all memory: what is read aside are counts and names. */
const HEAP_MEBIBYTES = 256;

/**
 * Reads of a SQLite file in two threads of their own, each of which begins when it is first needed: SQLite answers in the
 * thread that asks, and whom a server answers would all wait for one long count. With two, a short count does not wait
 * for a long one. Each query sees what was committed before it.
 */
export function openAside(file: string, cacheKibibytes: number): { readonly db: Queries; close(): Promise<void> } {
  const open = () =>
    openAskingThread<AsideQuestion, unknown[]>({
      program: join(import.meta.dirname, 'sqlite-thread'),
      data: { file, cacheKibibytes },
      heapMebibytes: HEAP_MEBIBYTES,
      doing: 'reads the database',
      errorOf: ({ message, code }) => new Sqlite.SqliteError(message, code),
    });
  const threads = [open(), open()] as const;
  const ask = ({ sql, parameters }: CompiledQuery) => {
    const [first, second] = threads;
    return (second.waiting() < first.waiting() ? second : first).ask({ sql, parameters });
  };
  return {
    db: new Kysely<Tables>({ dialect: new AsideDialect(ask) }),
    close: async () => void (await Promise.all(threads.map((thread) => thread.close()))),
  };
}

type Ask = (query: CompiledQuery) => Promise<unknown[]>;

/** Kysely would otherwise give SQLite one query after the other. */
class AsideAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

class AsideDialect implements Dialect {
  readonly #ask: Ask;
  constructor(ask: Ask) {
    this.#ask = ask;
  }
  createDriver(): Driver {
    return new AsideDriver(this.#ask);
  }
  createQueryCompiler(): SqliteQueryCompiler {
    return new SqliteQueryCompiler();
  }
  createAdapter(): AsideAdapter {
    return new AsideAdapter();
  }
  createIntrospector(db: Kysely<unknown>): SqliteIntrospector {
    return new SqliteIntrospector(db);
  }
}

/** One connection that all share: it has no transactions. */
class AsideDriver implements Driver {
  readonly #connection: DatabaseConnection;
  constructor(ask: Ask) {
    this.#connection = {
      executeQuery: async <Row>(query: CompiledQuery): Promise<QueryResult<Row>> => ({
        rows: (await ask(query)) as Row[],
      }),
      // biome-ignore lint/correctness/useYield: nothing is read this way.
      streamQuery: async function* (): AsyncGenerator<never> {
        throw new Error('reading aside gives whole answers');
      },
    };
  }
  async init(): Promise<void> {}
  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection;
  }
  async beginTransaction(): Promise<void> {
    throw new Error('what is read aside is no transaction');
  }
  async commitTransaction(): Promise<void> {}
  async rollbackTransaction(): Promise<void> {}
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
}
