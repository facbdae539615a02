import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
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
import type { Queries } from './database.ts';
import type { Tables } from './tables.ts';

/** One query for the thread. Numbers tell answers apart. */
export type AsideQuestion = { readonly number: number; readonly sql: string; readonly parameters: readonly unknown[] };
export type AsideAnswer =
  | { readonly number: number; readonly rows: unknown[] }
  | { readonly number: number; readonly failure: { readonly message: string; readonly code: string } };

/** What keeps a thread from ever taking all memory: what is read aside are counts and names. */
const HEAP_MEBIBYTES = 256;

type Waiting = { readonly resolve: (rows: unknown[]) => void; readonly reject: (error: Error) => void };

/**
 * Reads of a SQLite file in a thread of its own, which begins with the first of them: SQLite answers in the thread that
 * asks, and whom a server answers would all wait for one long count. Each query sees what was committed before it.
 */
export function openAside(file: string, cacheKibibytes: number): { readonly db: Queries; close(): Promise<void> } {
  const waiting = new Map<number, Waiting>();
  let thread: Worker | undefined;
  let asked = 0;
  let closed = false;
  const fail = (error: Error): void => {
    thread = undefined;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const settle = (answer: AsideAnswer): void => {
    const asker = waiting.get(answer.number);
    waiting.delete(answer.number);
    // Only what is awaited keeps the process alive.
    if (waiting.size === 0) thread?.unref();
    if ('rows' in answer) asker?.resolve(answer.rows);
    else asker?.reject(new Sqlite.SqliteError(answer.failure.message, answer.failure.code));
  };
  const start = (): Worker => {
    const started = new Worker(join(import.meta.dirname, `sqlite-thread${extname(import.meta.filename)}`), {
      workerData: { file, cacheKibibytes },
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MEBIBYTES },
    });
    started.on('message', settle);
    started.on('error', fail);
    started.on('exit', () => fail(new Error('the thread that reads the database ended')));
    return started;
  };
  const ask = (query: CompiledQuery): Promise<unknown[]> =>
    new Promise((resolve, reject) => {
      if (closed) return reject(new Error('the database is closed'));
      thread ??= start();
      thread.ref();
      asked += 1;
      waiting.set(asked, { resolve, reject });
      thread.postMessage({ number: asked, sql: query.sql, parameters: query.parameters } satisfies AsideQuestion);
    });
  return {
    db: new Kysely<Tables>({ dialect: new AsideDialect(ask) }),
    close: async () => {
      closed = true;
      await thread?.terminate();
    },
  };
}

type Ask = (query: CompiledQuery) => Promise<unknown[]>;

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
  createAdapter(): SqliteAdapter {
    return new SqliteAdapter();
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
