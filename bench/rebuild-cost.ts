/**
 * What a rebuild costs beyond the build itself: the same package, in turn, by bare dpkg-buildpackage in a chroot of the
 * same packages, by `reproof rebuild` with everything kept, and, where a chroot tarball is given, by sbuild.
 *
 *   node bench/rebuild-cost.ts SOURCE [--suite trixie] [--runs 3] [--sbuild-chroot TAR --sbuild-user USER] [--nocheck] [--no-control]
 *
 * Needs root, an engine on this machine, and nothing else running: CPU seconds are the whole machine's, from /proc/stat,
 * so that an engine's work counts too. Prints a line for each run and the medians with their ratios.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

type Cost = { readonly wall: number; readonly cpu: number; readonly peak: number };
type Plan = {
  source: { dsc: { name: string; text: string }; files: { name: string; sha256: string }[] };
  settings: { sourceFolder: string; sourceDateEpoch: number; cpus: number };
  runs: { packages: string }[];
};

const LAUNCHER = join(import.meta.dirname, '..', 'reproof');
const JIFFIES = 100;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    suite: { type: 'string', default: 'trixie' },
    runs: { type: 'string', default: '3' },
    'sbuild-chroot': { type: 'string' },
    'sbuild-user': { type: 'string' },
    nocheck: { type: 'boolean' },
    'no-control': { type: 'boolean' },
  },
});
const [source] = positionals;
if (source === undefined) {
  process.stderr.write(
    'usage: node bench/rebuild-cost.ts SOURCE [--suite SUITE] [--runs N] [--sbuild-chroot TAR --sbuild-user USER] [--nocheck] [--no-control]\n',
  );
  process.exit(64);
}

/** Busy jiffies of all CPUs since boot: user, nice, system, irq, softirq, steal left out (proc_stat(5)). */
function busySeconds(): number {
  const fields = (readFileSync('/proc/stat', 'latin1').split('\n', 1)[0] ?? '')
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return [0, 1, 2, 5, 6].reduce((sum, index) => sum + (fields[index] ?? 0), 0) / JIFFIES;
}

async function timed(
  argv: readonly string[],
  cwd = '/',
): Promise<Cost & { readonly output: string; readonly status: number | null }> {
  const [begun, busy] = [performance.now(), busySeconds()];
  const child = spawn(argv[0] as string, argv.slice(1), { cwd, stdio: ['ignore', 'pipe', 'ignore'] });
  let [output, peak] = ['', 0];
  const timer = setInterval(() => {
    try {
      peak = Math.max(
        peak,
        Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'latin1'))?.[1] ?? 0) / 1024,
      );
    } catch {
      // It ended between two looks.
    }
  }, 50);
  for await (const chunk of child.stdout) output = (output + String(chunk)).slice(-2_000_000);
  const status = child.exitCode ?? (await new Promise<number | null>((resolve) => child.once('exit', resolve)));
  clearInterval(timer);
  return { wall: (performance.now() - begun) / 1000, cpu: busySeconds() - busy, peak, output, status };
}

const extra = [...(values.nocheck ? ['--nocheck'] : []), ...(values['no-control'] ? ['--no-control'] : [])];
const rebuildArgv = [LAUNCHER, 'rebuild', `debian:${source}`, '--suite', values.suite, '--json', '--quiet', ...extra];
const first = await timed(rebuildArgv);
const record = JSON.parse(first.output) as {
  id: string;
  environment: { lockDigest: string };
  verdict: { kind: string };
};
process.stdout.write(
  `${source}: ${record.verdict.kind}; the first run, whatever was kept: wall ${first.wall.toFixed(1)} s, CPU ${first.cpu.toFixed(1)} s\n`,
);

const data = process.env.REPROOF_DATA ?? join(process.env.HOME ?? '/root', '.local/share/reproof');
const cache = process.env.REPROOF_CACHE ?? join(process.env.HOME ?? '/root', '.cache/reproof');
const plan = JSON.parse(readFileSync(join(data, 'rebuilds', record.id, 'plan.json'), 'utf8')) as Plan;
const work = mkdtempSync(join(tmpdir(), 'reproof-cost-'));
const root = join(work, 'root');
mkdirSync(root);
const sh = (script: string): string => execFileSync('/bin/sh', ['-euc', script], { encoding: 'utf8' });
const image = `reproof-environment:${record.environment.lockDigest.slice(0, 32)}`;
sh(
  `id=$(docker create ${image} true); docker export $id | tar -x -C ${root}; docker rm $id >/dev/null; mount -t proc proc ${root}/proc; mkdir -p ${root}/dev; mount --bind /dev ${root}/dev`,
);
const input = join(work, 'source');
mkdirSync(input);
execFileSync('/bin/sh', ['-c', 'cat > "$0"', join(input, plan.source.dsc.name)], { input: plan.source.dsc.text });
for (const file of plan.source.files)
  sh(`cp ${cache}/sha256/${file.sha256.slice(0, 2)}/${file.sha256} ${input}/${file.name}`);

const folder = '/build/reproducible-path';
const flag = plan.runs[0]?.packages === 'any' ? '-B' : plan.runs[0]?.packages === 'all' ? '-A' : '-b';
const options = `parallel=${plan.settings.cpus}${values.nocheck ? ' nocheck' : ''}`;
async function bare(): Promise<Cost> {
  sh(
    `rm -rf ${root}/build/*; mkdir -p ${root}${folder} ${root}/build/in; cp ${input}/* ${root}/build/in/; chown -R 1001:1001 ${root}/build`,
  );
  const script = `cd ${folder} && dpkg-source --no-check --no-copy -x /build/in/${plan.source.dsc.name} ${plan.settings.sourceFolder} && cd ${plan.settings.sourceFolder} && dpkg-buildpackage -us -uc ${flag}`;
  return timed([
    'chroot',
    '--userspec=1001:1001',
    root,
    '/usr/bin/env',
    '-i',
    'HOME=/nonexistent',
    'LC_ALL=C.UTF-8',
    'TZ=UTC',
    'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
    `DEB_BUILD_OPTIONS=${options}`,
    `SOURCE_DATE_EPOCH=${plan.settings.sourceDateEpoch}`,
    '/bin/sh',
    '-c',
    script,
  ]);
}

async function sbuild(): Promise<Cost> {
  const out = join(work, 'sbuild');
  sh(`rm -rf ${out}; mkdir ${out}; cp ${input}/* ${out}/; chmod 755 ${work}; chown -R ${values['sbuild-user']} ${out}`);
  return timed([
    'runuser',
    '-u',
    values['sbuild-user'] as string,
    '--',
    'sh',
    '-c',
    `cd ${out} && DEB_BUILD_OPTIONS='${options}' sbuild --chroot-mode=unshare -d ${values.suite} --chroot=${values['sbuild-chroot']} --no-run-lintian --no-run-autopkgtest --no-run-piuparts --arch-all ${plan.source.dsc.name}`,
  ]);
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((left, right) => left - right)[Math.floor(numbers.length / 2)] ?? 0;
const contenders: Record<string, () => Promise<Cost>> = {
  'bare dpkg-buildpackage': bare,
  'reproof rebuild, warm': () => timed(rebuildArgv),
  ...(values['sbuild-chroot'] === undefined ? {} : { sbuild }),
};
const seen: Record<string, Cost[]> = {};
try {
  for (let run = 1; run <= Number(values.runs); run += 1) {
    for (const [name, measure] of Object.entries(contenders)) {
      const cost = await measure();
      seen[name] = [...(seen[name] ?? []), cost];
      process.stdout.write(
        `${run} ${name}: wall ${cost.wall.toFixed(2)} s, CPU ${cost.cpu.toFixed(2)} s, peak ${cost.peak.toFixed(0)} MB\n`,
      );
    }
  }
} finally {
  sh(`umount ${root}/dev ${root}/proc`);
  rmSync(work, { recursive: true, force: true });
}
const base = seen['bare dpkg-buildpackage'] ?? [];
for (const [name, costs] of Object.entries(seen)) {
  const [wall, cpu] = [median(costs.map((cost) => cost.wall)), median(costs.map((cost) => cost.cpu))];
  process.stdout.write(
    `median ${name}: wall ${wall.toFixed(2)} s (${(wall / median(base.map((cost) => cost.wall))).toFixed(2)} of bare), CPU ${cpu.toFixed(2)} s (${(cpu / median(base.map((cost) => cost.cpu))).toFixed(2)} of bare), peak ${median(costs.map((cost) => cost.peak)).toFixed(0)} MB\n`,
  );
}
