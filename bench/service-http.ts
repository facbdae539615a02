/**
 * How fast a service answers lists, filters, searches and counts over HTTP with 70,000 packages, a million results and a
 * queue of 46,000: a steady stream of mixed requests from beside it, while a result is recorded each second; each kind by
 * itself, for the processor's time it takes; and rebuilderd's list of everything, and its queue.
 * Run: node bench/service-http.ts [FOLDER] [PER-SECOND] [SECONDS]. ONLY=… takes the kinds whose name holds it.
 * The database is made in FOLDER on the first run and kept; or it is DATABASE=postgres://….
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { openDatabase } from '../rebuilder/store/open-database.ts';
import { fillService, LARGE, seeded } from './service-data.ts';
import { type Ask, requestKinds, type Sample } from './service-requests.ts';

const [folder = '.', perSecond = '200', seconds = '20'] = process.argv.slice(2);
const rate = Number(perSecond);
const place = process.env.DATABASE ?? folder;
const database = await openDatabase(place);
if ((await database.read('looking', (db) => db.selectFrom('result').select('id').limit(1).execute())).length === 0) {
  const begun = performance.now();
  await fillService(database, LARGE);
  console.log(`made in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
}

const server = fork(fileURLToPath(new URL('./service-process.ts', import.meta.url)), [folder, place]);
const [{ address }] = (await once(server, 'message')) as [{ readonly address: string }];
const pool = new Pool(address, { connections: 128, bodyTimeout: 60_000 });

type Usage = {
  readonly cpu: number;
  readonly rss: number;
  readonly peak: number;
  readonly delay: readonly number[];
};

/**
 * Processor time of the server in ms, its memory in bytes, and since this was asked before the most of it and for how
 * long nobody was served: median, 99th percentile and longest in ms.
 */
async function usage(): Promise<Usage> {
  server.send('usage');
  const [answer] = (await once(server, 'message')) as [Usage];
  return answer;
}

async function ask(request: Ask, encoding?: string): Promise<{ readonly status: number; readonly bytes: number }> {
  const { statusCode, body } = await pool.request({
    path: request.path,
    method: request.body === undefined ? 'GET' : 'POST',
    ...(request.body === undefined ? {} : { body: request.body }),
    headers: {
      ...(encoding === undefined ? {} : { 'accept-encoding': encoding }),
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
  });
  let bytes = 0;
  for await (const chunk of body) bytes += (chunk as Buffer).length;
  return { status: statusCode, bytes };
}

async function json<Value>(target: string): Promise<Value> {
  return (await (await pool.request({ path: target, method: 'GET' })).body.json()) as Value;
}

const random = seeded(3);
const BROWSER = 'gzip, deflate, br, zstd';
const pick = <Item>(list: readonly Item[]): Item => list[Math.floor(random() * list.length)] as Item;
const part = (list: readonly number[], share: number) =>
  [...list].sort((left, right) => left - right)[Math.min(list.length - 1, Math.floor(list.length * share))] ?? 0;
const ms = (value: number) => value.toFixed(1).padStart(7);

const { records: sample } = await json<{ readonly records: readonly Sample[] }>('/api/targets?limit=1000&sort=version');
const only = process.env.ONLY;
const kinds = Object.entries(requestKinds({ random, sample })).filter(
  ([name]) => only === undefined || name.includes(only),
);

// Each kind by itself: what the first costs, and the processor's time of those that follow.
const ALONE = 12;
const alone = new Map<string, { readonly first: number; readonly cpu: number; readonly bytes: number }>();
for (const [name, make] of kinds) {
  const begun = performance.now();
  const { status } = await ask(make());
  const first = performance.now() - begun;
  if (status !== 200) console.log(`${name}: status ${status} at ${make().path}`);
  const before = await usage();
  let bytes = 0;
  for (let at = 0; at < ALONE; at++) bytes += (await ask(make(), at % 2 === 0 ? undefined : BROWSER)).bytes;
  alone.set(name, { first, cpu: ((await usage()).cpu - before.cpu) / ALONE, bytes: bytes / ALONE });
}

// The stream: when each is due does not depend on the answers before, and what waits is late.
const times = new Map<string, number[]>(kinds.map(([name]) => [name, []]));
const failures = new Map<string, number>();
const total = rate * Number(seconds);
const pending: Promise<void>[] = [];
const before = await usage();
const writing = setInterval(() => server.send('record'), 1_000);
const begun = performance.now();
for (let at = 0; at < total; at++) {
  const due = begun + (at * 1000) / rate;
  const wait = due - performance.now();
  if (wait > 0.5) await new Promise((resolve) => setTimeout(resolve, wait));
  const [name, make] = pick(kinds);
  const request = make();
  const note = (told: number | Error) => {
    times.get(name)?.push(performance.now() - due);
    if (told === 200) return;
    console.log(`${name}: ${told} of ${request.path}`);
    failures.set(name, (failures.get(name) ?? 0) + 1);
  };
  pending.push(
    ask(request, random() < 0.5 ? undefined : BROWSER).then(
      ({ status }) => note(status),
      (error: Error) => note(error),
    ),
  );
}
await Promise.all(pending);
const lasted = performance.now() - begun;
clearInterval(writing);
const after = await usage();

console.log(`${''.padEnd(46)}  first    cpu   KiB    p50     p90     p99     max`);
for (const [name, list] of times) {
  const one = alone.get(name) ?? { first: 0, cpu: 0, bytes: 0 };
  const failed = failures.has(name) ? ` FAILED ${failures.get(name)}` : '';
  console.log(
    `${name.padEnd(46)}${ms(one.first)}${ms(one.cpu)}${ms(one.bytes / 1024)}${[0.5, 0.9, 0.99, 1].map((share) => ms(part(list, share))).join(' ')}${failed}`,
  );
}
const every = [...times.values()].flat();
console.log(
  `all: ${every.length} requests at ${rate}/s: ${[0.5, 0.9, 0.99, 1].map((share) => ms(part(every, share)).trim()).join(' / ')} ms (p50 / p90 / p99 / max); server ${((after.cpu - before.cpu) / every.length).toFixed(2)} ms of processor a request, ${Math.round(((after.cpu - before.cpu) / lasted) * 100)} % of one; nobody served for ${after.delay.map((each) => ms(each).trim()).join(' / ')} ms (p50 / p99 / max); peak ${mebibytes(after.peak)} MiB`,
);

if (only === undefined) {
  await whole('the v0 list, plain', { path: '/api/v0/pkgs/list' }, undefined);
  await whole('the v0 list, plain, again', { path: '/api/v0/pkgs/list' }, undefined);
  await whole('the v0 list, zstd', { path: '/api/v0/pkgs/list' }, 'zstd');
  await whole('the v0 list, zstd, again', { path: '/api/v0/pkgs/list' }, 'zstd');
  await whole('the v0 list, gzip', { path: '/api/v0/pkgs/list' }, 'gzip');
  await whole('the v0 list, gzip, again', { path: '/api/v0/pkgs/list' }, 'gzip');
  await whole('the v0 queue', { path: '/api/v0/queue/list', body: '{}' }, undefined);
  await whole('the v1 list of binaries', { path: '/api/v1/packages/binary?limit=-1' }, undefined);
}
await pool.close();
server.send('stop');
await once(server, 'exit');
await database.close();

/** Reads a whole list: how long it takes, and how much the server's memory grows over it. */
async function whole(what: string, request: Ask, encoding: string | undefined): Promise<void> {
  const start = await usage();
  const asked = performance.now();
  const { bytes } = await ask(request, encoding);
  const took = performance.now() - asked;
  const end = await usage();
  console.log(
    `${what.padEnd(28)} ${(took / 1000).toFixed(2)} s, ${(bytes / 1e6).toFixed(1)} MB, processor ${((end.cpu - start.cpu) / 1000).toFixed(2)} s, memory at most ${mebibytes(end.peak - start.rss)} MiB more than the ${mebibytes(start.rss)} before`,
  );
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 ** 2);
}
