import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { openDatabase } from '../../rebuilder/store/index.ts';
import { type MadeDatabase, standingClock } from '../contract/service-database.ts';
import { type PostgresServer, startPostgres } from './postgres-server.ts';

/** A server for all tests of a file. */
export function postgresOfFile(): PostgresServer {
  let server: Awaited<ReturnType<typeof startPostgres>> | undefined;
  beforeAll(async () => {
    server = await startPostgres();
  }, 120_000);
  afterAll(() => server?.remove());
  const started = () => {
    if (server === undefined) throw new Error('the server was not started');
    return server;
  };
  return {
    database: (content) => started().database(content),
    query: (address, text) => started().query(address, text),
    stop: () => started().stop(),
    start: () => started().start(),
  };
}

/** Closes something with the test that opened it. */
export function closed<T extends { close(): Promise<void> }>(opened: T): T {
  onTestFinished(() => opened.close());
  return opened;
}

/** A new database whose clock only a test moves. */
export async function clockedDatabase(server: PostgresServer): Promise<MadeDatabase> {
  const address = await server.database();
  const clock = standingClock();
  const open = async () => closed(await openDatabase(address, { now: clock.now }));
  return { database: await open(), reopen: open, clock };
}
