import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { openDatabase } from '../../rebuilder/store/index.ts';

const run = promisify(execFile);
/** nobody of Debian: PostgreSQL does not run as root. */
const NOBODY = { uid: 65534, gid: 65534 };

export type PostgresServer = {
  /** A new database's address: empty, or with a store's tables. Its order of text is not by bytes unless made so. */
  readonly database: (content?: 'empty' | 'tables') => Promise<string>;
  /** Runs SQL as the superuser in the database of an address. */
  readonly query: (address: string, text: string) => Promise<readonly Record<string, unknown>[]>;
  /** Ends the server at once, without a checkpoint; `start` starts it again. */
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
};

/** Debian keeps the programs of each version apart, and none on the PATH. */
async function programs(): Promise<string> {
  const root = '/usr/lib/postgresql';
  const versions = (await readdir(root)).filter((name) => /^\d+$/.test(name)).sort((a, b) => Number(b) - Number(a));
  return join(root, versions[0] ?? 'none', 'bin');
}

/**
 * A PostgreSQL server of its own: a socket in a temporary folder and no port, nothing flushed to the disk unless durable. The locale is
 * one whose order is not that of bytes, so that what relies on order is seen to ask for it.
 */
export async function startPostgres({
  durable = false,
} = {}): Promise<PostgresServer & { readonly remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'reproof-postgres-'));
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await chown(folder, NOBODY.uid, NOBODY.gid);
  const bin = await programs();
  const data = join(folder, 'data');
  const environment = { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' };
  const options = { cwd: folder, env: environment, ...(isRoot ? NOBODY : {}) };
  await run(
    join(bin, 'initdb'),
    ['--pgdata', data, '--username=reproof', '--auth=trust', '--encoding=UTF8', '--no-sync', '--no-instructions'],
    options,
  );
  let server: ChildProcess | undefined;
  let numbered = 0;
  let copying: Promise<unknown> = Promise.resolve();
  const address = (name: string): string => `postgres://reproof@${encodeURIComponent(folder)}/${name}`;
  const query = async (place: string, text: string): Promise<readonly Record<string, unknown>[]> => {
    const client = new pg.Client({ connectionString: place });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };
  const start = async (): Promise<void> => {
    const settings = [
      'listen_addresses=',
      `unix_socket_directories=${folder}`,
      `fsync=${durable ? 'on' : 'off'}`,
      'max_connections=200',
    ];
    server = spawn(join(bin, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
      ...options,
      stdio: 'ignore',
    });
    for (let tries = 0; ; tries++) {
      const ready = await query(address('postgres'), 'select 1').catch((error: unknown) => error);
      if (!(ready instanceof Error)) return;
      if (tries > 300 || server.exitCode !== null) throw ready;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const stop = async (): Promise<void> => {
    if (server === undefined || server.exitCode !== null) return;
    const ended = once(server, 'exit');
    // SIGQUIT is its immediate shutdown: children end too, which they do not when it is killed.
    server.kill('SIGQUIT');
    await ended;
  };
  const create = async (name: string): Promise<string> => {
    const locale = "encoding 'UTF8' locale_provider icu icu_locale 'en-US' locale 'C.UTF-8'";
    await query(address('postgres'), `create database ${name} template template0 ${locale}`);
    return address(name);
  };
  const makeModel = async (): Promise<void> => {
    const database = await openDatabase(await create('model'));
    await database.close();
  };
  let model: Promise<void> | undefined;
  await start();
  return {
    database: async (content = 'tables') => {
      const name = `reproof_${++numbered}`;
      if (content === 'empty') return create(name);
      model ??= makeModel();
      await model;
      // Copies are made one at a time: nobody may be connected to the model.
      copying = copying.then(() => query(address('postgres'), `create database ${name} template model`));
      await copying;
      return address(name);
    },
    query,
    stop,
    start,
    remove: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
