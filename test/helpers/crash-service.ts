import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../rebuilder/store/database.ts';
import { openBlobs, openDatabase } from '../../rebuilder/store/index.ts';
import { createJobStore } from '../../rebuilder/store/jobs/index.ts';
import { fsck } from '../../rebuilder/store/upkeep/index.ts';
import { seedFakeInput } from './fake-executor.ts';
import { countLeaseEvents, findLeaseFaults, keepLeaseHistory } from './lease-history.ts';

const SERVER = join(import.meta.dirname, 'server-process.ts');
const WORKER = join(import.meta.dirname, 'worker-process.ts');
const SIGNUP = 'a secret for signing up';
/** As the launcher starts Node: what strips types is experimental. */
const QUIET = '--disable-warning=ExperimentalWarning';
const LONGEST_PAUSE_MILLIS = 400;
/** A queue that nothing leaves for so long stands still. */
const STANDSTILL_MILLIS = 120_000;

export type CrashOptions = {
  /** A new folder for all that is kept; `database` is in it, or postgres://…. */
  readonly folder: string;
  readonly database: string;
  readonly servers: number;
  readonly workers: number;
  readonly jobs: number;
  /** How often a process is killed, and how often one stands still for longer than its lease. */
  readonly kills: number;
  readonly stalls: number;
  readonly leaseSeconds: number;
  readonly buildMilliseconds: number;
};

export type CrashReport = {
  readonly seconds: number;
  readonly killed: { readonly servers: number; readonly workers: number };
  readonly stalled: number;
  /** What became of leases, by the database's own history. */
  readonly leases: Readonly<Record<string, number>>;
  readonly blobs: number;
  /** What is not as it has to be, a line each. */
  readonly faults: readonly string[];
};

/**
 * Runs servers over one store, and workers that speak to them by HTTP, over a queue of jobs. Kills any of them at random
 * while results come in (and lets some stand still past their lease, to go on as if nothing had happened), starts them
 * again, and says what of "every job recorded exactly once" does not hold.
 */
export async function crashService(options: CrashOptions): Promise<CrashReport> {
  const begun = performance.now();
  const database = await openDatabase(options.database);
  try {
    for (let made = 0; made < options.jobs; made++) await seedFakeInput(database, { source: `source-${made}` });
    await keepLeaseHistory(database);
    await createJobStore(database).ask({ distribution: 'debian' }, { kind: 'new' });
    const troop = await startAll(options);
    try {
      const killed = await killAtRandom(options, troop, database);
      await untilDone(options, database);
      const blobs = await openBlobs(join(options.folder, 'data', 'blobs'));
      const checked = await fsck({ database, blobs }, { quick: false });
      return {
        seconds: Math.round((performance.now() - begun) / 1000),
        killed,
        stalled: options.stalls,
        leases: await countLeaseEvents(database),
        blobs: checked.blobs,
        faults: [
          ...troop.complaints,
          ...(await findLeaseFaults(database)),
          ...(await countFaults(options, database)),
          ...(await lettersLeft(options)),
          ...checked.database,
          ...checked.damaged.map((sha256) => `the blob ${sha256} is damaged`),
          ...checked.missing.map(({ sha256, by }) => `the blob ${sha256} of ${by} is missing`),
        ],
      };
    } finally {
      await troop.end();
    }
  } finally {
    await database.close();
  }
}

type Troop = {
  readonly all: ChildProcess[];
  readonly start: (index: number) => void;
  readonly complaints: string[];
  readonly end: () => Promise<void>;
};

async function startAll(options: CrashOptions): Promise<Troop> {
  const { folder, servers, workers, leaseSeconds, buildMilliseconds } = options;
  const ports = await freePorts(servers);
  const all: ChildProcess[] = [];
  const complaints: string[] = [];
  let ending = false;
  const argvOf = (index: number): readonly unknown[] => {
    if (index < servers) return [SERVER, join(folder, 'data'), options.database, ports[index], SIGNUP, leaseSeconds];
    const address = `http://127.0.0.1:${ports[index % servers]}`;
    return [WORKER, address, workerFolder(options, index), SIGNUP, buildMilliseconds, LONGEST_PAUSE_MILLIS];
  };
  const start = (index: number): void => {
    const child = spawn(process.execPath, [QUIET, ...argvOf(index).map(String)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    all[index] = child;
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.on('close', (_, signal) => {
      const who = index < servers ? 'server' : 'worker';
      if (said !== '') complaints.push(`a ${who} complained: ${said.slice(0, 2000)}`);
      if (ending || signal === 'SIGKILL') return;
      complaints.push(`a ${who} ended by itself`);
      start(index);
    });
  };
  for (let index = 0; index < servers + workers; index++) {
    if (index >= servers) await mkdir(workerFolder(options, index), { recursive: true });
    start(index);
  }
  return {
    all,
    start,
    complaints,
    end: async () => {
      ending = true;
      await Promise.all(all.map(killed));
    },
  };
}

function workerFolder({ folder, servers }: CrashOptions, index: number): string {
  return join(folder, `worker-${index - servers}`);
}

/** Ports that are free now, all held until each is known. */
async function freePorts(count: number): Promise<readonly number[]> {
  const held = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = held.map((server) => (server.address() as { readonly port: number }).port);
  await Promise.all(held.map((server) => once(server.close(), 'close')));
  return ports;
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

/** Spreads the kills over the results, so that none falls on an empty queue. */
async function killAtRandom(options: CrashOptions, troop: Troop, database: Database): Promise<CrashReport['killed']> {
  const { jobs, kills, servers, stalls } = options;
  const count = { servers: 0, workers: 0 };
  const stalled: Promise<void>[] = [];
  const pick = (): number => Math.floor(Math.random() * troop.all.length);
  for (let kill = 1; kill <= kills; kill++) {
    await untilRecorded(Math.floor((jobs * kill) / (kills + 1)), database);
    // At any moment of what the processes do, not just after a result.
    await sleep(Math.random() * 300);
    const index = pick();
    await killed(troop.all[index] as ChildProcess);
    troop.start(index);
    count[index < servers ? 'servers' : 'workers'] += 1;
    if (Math.floor((kill * stalls) / kills) > stalled.length)
      stalled.push(stall(troop.all[pick()] as ChildProcess, options.leaseSeconds));
  }
  await Promise.all(stalled);
  return count;
}

/** Stops a process for longer than a lease, and lets it go on. */
async function stall(child: ChildProcess, leaseSeconds: number): Promise<void> {
  child.kill('SIGSTOP');
  await sleep(leaseSeconds * 1500);
  child.kill('SIGCONT');
}

async function untilRecorded(wanted: number, database: Database): Promise<void> {
  let [count, since] = [-1, performance.now()];
  while (performance.now() - since < STANDSTILL_MILLIS) {
    const now = await countOf('result', database);
    if (now >= wanted) return;
    if (now !== count) [count, since] = [now, performance.now()];
    await sleep(20);
  }
}

/** Until nothing waits, and workers have given away what they kept. */
async function untilDone(options: CrashOptions, database: Database): Promise<void> {
  await untilRecorded(options.jobs, database);
  const end = performance.now() + STANDSTILL_MILLIS;
  while (performance.now() < end) {
    if ((await countOf('job', database)) === 0 && (await lettersLeft(options)).length === 0) return;
    await sleep(100);
  }
}

async function countOf(table: 'job' | 'result' | 'worker', database: Database): Promise<number> {
  const { count } = await database.read(`counting ${table}`, (db) =>
    db
      .selectFrom(table)
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow(),
  );
  return Number(count);
}

async function countFaults({ jobs, workers }: CrashOptions, database: Database): Promise<readonly string[]> {
  const results = await countOf('result', database);
  const known = await countOf('worker', database);
  return [
    ...(results === jobs ? [] : [`${results} results of ${jobs} jobs`]),
    ...(known === workers ? [] : [`${known} workers are known of ${workers}`]),
  ];
}

/** Results that workers still keep. */
async function lettersLeft(options: CrashOptions): Promise<readonly string[]> {
  const left: string[] = [];
  for (let worker = 0; worker < options.workers; worker++) {
    const folder = join(workerFolder(options, options.servers + worker), 'workers');
    for (const server of await readdir(folder).catch(() => []))
      for (const name of await readdir(join(folder, server, 'outbox')).catch(() => []))
        if (name !== 'tmp') left.push(`worker ${worker} still keeps ${name}`);
  }
  return left;
}
