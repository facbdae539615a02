/**
 * What a sync of a real suite costs: the first one into an empty store, one with nothing new, one of a profile whose rules
 * leave a little out, and that one undone again. Each runs in a process of its own, as a service runs it.
 *
 *   node bench/sync.ts [--mirror URL] [--suite sid] [--arch amd64,all] [--component main]... [--allow-expired-release] [--keep FOLDER]
 *
 * Indices are fetched and unpacked before the first run when the folder kept has them. Prints a line for each run: wall
 * and CPU seconds, the process's peak of memory (VmHWM of proc_pid_status(5)), the longest write transaction and what the
 * sync says of itself. What changed between two syncs, and what clients feel of them: bench/sync-beside-api.ts.
 *
 * Beside it, on the same machine and mirror: rebuilderd, its signup secret and cookie set up, and
 *   time rebuildctl pkgs sync debian MIRROR --component main --architecture amd64 --release sid
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mirrorsFor } from '../rebuilder/ecosystem/debian/mirrors.ts';
import { openFetcher } from '../rebuilder/fetch/index.ts';
import type { Database } from '../rebuilder/store/database.ts';
import { STORE_FILE } from '../rebuilder/store/index.ts';
import { packageWriter } from '../rebuilder/store/packages/import.ts';
import { openSqlite } from '../rebuilder/store/sqlite.ts';
import type { SyncProfile } from '../rebuilder/sync/index.ts';
import { runSync } from '../rebuilder/sync/run-sync.ts';

type Task = { readonly profile: SyncProfile; readonly folder: string; readonly mirror: string | undefined };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mirror: { type: 'string' },
    suite: { type: 'string', default: 'sid' },
    arch: { type: 'string', default: 'amd64,all' },
    component: { type: 'string', multiple: true, default: ['main'] },
    'allow-expired-release': { type: 'boolean', default: false },
    keep: { type: 'string' },
  },
});
const FLAGS = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=2', '--max-old-space-size=160'];

/** A database that notes how long its transactions held the write lock, in milliseconds. */
function timed(database: Database, held: number[]): Database {
  return {
    ...database,
    write: (doing, work) =>
      database.write(doing, async (db) => {
        const begun = performance.now();
        try {
          return await work(db);
        } finally {
          held.push(performance.now() - begun);
        }
      }),
  };
}

/** One sync, in this process: prints its figures as JSON. */
async function one({ profile, folder, mirror }: Task): Promise<void> {
  const begun = performance.now();
  const now = new Date();
  const { mirrors } = await mirrorsFor({ mirror, aptFolder: '/etc/apt', snapshotBase: 'http://127.0.0.1:9', now });
  const database = await openSqlite(join(folder, STORE_FILE));
  const fetcher = openFetcher({ cacheFolder: join(folder, 'cache') });
  const held: number[] = [];
  const outcome = await runSync(profile, {
    packages: packageWriter(timed(database, held)),
    fetcher,
    mirrors,
    keyring: '/usr/share/keyrings/debian-archive-keyring.gpg',
    now,
    signal: new AbortController().signal,
  });
  await fetcher.close();
  await database.close();
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  const peak = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
  process.stdout.write(
    JSON.stringify({
      wall: ((performance.now() - begun) / 1000).toFixed(1),
      cpu: ((userCPUTime + systemCPUTime) / 1e6).toFixed(1),
      peakMebibytes: Math.round(Number(peak) / 1024),
      longestWriteSeconds: (Math.max(...held) / 1000).toFixed(2),
      ...outcome,
    }),
  );
}

async function run(name: string, task: Task): Promise<void> {
  const child = spawn(process.execPath, [...FLAGS, import.meta.filename, JSON.stringify(task)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  process.stdout.write(`${name}: `);
  const [status] = await once(child, 'close');
  process.stdout.write('\n');
  if (status !== 0) process.exit(Number(status ?? 1));
}

if (positionals[0] !== undefined) await one(JSON.parse(positionals[0]) as Task);
else {
  const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'bench-sync-'));
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(folder, STORE_FILE + suffix), { force: true });
  const profile: SyncProfile = {
    name: 'bench',
    distribution: 'debian',
    suites: [values.suite],
    architectures: values.arch.split(','),
    components: values.component,
    installer: false,
    debug: false,
    include: [],
    exclude: [],
    delaySeconds: 0,
    allowExpired: values['allow-expired-release'],
  };
  const task = { profile, folder, mirror: values.mirror };
  const ruled = { ...task, profile: { ...profile, exclude: [{ source: ['golang-*'] }] } };
  await run('first', task);
  await run('again, nothing new', task);
  await run('again, some left out', ruled);
  await run('again, nothing new', ruled);
  await run('again, those back', task);
  if (values.keep === undefined) rmSync(folder, { recursive: true });
}
