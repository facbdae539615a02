import { ReproofError } from '../../../model/index.ts';
import { translatePostgresError } from './errors.ts';

/** OIDs of int8 and numeric (pg_type): counts and sums. The client gives them as text unless told otherwise. */
const NUMBERS = [20, 1700];
const CONNECT_MILLISECONDS = 10_000;
const IDLE_MILLISECONDS = 30_000;

export type PoolOptions = {
  /** Most connections at once. */
  readonly connections: number;
  /** How long a statement may wait for a lock, and how long it may run. */
  readonly lockSeconds: number;
  readonly statementSeconds: number;
};

/** A pool of connections. Throws PROGRAM_MISSING where the client is not installed. It connects when it is first used. */
export async function openPool(address: string, place: string, options: PoolOptions) {
  const { default: pg } = await loadClient();
  try {
    const pool = new pg.Pool({
      connectionString: address,
      application_name: 'reproof',
      max: options.connections,
      connectionTimeoutMillis: CONNECT_MILLISECONDS,
      idleTimeoutMillis: IDLE_MILLISECONDS,
      keepAlive: true,
      statement_timeout: options.statementSeconds * 1000,
      lock_timeout: options.lockSeconds * 1000,
      // A process that hangs in a transaction must not hold its locks for ever.
      idle_in_transaction_session_timeout: options.statementSeconds * 1000,
      types: {
        getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
          NUMBERS.includes(oid) ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
      },
    });
    // A connection that breaks while nobody uses it is replaced by the next use.
    pool.on('error', () => {});
    return pool;
  } catch (error) {
    throw translatePostgresError(error, 'opening the store', place);
  }
}

export type Pool = Awaited<ReturnType<typeof openPool>>;

async function loadClient() {
  try {
    return await import('pg');
  } catch (cause) {
    throw new ReproofError(
      'PROGRAM_MISSING',
      'opening the store: a PostgreSQL database needs the npm package pg, which is not installed; install it beside reproof: npm install pg',
      { cause },
    );
  }
}
