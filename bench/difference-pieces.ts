import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { canonicalJson, type Difference } from '../model/index.ts';
import { openPieces } from '../rebuilder/server/pieces/index.ts';
import { openBlobs } from '../rebuilder/store/index.ts';

/*
 * A difference of about 50 MB: how long it takes to be made ready, how long its parts take then, how much of it is read,
 * and what memory and the event loop feel of it. Usage: node bench/difference-pieces.ts [MEGABYTES]
 */
const MEGABYTE = 1e6;

/** Members with lines, and one whose lines are a third of it all. */
function makeTree(bytes: number): Difference {
  const lines = (size: number): string => {
    let diff = '';
    for (let at = 1; diff.length < size; at += 9) {
      diff += `@@ -${at},7 +${at},7 @@\n same "quoted" line\n-old ${randomBytes(20).toString('hex')}\n+new ${randomBytes(20).toString('hex')}\n`;
      diff += ` same\n same\n same\n`;
    }
    return diff;
  };
  const leaf = (path: string, size: number): Difference => ({
    path,
    kind: 'text',
    notes: [],
    reasons: [{ kind: 'text', evidence: '1 of 1 changed lines differ in words' }],
    diff: lines(size),
    children: [],
    truncated: false,
  });
  const members = Array.from({ length: 3000 }, (_, at) => ({
    ...leaf(`./usr/share/doc/member-${at}`, (bytes * 2) / 3 / 3000),
    left: { size: at, sha256: 'a'.repeat(64) },
    right: { size: at + 1, sha256: 'b'.repeat(64) },
  }));
  const large = leaf('./usr/share/large.txt', bytes / 3);
  return { path: 'large_1_amd64.deb', kind: 'deb', notes: [], children: [large, ...members], truncated: false };
}

const megabytes = Number(process.argv[2] ?? 50);
const folder = await mkdtemp(join(tmpdir(), 'reproof-bench-'));
const blobs = await openBlobs(join(folder, 'blobs'));
const pieces = await openPieces(join(folder, 'pieces'), blobs);
const content = canonicalJson(makeTree(megabytes * MEGABYTE));
const stored = await blobs.put('difference.json', [Buffer.from(content)] as never, 1e10);
const whole = performance.now();
JSON.parse(content);
const parseMillis = performance.now() - whole;
const show = (what: string, value: string): void => console.log(`${what.padEnd(44)} ${value}`);
const rss = (): string => `${(process.memoryUsage.rss() / MEGABYTE).toFixed(0)} MB`;

show('blob', `${(stored.size / MEGABYTE).toFixed(1)} MB`);
show('JSON.parse of the whole', `${parseMillis.toFixed(0)} ms`);
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
const begun = performance.now();
await (await pieces.difference(stored.sha256, 'tree')).close();
show('made ready, and opened', `${(performance.now() - begun).toFixed(0)} ms`);
delay.disable();
show('longest wait of the event loop meanwhile', `${(delay.max / 1e6).toFixed(0)} ms`);
const index = await stat(join(folder, 'pieces', stored.sha256.slice(0, 2), `${stored.sha256}.tree`));
show('index', `${(index.size / MEGABYTE).toFixed(2)} MB`);

const times = new Map<string, number[]>();
const timed = async <Value>(what: string, work: () => Promise<Value>): Promise<Value> => {
  const start = performance.now();
  const value = await work();
  times.set(what, [...(times.get(what) ?? []), performance.now() - start]);
  return value;
};
const before = process.memoryUsage.rss();
let firstBytes = 0;
for (let turn = 0; turn < 300; turn++) {
  const top = await timed('the top with its first 200 members', async () => {
    const reader = await pieces.difference(stored.sha256, 'tree');
    const node = await reader.node(0, 0, { from: 0, limit: 200 });
    await reader.close();
    return node;
  });
  firstBytes = JSON.stringify(top).length;
  await timed('a member with its first piece', async () => {
    const reader = await pieces.difference(stored.sha256, 'tree');
    const node = (turn * 7) % 3000;
    await reader.node(0, node, { from: 0, limit: 200 });
    if (node > 0) await reader.lines(0, node, 0);
    await reader.close();
  });
  await timed('a piece of the largest diff', async () => {
    const reader = await pieces.difference(stored.sha256, 'tree');
    await reader.lines(0, 1, turn % 200);
    await reader.close();
  });
}
for (const [what, list] of times) {
  list.sort((one, other) => one - other);
  show(what, `${list[150]?.toFixed(2)} ms median, ${list[297]?.toFixed(2)} ms 99 %`);
}
show('the first answer', `${firstBytes} bytes of JSON`);
show('memory before and after 900 reads', `${(before / MEGABYTE).toFixed(0)} MB, ${rss()}`);
await pieces.close();
await rm(folder, { recursive: true });
