/**
 * What the queue costs with a whole distribution waiting in it: asking, claiming, heartbeats, recording, lists.
 *
 *   node bench/queue.ts [--jobs 70000] [--claims 2000] [--folder DIR]
 *
 * The store is a SQLite file in a new folder (of DIR, or of the system's temporary files), written as durably as ever.
 * `benchQueue` takes any Database. Prints one line for each figure.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Database } from '../rebuilder/store/database.ts';
import { createJobStore } from '../rebuilder/store/jobs/index.ts';
import type { Capabilities, LeasedJob } from '../rebuilder/store/jobs/types.ts';
import type { ResultEntry } from '../rebuilder/store/results/types.ts';
import { resultWriter } from '../rebuilder/store/results/writer.ts';
import { openSqlite } from '../rebuilder/store/sqlite.ts';

const RELEASES = ['trixie', 'forky', 'sid'] as const;
const ROWS_AT_ONCE = 500;
const AT = '2026-01-01T00:00:00.000Z';

type Size = { readonly jobs: number; readonly claims: number };

/** Fills an empty database and measures; `say` gets a line for each figure. */
export async function benchQueue(database: Database, size: Size, say: (line: string) => void): Promise<void> {
  const jobs = createJobStore(database);
  const results = resultWriter(database);
  const leased: LeasedJob[] = [];
  const claim = async (capabilities: Capabilities): Promise<void> => {
    const job = await jobs.claim({ id: 1, capabilities }, 540);
    if (job !== undefined) leased.push(job);
  };
  const measure = async (what: string, times: number, work: (index: number) => Promise<unknown>): Promise<void> => {
    const walls: number[] = [];
    for (let index = 0; index < times; index++) {
      const begun = performance.now();
      await work(index);
      walls.push(performance.now() - begun);
    }
    const total = walls.reduce((sum, wall) => sum + wall, 0);
    walls.sort((left, right) => left - right);
    const at = (part: number): string => (walls[Math.min(times - 1, Math.floor(times * part))] ?? 0).toFixed(2);
    const each =
      times === 1
        ? `${total.toFixed(0)} ms`
        : `${((times / total) * 1000).toFixed(0)}/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
    say(`${what}: ${each}`);
  };

  await seed(database, size.jobs);
  await measure(`asking for ${size.jobs} inputs at once`, 1, () => jobs.ask({}, { kind: 'new' }));
  await measure('asking again, all there', 1, () => jobs.ask({}, { kind: 'new' }));
  await measure('claim', size.claims, () => claim({ architectures: ['amd64', 'all'] }));
  await measure('claim within 4 GB of memory', size.claims / 4, () =>
    claim({ architectures: ['amd64', 'all'], memoryBytes: 4e9 }),
  );
  await measure('claim that finds nothing', size.claims / 4, () => claim({ architectures: ['riscv64'] }));
  const held = (index: number): LeasedJob => leased[index % leased.length] as LeasedJob;
  await measure('heartbeat', size.claims / 2, (index) =>
    jobs.heartbeat(held(index).job.id, held(index).lease, { leaseSeconds: 540, stage: 'build' }),
  );
  await measure('record with retry', size.claims / 2, (index) =>
    results.record({ jobId: held(index).job.id, lease: held(index).lease }, entryOf(held(index)), {
      baseHours: 24,
      limits: {},
    }),
  );
  await measure('counts', 50, () => jobs.counts({}));
  await measure('counts of a release', 50, () => jobs.counts({ distribution: 'debian', release: 'sid' }));
  await measure('page of 100 by id', 50, () => jobs.jobs({}, { limit: 100 }));
  await measure('page of 100 by priority, filtered by release', 50, () =>
    jobs.jobs({ release: 'sid' }, { sort: 'priority', limit: 100 }),
  );
  await measure('job by its package’s name', 50, (index) => jobs.jobs({ name: `source${index * 7}` }, { limit: 10 }));
  await measure('asking for one package by hand', 50, (index) =>
    jobs.ask({ name: `source${index * 11}` }, { kind: 'manual' }),
  );
  await jobs.cancel({ release: 'forky' });
  await database.write('putting the rest off', (db) =>
    db.updateTable('job').set({ not_before: '2999-01-01T00:00:00.000Z' }).where('state', '=', 'queued').execute(),
  );
  await measure('claim while all wait for their time', 100, () => claim({ architectures: ['*'] }));
}

function entryOf({ input }: LeasedJob): ResultEntry {
  return {
    origin: 'ours',
    startedAt: AT,
    builtAt: AT,
    status: 'BAD',
    verdict: 'unreproducible',
    decides: true,
    wallSeconds: 60,
    memoryBytes: 1e9,
    artifacts: input.files.map((file) => ({
      ...file,
      verdict: 'differs',
      status: 'BAD',
      checkedHere: true,
    })),
  };
}

/** Inputs of one listed file each, spread over releases and two architectures. */
async function seed(database: Database, count: number): Promise<void> {
  for (let start = 1; start <= count; start += ROWS_AT_ONCE) {
    const numbers = Array.from({ length: Math.min(ROWS_AT_ONCE, count - start + 1) }, (_, index) => start + index);
    await database.write('seeding', async (db) => {
      const listed = { version: '1-1', component: 'main' };
      const seen = { first_seen_at: AT, last_seen_at: AT, seen: 1 };
      const placeOf = (number: number) => ({
        release: RELEASES[number % RELEASES.length] as string,
        architecture: number % 3 === 1 ? 'all' : 'amd64',
      });
      const sources = numbers.map((number) => ({
        ...listed,
        ...seen,
        distribution: 'debian',
        release: placeOf(number).release,
        name: `source${number}`,
        maintainer: null,
      }));
      await db.insertInto('source_package').values(sources).execute();
      const inputs = numbers.map((number) => ({
        ...placeOf(number),
        key: `key${number}`,
        distribution: 'debian',
        source: `source${number}`,
        version: '1-1',
        url: null,
        added_at: AT,
        status: null,
        verdict: null,
        reason: null,
        result_id: null,
        decided_at: null,
        build_failures: 0,
        our_failures: 0,
        differing: 0,
        wall_seconds: null,
        memory_bytes: number % 10 === 0 ? 8e9 : null,
        disk_bytes: null,
      }));
      await db.insertInto('build_input').values(inputs).execute();
      const binaries = numbers.map((number) => ({
        ...listed,
        ...seen,
        source_package_id: number,
        build_input_id: number,
        name: `source${number}`,
        architecture: placeOf(number).architecture,
        url: `https://deb.example.org/debian/pool/source${number}.deb`,
        file_name: `source${number}.deb`,
        sha256: number.toString(16).padStart(64, '0'),
        size: 1000,
        status: null,
        artifact_id: null,
        result_id: null,
      }));
      await db.insertInto('binary_package').values(binaries).execute();
    });
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      jobs: { type: 'string', default: '70000' },
      claims: { type: 'string', default: '2000' },
      folder: { type: 'string', default: tmpdir() },
    },
  });
  const folder = await mkdtemp(join(values.folder, 'bench-queue-'));
  const database = await openSqlite(join(folder, 'queue.sqlite3'));
  try {
    await benchQueue(database, { jobs: Number(values.jobs), claims: Number(values.claims) }, (line) =>
      process.stdout.write(`${line}\n`),
    );
  } finally {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  }
}
