import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../rebuilder/store/database.ts';
import { openDatabase } from '../../rebuilder/store/index.ts';
import { createJobStore } from '../../rebuilder/store/jobs/index.ts';
import { fakeOutput } from './fake-build.ts';
import { seedInput } from './seed-inputs.ts';

const PROGRAM = join(import.meta.dirname, 'queue-process.ts');

export type CrashOptions = {
  /** Of the database: a folder or postgres://…. */
  readonly place: string;
  readonly blobs: string;
  readonly servers: number;
  readonly workers: number;
  readonly jobs: number;
  readonly kills: number;
  readonly leaseSeconds: number;
  readonly buildMilliseconds: number;
  readonly pauseMilliseconds: number;
};

export type Told = {
  readonly at: string;
  readonly job: number;
  readonly input: number;
  readonly lease: number;
  readonly event: string;
  readonly until?: string;
};

export type CrashReport = {
  readonly seconds: number;
  readonly killed: number;
  readonly stalled: number;
  readonly claims: number;
  readonly lostLeases: number;
  readonly repeatedReports: number;
  /** What is not as it has to be, a line each. */
  readonly faults: readonly string[];
};

/**
 * Runs servers and workers over a queue of jobs, kills any of them at random (and lets some stall past their lease, to go
 * on as if nothing had happened), starts them again, and says what of "every job recorded exactly once" does not hold.
 */
export async function crashQueue(options: CrashOptions): Promise<CrashReport> {
  const begun = performance.now();
  const database = await openDatabase(options.place);
  try {
    for (let made = 0; made < options.jobs; made++) await seedInput(database, { source: `source-${made}` });
    await createJobStore(database).ask({ distribution: 'debian' }, { kind: 'new' });
    const told: Told[] = [];
    const running = startAll(options, told);
    const { stalled } = await killAtRandom(options, running);
    await untilEmpty(database, options);
    await running.end();
    const faults = await findFaults(database, options.jobs, told);
    return {
      seconds: Math.round((performance.now() - begun) / 1000),
      killed: options.kills - stalled,
      stalled,
      claims: told.filter(({ event }) => event === 'claimed').length,
      lostLeases: told.filter(({ event }) => event === 'lost' || event === 'lease lost').length,
      repeatedReports: told.filter(({ event }) => event === 'again').length,
      faults,
    };
  } finally {
    await database.close();
  }
}

type Running = {
  readonly all: ChildProcess[];
  readonly start: (index: number) => void;
  readonly end: () => Promise<void>;
};

function startAll(options: CrashOptions, told: Told[]): Running {
  const all: ChildProcess[] = [];
  let ending = false;
  const start = (index: number): void => {
    const role = index < options.servers ? 'server' : 'worker';
    const { place, blobs, leaseSeconds, buildMilliseconds } = options;
    const argv = [PROGRAM, role, place, blobs, index, leaseSeconds, buildMilliseconds].map(String);
    const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
    all[index] = child;
    createInterface(child.stdout).on('line', (line) => told.push(JSON.parse(line) as Told));
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => {
      complaint += chunk.toString();
    });
    child.on('exit', (_, signal) => {
      if (ending || signal !== null) return;
      told.push({ at: '', job: 0, input: 0, lease: 0, event: `ended by itself: ${complaint.slice(0, 2000)}` });
      start(index);
    });
  };
  for (let index = 0; index < options.servers + options.workers; index++) start(index);
  return {
    all,
    start,
    end: async () => {
      ending = true;
      await Promise.all(all.map(killed));
    },
  };
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

async function killAtRandom(options: CrashOptions, running: Running): Promise<{ readonly stalled: number }> {
  const stalls: Promise<void>[] = [];
  for (let kill = 0; kill < options.kills; kill++) {
    await sleep(options.pauseMilliseconds * (0.5 + Math.random()));
    const index = Math.floor(Math.random() * running.all.length);
    const child = running.all[index];
    if (child === undefined) continue;
    if (kill % 10 === 9) stalls.push(stall(child, options.leaseSeconds));
    else {
      await killed(child);
      running.start(index);
    }
  }
  await Promise.all(stalls);
  return { stalled: stalls.length };
}

/** Stops a process for longer than its lease, and lets it go on. */
async function stall(child: ChildProcess, leaseSeconds: number): Promise<void> {
  child.kill('SIGSTOP');
  await sleep(leaseSeconds * 1500);
  child.kill('SIGCONT');
}

async function untilEmpty(database: Database, options: CrashOptions): Promise<void> {
  const end = performance.now() + 120_000 + options.jobs * options.buildMilliseconds;
  while (performance.now() < end) {
    const { left } = await database.read('counting jobs', (db) =>
      db
        .selectFrom('job')
        .select((eb) => eb.fn.countAll<number>().as('left'))
        .executeTakeFirstOrThrow(),
    );
    if (Number(left) === 0) return;
    await sleep(200);
  }
}

async function findFaults(database: Database, jobs: number, told: readonly Told[]): Promise<readonly string[]> {
  const faults = told
    .filter(({ event }) => event.startsWith('ended') || event.startsWith('again:'))
    .map(({ event }) => event);
  const { inputs, left, results, artifacts } = await database.read('reading the end', async (db) => ({
    inputs: await db.selectFrom('build_input').select(['id', 'source', 'status', 'result_id']).execute(),
    left: await db.selectFrom('job').select('id').execute(),
    results: await db.selectFrom('result').select(['id', 'build_input_id', 'job_id', 'lease']).execute(),
    artifacts: await db.selectFrom('result_artifact').select(['result_id', 'rebuilt_sha256']).execute(),
  }));
  if (left.length > 0) faults.push(`${left.length} jobs are left`);
  if (inputs.length !== jobs) faults.push(`${inputs.length} inputs of ${jobs}`);
  const byInput = Map.groupBy(results, (result) => result.build_input_id);
  const output = new Map(artifacts.map((artifact) => [artifact.result_id, artifact.rebuilt_sha256]));
  for (const input of inputs) {
    const own = byInput.get(input.id) ?? [];
    if (own.length !== 1) faults.push(`${input.source} has ${own.length} results`);
    if (input.status !== 'GOOD' || input.result_id !== own[0]?.id)
      faults.push(`${input.source} does not show its result`);
    const expected = createHash('sha256').update(fakeOutput(input.source)).digest('hex');
    if (output.get(own[0]?.id ?? 0) !== expected) faults.push(`${input.source} has another's output`);
  }
  if (artifacts.length !== jobs) faults.push(`${artifacts.length} artifacts of ${jobs} results`);
  const leases = new Set(results.map(({ lease }) => lease));
  if (leases.size !== results.length) faults.push('two results name one lease');
  return [...faults, ...abuses(results, told)];
}

type Accepted = { readonly job_id: number | null; readonly lease: number | null };

/** Leases that were two workers' at once, or that a result names though a later one was given. */
function abuses(results: readonly Accepted[], told: readonly Told[]): readonly string[] {
  const faults: string[] = [];
  const accepted = new Map(results.map(({ job_id, lease }) => [job_id, lease]));
  for (const [job, lines] of Map.groupBy(told, (line) => line.job)) {
    const claims = lines.filter(({ event }) => event === 'claimed').sort((left, right) => left.lease - right.lease);
    const lease = accepted.get(job);
    if (lease !== undefined && claims.some((claim) => claim.lease > Number(lease)))
      faults.push(`job ${job} ended by lease ${lease}, and a later one was given`);
    if (lines.some((line) => line.event === 'recorded' && line.lease !== lease))
      faults.push(`job ${job} was recorded by another lease than ${lease}`);
    for (const claim of claims) {
      const earlier = lines.filter(
        (line) => line.lease < claim.lease && line.until !== undefined && line.event !== 'lost',
      );
      // A heartbeat's end is reckoned after the fact here, so a little later than the one that was written.
      if (earlier.some((line) => Date.parse(line.until ?? '') - 1000 > Date.parse(claim.at) && line.at < claim.at))
        faults.push(`job ${job}: lease ${claim.lease} was given while an earlier one ran`);
    }
  }
  return faults;
}
