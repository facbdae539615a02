/**
 * What syncs of a real suite cost, and what clients of the service feel of them: a first sync into an empty database, one
 * of the same packages as another profile's, and one of the suite some hundred changes later. The service is a process of
 * its own with a sync's child of its own; a client here asks it so many times a second, whether answers come or not:
 * lists, searches and counts, and once a second for something to be queued.
 *
 *   node bench/sync-beside-api.ts [--mirror URL] [--suite sid] [--keep FOLDER] [--rate 100]
 *
 * Prints for each sync: its seconds, the child's peak of memory and CPU seconds, and the median, 99th percentile and
 * longest of reads and of writes in milliseconds; and the same of a time without a sync. `--rate 0`: the syncs alone.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request as ask } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openService } from '../rebuilder/open-service.ts';
import type { RebuilderOptions } from '../rebuilder/rebuilder-options.ts';
import { SERVER_LIMITS } from '../rebuilder/server/context.ts';
import { openServiceStore, STORE_FILE } from '../rebuilder/store/index.ts';
import { type SyncProfile, type SyncTask, syncInChild } from '../rebuilder/sync/index.ts';
import { serveChangingArchive } from './changing-archive.ts';

const READS = [
  '/api/targets?limit=50',
  '/api/targets?limit=50&sort=name&release=sid',
  '/api/targets?limit=50&search=lib',
  '/api/targets?limit=50&search=python3-d',
  '/api/targets?limit=50&status=none&sort=name',
  '/api/sources?limit=50&sort=name',
  '/api/sources?limit=50&search=golang',
  '/api/queue?limit=50',
  '/api/queue/state',
  '/api/stats',
  '/api/profiles',
  '/api/rebuilds?limit=50',
];

/** The service's own process: prints its address and a token, then a line for each sync that a line of input asks for. */
async function serve(data: string): Promise<void> {
  const store = await openServiceStore(data);
  const { secret } = await store.access.createToken({ name: 'bench', role: 'operator' });
  await store.close();
  const service = await openService({
    dataFolder: data,
    database: data,
    host: '127.0.0.1',
    port: 0,
    server: {
      basePath: '',
      publicReading: true,
      log: ({ level, message, facts }) => {
        if (level === 'error') console.error(message, facts);
      },
      now: () => new Date(),
      version: 'bench',
      limits: { ...SERVER_LIMITS, requestsPerMinute: 0 },
    },
    workers: 0,
    rebuilder: undefined as unknown as RebuilderOptions,
    profiles: [],
    syncTask: () => {
      throw new Error('no profile is on a schedule');
    },
    retry: { baseHours: 24, limits: {} },
    graceSeconds: 0,
    webhooksToOwnNetworks: false,
  });
  console.log(JSON.stringify({ address: service.address, secret }));
  for await (const line of createInterface({ input: process.stdin }))
    console.log(JSON.stringify(await syncInChild(JSON.parse(line) as SyncTask, new AbortController().signal)));
  await service.stop();
}

/** Peak of memory (VmHWM of proc_pid_status(5)), MiB, and CPU seconds (proc_pid_stat(5)) of a process that runs. */
function costOf(pid: number | string): { readonly peak: number; readonly cpu: number } {
  const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) / 1024;
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /, '')
    .split(' ');
  return { peak: Math.round(peak), cpu: (Number(stat[11]) + Number(stat[12])) / 100 };
}

const at = (list: readonly number[], part: number): string =>
  ([...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * part))] ?? 0).toFixed(1);
const shown = (list: readonly number[]): string =>
  `${list.length} p50 ${at(list, 0.5)} p99 ${at(list, 0.99)} max ${at(list, 1)} ms`;

/** Asks so often a second until the promise settles; an answer's time counts from when it was due. */
async function load(
  until: Promise<unknown>,
  { address, secret, rate }: { address: string; secret: string; rate: number },
) {
  const times = { reads: [] as number[], writes: [] as number[] };
  let ended = rate === 0;
  void until.finally(() => {
    ended = true;
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 500 });
  const pending: Promise<void>[] = [];
  const send = (number: number, due: number) =>
    new Promise<void>((resolve, reject) => {
      const isWrite = number % rate === rate - 1;
      const path = isWrite ? '/api/queue' : (READS[number % READS.length] as string);
      const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
      const sent = ask(`${address}${path}`, { agent, method: isWrite ? 'POST' : 'GET', headers }, (response) => {
        response.resume().once('end', () => {
          if (response.statusCode !== 200) reject(new Error(`${path}: ${response.statusCode}`));
          times[isWrite ? 'writes' : 'reads'].push(performance.now() - due);
          resolve();
        });
      });
      sent.once('error', reject).end(isWrite ? JSON.stringify({ name: 'hello', release: 'sid' }) : undefined);
    });
  const begun = performance.now();
  for (let number = 0; !ended; number++) {
    const due = begun + (number * 1000) / rate;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    pending.push(send(number, due));
  }
  await until;
  await Promise.all(pending);
  agent.destroy();
  return times;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      mirror: { type: 'string' },
      suite: { type: 'string', default: 'sid' },
      keep: { type: 'string' },
      rate: { type: 'string', default: '100' },
    },
  });
  const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'bench-beside-'));
  const data = join(folder, 'beside');
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(data, STORE_FILE + suffix), { force: true });
  const archive = await serveChangingArchive({
    mirror: values.mirror,
    suite: values.suite,
    cacheFolder: join(folder, 'cache'),
  });
  const service = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', import.meta.filename, 'serve', data],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const lines = createInterface({ input: service.stdout })[Symbol.asyncIterator]();
  const line = async () => JSON.parse((await lines.next()).value ?? '{}') as Record<string, string>;
  const { address = '', secret = '' } = await line();
  const rate = Number(values.rate);
  const report = (times: Awaited<ReturnType<typeof load>>) =>
    rate > 0 && console.log(`  reads: ${shown(times.reads)}\n  writes: ${shown(times.writes)}`);

  const sync = async (title: string, name: string) => {
    const profile: SyncProfile = {
      name,
      distribution: 'debian',
      suites: [values.suite],
      architectures: ['amd64', 'all'],
      components: ['main'],
      installer: false,
      debug: false,
      include: [],
      exclude: [],
      delaySeconds: 0,
      allowExpired: true,
    };
    const { keyring, url: mirror } = archive;
    const fetch = { concurrency: 2, stallSeconds: 60, tries: 1 };
    const cache = join(folder, 'cache');
    const task: SyncTask = {
      profile,
      data,
      cache,
      keyring,
      aptFolder: '/nonexistent',
      mirror,
      snapshot: mirror,
      fetch,
    };
    service.stdin.write(`${JSON.stringify(task)}\n`);
    let most = { peak: 0, cpu: 0 };
    const outcome = line();
    const watching = setInterval(() => {
      try {
        for (const child of readFileSync(`/proc/${service.pid}/task/${service.pid}/children`, 'latin1').split(' '))
          if (child !== '' && readdirSync(`/proc/${child}/task`).length > 0) {
            const cost = costOf(child);
            if (cost.peak >= most.peak) most = cost;
          }
      } catch {
        // It has ended.
      }
    }, 50);
    const times = await load(outcome, { address, secret, rate });
    clearInterval(watching);
    const { seconds, added, withdrawn } = await outcome;
    const server = costOf(service.pid ?? 0).peak;
    console.log(
      `${title}: ${seconds} s, ${most.cpu} s of CPU, ${most.peak} MiB; ${added} added, ${withdrawn} withdrawn; server ${server} MiB`,
    );
    report(times);
  };
  console.log('no sync');
  report(await load(sleep(5_000), { address, secret, rate }));
  await sync('first', 'one');
  console.log('no sync');
  report(await load(sleep(10_000), { address, secret, rate }));
  await sync('the same as another profile', 'two');
  archive.show('changed');
  await sync('changed', 'one');
  await sync('changed, nothing new', 'one');
  service.stdin.end();
  await archive.close();
  if (values.keep === undefined) rmSync(folder, { recursive: true });
}

await (process.argv[2] === 'serve' ? serve(process.argv[3] ?? '') : main());
