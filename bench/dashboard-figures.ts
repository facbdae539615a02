/**
 * What each page of the dashboard costs a browser, with 70,000 packages and a million results: time of the server, largest
 * contentful paint, bytes of script and style as they are sent, each page several times with nothing cached.
 *
 *   node bench/dashboard-figures.ts FOLDER [RUNS]
 *
 * The database is made in FOLDER on the first run and kept. Prints a table, writes FOLDER/dashboard-figures.json, and ends
 * with 1 where the median of a page is past a limit. ONLY=… takes the pages whose name holds it.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { createServiceStore, openBlobs } from '../rebuilder/store/index.ts';
import { openDatabase } from '../rebuilder/store/open-database.ts';
import { launchBrowser, openPage } from '../test/helpers/browser.ts';
import { type DashboardData, fillDashboard } from '../test/helpers/dashboard-data.ts';
import { type DashboardPage, dashboardPages, signIn } from '../test/helpers/dashboard-pages.ts';
import { fillService, LARGE } from './service-data.ts';

const LIMITS = { serverMilliseconds: 50, paintMilliseconds: 800, scriptBytes: 60 * 1024, styleBytes: 30 * 1024 };
/** `processorMilliseconds`: of the service for the page and its assets; what it takes on a machine that is busy, too. */
type Figures = { readonly [Name in keyof typeof LIMITS]: number } & { readonly processorMilliseconds: number };
const NAMES = [...Object.keys(LIMITS), 'processorMilliseconds'] as const as readonly (keyof Figures)[];

const [folder = '.', runs = '7'] = process.argv.slice(2);
const { data, secret } = await prepare();
const server = fork(fileURLToPath(new URL('./service-process.ts', import.meta.url)), [folder, folder], {
  execArgv: ['--disable-warning=ExperimentalWarning'],
});
const [{ address }] = (await once(server, 'message')) as [{ readonly address: string }];
const browser = await launchBrowser();
const cookie = await signIn(address, secret);
const table: Record<string, Figures & { readonly worst: Figures; readonly fits: boolean }> = {};
for (const wanted of pagesOf(data)) {
  if (!wanted.name.includes(process.env.ONLY ?? '')) continue;
  const measured: Figures[] = [];
  // The first is not counted: it warms what a service that runs has warm.
  for (let run = 0; run <= Number(runs); run++) {
    const figures = await measure(browser, wanted);
    if (run > 0) measured.push(figures);
  }
  const of = (name: keyof Figures) => measured.map((figures) => figures[name]).toSorted((a, b) => a - b);
  const each = (pick: (values: readonly number[]) => number | undefined) =>
    Object.fromEntries(NAMES.map((name) => [name, pick(of(name)) ?? 0])) as Figures;
  const median = each((values) => values[Math.floor(values.length / 2)]);
  const fits = Object.entries(LIMITS).every(([name, limit]) => median[name as keyof Figures] <= limit);
  if (!fits) process.exitCode = 1;
  table[wanted.name] = { ...median, worst: each((values) => values.at(-1)), fits };
}
await browser.close();
server.send('stop');
await once(server, 'exit');

console.table(
  Object.fromEntries(
    Object.entries(table).map(([name, { worst, ...median }]) => [
      name,
      { ...median, worstServer: worst.serverMilliseconds, worstPaint: worst.paintMilliseconds },
    ]),
  ),
);
await writeFile(
  join(folder, 'dashboard-figures.json'),
  `${JSON.stringify({ limits: LIMITS, size: LARGE, runs: Number(runs), pages: table }, undefined, 2)}\n`,
);

/** A database of full size, with a few packages that have logs and differences. */
async function prepare(): Promise<{ readonly data: DashboardData; readonly secret: string }> {
  const database = await openDatabase(folder);
  const store = createServiceStore(database);
  const notes = join(folder, 'dashboard-data.json');
  const counted = await database.read('looking', (db) => db.selectFrom('result').select('id').limit(1).execute());
  if (counted.length === 0) await fillService(database, LARGE);
  let noted = await readFile(notes, 'utf8').then(
    (text) => JSON.parse(text) as DashboardData,
    () => undefined,
  );
  if (noted === undefined) {
    const blobs = await openBlobs(join(folder, 'blobs'));
    noted = await fillDashboard({ store, blobs, pass: () => {}, now: () => new Date() });
    await writeFile(notes, JSON.stringify(noted));
  }
  const { secret: made } = await store.access.createToken({ name: 'figures', role: 'admin' });
  await database.close();
  return { data: noted, secret: made };
}

function pagesOf(given: DashboardData): readonly DashboardPage[] {
  return [
    ...dashboardPages({ data: given }).filter(({ status, go }) => status === undefined && go === undefined),
    { name: 'packages-lib', path: '/packages?name=lib' },
    { name: 'packages-bad', path: '/packages?verdict=unreproducible' },
    { name: 'packages-of-team', path: `/packages?maintainer=${encodeURIComponent('Team 5 <team5@example.org>')}` },
    { name: 'rebuild-of-many', path: '/rebuilds/500000' },
  ];
}

async function measure(with_: Browser, { name, path, operator }: DashboardPage): Promise<Figures> {
  const { page, faults, close } = await openPage(with_, { origin: address });
  if (operator) await page.context().addCookies([cookie]);
  const before = await processorTime();
  await page.goto(`${address}${path}`, { waitUntil: 'load' });
  const processorMilliseconds = Math.round((await processorTime()) - before);
  const figures = await page.evaluate<Omit<Figures, 'processorMilliseconds'>>(`new Promise((resolve) => {
    let paint = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) paint = Math.max(paint, entry.startTime);
    }).observe({ type: 'largest-contentful-paint', buffered: true });
    requestAnimationFrame(() => setTimeout(() => {
      const [navigation] = performance.getEntriesByType('navigation');
      const bytes = (kind) => performance.getEntriesByType('resource')
        .filter((entry) => new URL(entry.name).pathname.endsWith(kind))
        .reduce((sum, entry) => sum + entry.encodedBodySize, 0);
      resolve({
        serverMilliseconds: Math.round(navigation.responseStart - navigation.requestStart),
        paintMilliseconds: Math.round(paint),
        scriptBytes: bytes('.js'),
        styleBytes: bytes('.css'),
      });
    }, 150));
  })`);
  for (const fault of faults()) {
    console.error(`${name}: ${fault}`);
    process.exitCode = 1;
  }
  await close();
  return { ...figures, processorMilliseconds };
}

/** Of the service so far, in ms. */
async function processorTime(): Promise<number> {
  server.send('usage');
  const [{ cpu }] = (await once(server, 'message')) as [{ readonly cpu: number }];
  return cpu;
}
