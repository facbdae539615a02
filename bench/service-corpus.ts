/**
 * Syncs whole suites into a service of its own, rebuilds the rows of a corpus of packages with known verdicts in its
 * queue, by workers in the same process, and prints what the API says of each beside what is known.
 *
 *   node bench/service-corpus.ts FOLDER [--only SOURCE]... [--slower-than SECONDS] [--workers N] [--data DIR]
 *
 * FOLDER holds rebuilds.tsv as for bench/corpus.ts. Rows whose build took longer than --slower-than (100) are left out.
 * DIR is made when it is not there, and kept. Ends with 1 when a verdict is another.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';

type Row = Readonly<Record<string, string>>;
type Rebuild = {
  readonly id: number;
  readonly source: string;
  readonly version: string;
  readonly verdict: string;
  readonly reason?: string;
  readonly status: string;
  readonly detail?: string;
  readonly wallSeconds?: number;
};

const LAUNCHER = join(import.meta.dirname, '..', 'reproof');
const run = promisify(execFile);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', multiple: true },
    'slower-than': { type: 'string', default: '100' },
    workers: { type: 'string', default: '2' },
    data: { type: 'string' },
  },
});
const [folder] = positionals;
if (folder === undefined) {
  process.stderr.write('usage: node bench/service-corpus.ts FOLDER [--only SOURCE]... [--slower-than SECONDS]\n');
  process.exit(64);
}
const data = values.data ?? (await mkdtemp(join(os.tmpdir(), 'reproof-service-')));
const rows = readTable(await readFile(join(folder, 'rebuilds.tsv'), 'utf8')).filter(
  (row) =>
    Number(row.build_s_loaded) <= Number(values['slower-than']) &&
    (values.only === undefined || values.only.includes(row.source ?? '')),
);

await reproof('queue', 'pause');
for (const suite of new Set(rows.map((row) => row.suite ?? ''))) {
  const synced = await reproof('sync', 'debian', '--suite', suite, '--arch', 'amd64,all', '--allow-expired-release');
  process.stdout.write(synced);
}
const token = JSON.parse(await reproof('token', 'create', 'bench', '--role', 'operator', '--json')) as {
  secret: string;
};
const child = spawn(
  LAUNCHER,
  ['serve', '--data', data, '--listen', '127.0.0.1:0', '--workers', values.workers, '--json'],
  { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, REPROOF_SERVE_GRACE: '1s' } },
);
const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
const lines = createInterface({ input: child.stdout });
const base = await new Promise<string>((resolve, reject) => {
  lines.on('line', (line) => {
    const address = /"(https?:\/\/127\.0\.0\.1:\d+)[^"]*"/.exec(line)?.[1];
    if (address !== undefined) resolve(address);
  });
  void ended.then((status) => reject(new Error(`reproof serve ended with ${status}`)));
});

for (const { suite, source, version } of rows)
  await call('POST', '/api/queue', { release: suite, name: source, version, architecture: undefined });
const begun = performance.now();
await call('POST', '/api/queue/resume', {});
const results = new Map<Row, Rebuild>();
while (results.size < rows.length) {
  await sleep(1000);
  for (const row of rows) {
    if (results.has(row)) continue;
    const path = `/api/packages/debian/${encodeURIComponent(row.source ?? '')}/history?version=${encodeURIComponent(row.version ?? '')}&limit=1`;
    const [rebuild] = ((await call('GET', path)) as { records: readonly Rebuild[] }).records;
    if (rebuild !== undefined) results.set(row, rebuild);
  }
}
const seconds = (performance.now() - begun) / 1000;
await call('POST', '/api/queue/pause', {});
let other = 0;
for (const row of rows) {
  const found = results.get(row) as Rebuild;
  const [, kind = '', reason = ''] = /^([a-z-]+)(?:: | \()?([a-z ]*)/.exec(row.verdict ?? '') ?? [];
  const same = found.verdict === kind && (reason === '' || found.reason === reason);
  if (!same) other += 1;
  const said = `${found.verdict}${found.reason === undefined ? '' : `: ${found.reason}`} (${found.status})`;
  process.stdout.write(
    `${same ? 'as known ' : 'OTHER    '} ${row.suite}/${row.source} ${row.version}: ${said} in ${found.wallSeconds?.toFixed(1)} s${same ? '' : `; known: ${row.verdict}; ${found.detail}`}\n`,
  );
}
child.kill('SIGTERM');
const status = await ended;
process.stdout.write(
  `${rows.length} packages in ${seconds.toFixed(0)} s; ${other === 0 ? 'every verdict is the known one' : `${other} verdicts are others`}; the service ended with ${status}; ${data}\n`,
);
process.exitCode = other === 0 && status === 0 ? 0 : 1;

function readTable(text: string): readonly Row[] {
  const [head = '', ...entries] = text.trimEnd().split('\n');
  const names = head.split('\t');
  return entries.map((line) => Object.fromEntries(line.split('\t').map((value, index) => [names[index] ?? '', value])));
}

async function reproof(...args: readonly string[]): Promise<string> {
  return (await run(LAUNCHER, [...args, '--data', data])).stdout;
}

async function call(method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(base + path, {
    method,
    headers: {
      authorization: `Bearer ${token.secret}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
}
