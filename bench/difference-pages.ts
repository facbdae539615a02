import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { gzipSync } from 'node:zlib';
import type { Difference } from '../model/index.ts';
import { openDashboard } from '../rebuilder/server/index.ts';
import { launchBrowser } from '../test/helpers/browser.ts';
import { FILE, makeRebuild, smallTree } from '../test/helpers/rebuild-rows.ts';
import { startServiceLab } from '../test/helpers/service-lab.ts';

/*
 * The pages of a rebuild whose difference and log are large: how long the first look takes, how long the server works for
 * each page after that, how large the pages are, and what memory feels of it; and how long a browser takes to show one.
 * Usage: node bench/difference-pages.ts [MEGABYTES OF DIFFERENCE] [MEGABYTES OF LOG]
 */
const MEGABYTE = 1e6;
const [differenceMegabytes, logMegabytes] = [Number(process.argv[2] ?? 50), Number(process.argv[3] ?? 200)];
const ASKED = 60;

/** Members with lines, and one whose lines are a third of it all. */
function makeTree(bytes: number): Difference {
  const lines = (size: number): string => {
    const parts: string[] = [];
    for (let at = 1, have = 0; have < size; at += 9) {
      const [old, now] = [randomBytes(20).toString('hex'), randomBytes(20).toString('hex')];
      const part = `@@ -${at},5 +${at},5 @@\n same "quoted" line\n-old ${old}\n+new ${now}\n same\n same\n same\n`;
      parts.push(part);
      have += part.length;
    }
    return parts.join('');
  };
  const member = (path: string, size: number): Difference => ({
    ...smallTree,
    path,
    kind: 'text',
    reasons: [{ kind: 'text', evidence: '1 of 1 changed lines differ in words' }],
    diff: lines(size),
    children: [],
  });
  const members = Array.from({ length: 3000 }, (_, at) => member(`./usr/share/doc/member-${at}`, (bytes * 2) / 9000));
  return { ...smallTree, children: [member('./usr/share/large.txt', bytes / 3), ...members] };
}

function makeLog(bytes: number): string {
  const line = (at: number): string =>
    `[${(at / 1000).toFixed(3).padStart(9)}] ${at % 5000 === 0 ? '   dh_auto_build' : `gcc -O2 -c part-${at}.c -o part-${at}.o`}\n`;
  return Array.from({ length: Math.floor(bytes / 52) }, (_, at) => line(at)).join('');
}

const show = (what: string, ...facts: readonly string[]): void => console.log([what.padEnd(34), ...facts].join('  '));
const rss = (): string => `${(process.memoryUsage.rss() / MEGABYTE).toFixed(0)} MB of memory`;

const folder = await mkdtemp(join(tmpdir(), 'reproof-bench-'));
const { routes, errorPages } = await openDashboard();
const lab = await startServiceLab(folder, { server: { errorPages }, groups: [routes] });
const id = await makeRebuild(lab, {
  tree: makeTree(differenceMegabytes * MEGABYTE),
  log: makeLog(logMegabytes * MEGABYTE),
});
globalThis.gc?.();
show('made', rss());
const ask = async (path: string): Promise<{ readonly millis: number; readonly body: string }> => {
  const begun = performance.now();
  const answer = await lab.server.app.inject({ url: `/rebuilds/${id}${path}`, headers: { accept: 'text/html' } });
  if (answer.statusCode !== 200) throw new Error(`${path}: ${answer.statusCode}: ${answer.body.slice(0, 500)}`);
  return { millis: performance.now() - begun, body: answer.body };
};
// What no page is timed by: code that is loaded and compiled at the first page of all.
await lab.server.app.inject({ url: '/reading' });
for (const path of ['', `/differences/${FILE}`, '/log'])
  show(`first look: ${path}`, `${(await ask(path)).millis.toFixed(0)} ms`, rss());

for (const [what, path] of [
  ['the rebuild', () => ''],
  ['the list of differences', () => '/differences'],
  ['a tree', () => `/differences/${FILE}`],
  ['a tree, side by side', () => `/differences/${FILE}?view=split`],
  ['a member', (turn: number) => `/differences/${FILE}/${2 + turn * 40}`],
  ['a piece of the largest diff', (turn: number) => `/differences/${FILE}/1?piece=${turn * 3}&part=1`],
  ['more members', (turn: number) => `/differences/${FILE}/0?from=${100 + turn * 40}&part=1`],
  ['a page of the log', (turn: number) => `/log?from=${1 + turn * 30_000}`],
  ['more lines of the log', (turn: number) => `/log?from=${1 + turn * 30_000}&part=1`],
  ['a search of the log', (turn: number) => `/log?search=part-${turn * 100}.c`],
] as const) {
  const answers: { readonly millis: number; readonly body: string }[] = [];
  for (let turn = 0; turn < ASKED; turn++) answers.push(await ask(path(turn)));
  answers.sort((one, other) => one.millis - other.millis);
  const [middle, late] = [answers[ASKED / 2], answers[Math.floor(ASKED * 0.95)]];
  const packed = gzipSync(middle?.body ?? '').length;
  show(
    what,
    `${middle?.millis.toFixed(1).padStart(6)} ms median`,
    `${late?.millis.toFixed(1).padStart(6)} ms 95 %`,
    `${((middle?.body.length ?? 0) / 1000).toFixed(0).padStart(4)} kB, ${(packed / 1000).toFixed(0)} packed`,
    rss(),
  );
}
// Another of the same size, which nobody looked at yet, as somebody's browser opens it.
const fresh = await makeRebuild(lab, { tree: makeTree(differenceMegabytes * MEGABYTE), log: 'none' });
const address = await lab.listen();
const browser = await launchBrowser();
const page = await browser.newPage();
let bytes = 0;
page.on('response', async (response) => {
  bytes += (await response.body().catch(() => Buffer.alloc(0))).length;
});
await page.goto(`${address}/reading`);
for (const what of ['unprepared', 'again']) {
  bytes = 0;
  await page.goto(`${address}/rebuilds/${fresh}/differences/${FILE}`);
  const painted = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => resolve(list.getEntries().at(-1)?.startTime ?? Number.NaN)).observe({
          type: 'largest-contentful-paint',
          buffered: true,
        });
      }),
  );
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await page.waitForLoadState('networkidle');
  show(
    `in Chromium, ${what}`,
    `largest paint ${painted.toFixed(0)} ms`,
    `${(bytes / 1000).toFixed(0)} kB, scrolled to its end`,
  );
}
await browser.close();
await lab.close();
await rm(folder, { recursive: true });
