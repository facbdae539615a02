/**
 * CPU, wall time and memory of `reproof compare` beside native tools, and beside diffoscope where a case asks for it, in
 * one run.
 *
 *   node bench/compare-figures.ts FOLDER [--only TEXT] [--runs COUNT] [--diffoscope-root DIR]
 *
 * FOLDER holds dl/ and gen/ (see bench/compare-cases.ts for the names) and gets flat/. Needs GNU time. CPU is user and
 * system time of all processes, memory that of the largest one; medians of COUNT runs, and of COUNT more after the peer.
 * Ends with 1 when a figure is over its goal.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { CASES, type Case } from './compare-cases.ts';

type Cost = { readonly cpu: number; readonly wall: number; readonly megabytes: number; readonly status: number };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    runs: { type: 'string', default: '3' },
    'diffoscope-root': { type: 'string' },
  },
});
const folder = resolve(positionals[0] ?? '.');
const work = mkdtempSync(join(tmpdir(), 'compare-figures-'));
const LAUNCHER = join(import.meta.dirname, '..', 'reproof');

function cost(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Cost {
  const log = join(work, 'time');
  const run = spawnSync('/usr/bin/time', ['-q', '-o', log, '-f', '%U %S %e %M', ...argv], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [user = 0, system = 0, wall = 0, kilobytes = 0] = readFileSync(log, 'utf8').trim().split(' ').map(Number);
  return { cpu: user + system, wall, megabytes: kilobytes / 1024, status: run.status ?? -1 };
}

function median(costs: readonly Cost[]): Cost {
  const middle = (read: (one: Cost) => number): number =>
    costs.map(read).sort((one, other) => one - other)[Math.floor(costs.length / 2)] ?? Number.NaN;
  return {
    cpu: middle((one) => one.cpu),
    wall: middle((one) => one.wall),
    megabytes: middle((one) => one.megabytes),
    status: costs[0]?.status ?? -1,
  };
}

/** A tar of one file of so many megabytes, and one with the last byte of the content changed. */
async function makeFlat(path: string): Promise<void> {
  if (existsSync(path)) return;
  mkdirSync(join(folder, 'flat'), { recursive: true });
  const [, megabytes = '', side = ''] = /(\d+)-([ab])\.tar$/.exec(path) ?? [];
  const content = join(work, 'content');
  const out = createWriteStream(content);
  const block = Buffer.alloc(2 ** 20);
  for (let index = 0; index < Number(megabytes); index++) {
    for (let at = 0; at < block.length; at += 4)
      block.writeUInt32LE(Math.imul(index * 262144 + at, 2654435761) >>> 0, at);
    if (side === 'b' && index === Number(megabytes) - 1) block[block.length - 1] = (block.at(-1) ?? 0) ^ 1;
    if (!out.write(Buffer.from(block))) await new Promise<void>((resume) => out.once('drain', () => resume()));
  }
  out.end();
  await finished(out);
  execFileSync('tar', ['--mtime=@0', '-C', work, '-cf', path, 'content']);
}

function dataTar(deb: string, side: string): string {
  const path = join(work, `${side}.data.tar.xz`);
  if (deb.endsWith('.deb')) execFileSync('sh', ['-c', 'ar p "$1" data.tar.xz > "$2"', 'sh', deb, path]);
  return path;
}

async function measure(one: Case): Promise<{ readonly ours: Cost; readonly native: Cost; readonly peer?: Cost }> {
  const [left, right] = [join(folder, one.left), join(folder, one.right)];
  if (one.left.startsWith('flat/')) await Promise.all([await makeFlat(left), await makeFlat(right)]);
  const files = { L: left, R: right, l: dataTar(left, 'left'), r: dataTar(right, 'right') };
  const native: Cost[] = [];
  const ours: Cost[] = [];
  const runInTurns = (): void => {
    for (let run = 0; run < Number(values.runs); run++) {
      native.push(cost(['bash', '-c', one.native], files));
      ours.push(cost([LAUNCHER, 'compare', left, right, '--json', join(work, 'report.json')]));
    }
  };
  runInTurns();
  const root = values['diffoscope-root'];
  if (root === undefined || one.peer === undefined) return { ours: median(ours), native: median(native) };
  for (const [side, path] of [
    ['left', left],
    ['right', right],
  ] as const) {
    mkdirSync(join(root, 'tmp', 'figures', side), { recursive: true });
    cpSync(path, join(root, 'tmp', 'figures', side, 'a.deb'));
  }
  const argv = ['diffoscope', '--json', '/tmp/figures/out.json', '/tmp/figures/left/a.deb', '/tmp/figures/right/a.deb'];
  const peer = cost(['chroot', root, ...argv]);
  // The peer takes minutes, in which a shared machine may become faster or slower: all else is measured on both sides of it.
  runInTurns();
  return { ours: median(ours), native: median(native), peer };
}

const shown = (one: Cost): string =>
  `${one.cpu.toFixed(2)} s, ${one.wall.toFixed(2)} s, ${one.megabytes.toFixed(0)} MB`;
const over: string[] = [];
console.log('| pair | ours: CPU, wall, memory | native | CPU ratio | wall ratio | goals | peer |');
console.log('|---|---|---|---|---|---|---|');
for (const one of CASES.filter((each) => each.name.includes(values.only))) {
  if (!one.left.startsWith('flat/') && ![one.left, one.right].every((path) => existsSync(join(folder, path)))) {
    console.log(`| ${one.name} | not there: ${one.left} or ${one.right} | | | | | |`);
    continue;
  }
  const { ours, native, peer } = await measure(one);
  const cpu = (ours.cpu - (one.startSeconds ?? 0)) / native.cpu;
  const wall = ours.wall / native.wall;
  const toPeer = peer === undefined ? undefined : { cpu: ours.cpu / peer.cpu, memory: ours.megabytes / peer.megabytes };
  const misses = [
    ...(ours.status > 1 ? [`ended with ${ours.status}`] : []),
    ...(cpu > one.cpuRatio ? ['CPU'] : []),
    ...(wall > (one.wallRatio ?? Number.POSITIVE_INFINITY) ? ['wall'] : []),
    ...(ours.megabytes > one.megabytes ? ['memory'] : []),
    ...(toPeer !== undefined && toPeer.cpu > (one.peer?.cpuRatio ?? 1) ? ['CPU against the peer'] : []),
    ...(toPeer !== undefined && toPeer.memory > (one.peer?.memoryRatio ?? 1) ? ['memory against the peer'] : []),
  ];
  const goals = `${one.cpuRatio === Number.POSITIVE_INFINITY ? '' : `CPU ${one.cpuRatio}, `}${one.megabytes} MB`;
  const beside = peer === undefined ? '' : `${shown(peer)}: ${toPeer?.cpu.toFixed(3)} and ${toPeer?.memory.toFixed(2)}`;
  const state = misses.length === 0 ? 'met' : `OVER: ${misses.join(', ')}`;
  console.log(
    `| ${one.name} | ${shown(ours)} | ${shown(native)} | ${cpu.toFixed(2)} | ${wall.toFixed(2)} | ${goals}: ${state} | ${beside} |`,
  );
  if (misses.length > 0) over.push(one.name);
}
rmSync(work, { recursive: true });
process.exitCode = over.length === 0 ? 0 : 1;
