import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTROL_PAIR, type Difference, type RebuildRecord, sha256Of } from '../../model/index.ts';
import { runProgram } from '../../programs/index.ts';
import { labOptions, rebuildDsc } from '../helpers/engine-lab.ts';
import { runCli } from '../helpers/run-cli.ts';
import { makeSourcePackage } from '../helpers/source-package.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reproof-control-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** What a build may write down of where it runs, by the file that it writes it to. */
const TRACES: Readonly<Record<string, string>> = {
  'build-path': 'pwd',
  'host-name': 'cat /proc/sys/kernel/hostname',
  user: 'id -u',
  umask: 'umask',
  cpus: 'nproc; echo "$DEB_BUILD_OPTIONS"',
  time: 'date +%s',
  chance: 'cat /proc/sys/kernel/random/uuid',
};

const STEADY: Readonly<Record<string, string>> = {
  epoch: 'echo "$SOURCE_DATE_EPOCH"; date -d "@$SOURCE_DATE_EPOCH"',
  locale: 'locale',
  'time-zone': 'echo "$TZ"; date -d @0',
  home: 'echo "$HOME $PATH"',
};

async function rebuildTracing(name: string, traces: Readonly<Record<string, string>>): Promise<RebuildRecord> {
  const lines = Object.entries(traces).map(
    ([file, command]) => `{ ${command}; } > debian/tmp/usr/share/${name}/${file}`,
  );
  const { dscPath } = await makeSourcePackage({ name, folder, binary: lines.join('\n') });
  return rebuildDsc(dscPath, labOptions());
}

function pathsOf(differences: readonly Difference[]): readonly string[] {
  return differences.flatMap(({ path, children }) => (children.length === 0 ? [path] : pathsOf(children)));
}

const { dataFolder, cacheFolder } = labOptions();
const reproof = (...argv: readonly string[]) => runCli(folder, [...argv, '--data', dataFolder, '--cache', cacheFolder]);

describe('the control rebuild', () => {
  it('finds every trace of path, host, user, umask, CPUs, time and chance, and names the file', async () => {
    const record = await rebuildTracing('leaves-traces', TRACES);
    expect(record.verdict).toMatchObject({ kind: 'unreproducible', reason: 'nondeterministic' });
    expect(record.attempts.map(({ kind }) => kind)).toEqual(['first', 'control']);
    const named = pathsOf(record.differences).filter((path) => path.includes('leaves-traces/'));
    expect(named).toEqual(
      Object.keys(TRACES)
        .map((file) => `./usr/share/leaves-traces/${file}`)
        .sort(),
    );
    expect(record.differences[0]?.path).toBe(`${CONTROL_PAIR}leaves-traces_1.0_amd64.deb`);
    await expectBothVersions(record);
  });

  // Each alone would take a rebuild each; that one is found by itself shows that none hides behind another.
  it('finds one alone', async () => {
    const record = await rebuildTracing('leaves-its-path', { 'build-path': TRACES['build-path'] as string });
    expect(record.verdict).toMatchObject({ kind: 'unreproducible', reason: 'nondeterministic' });
    expect(pathsOf(record.differences)).toContain('./usr/share/leaves-its-path/build-path');
  });

  it('agrees where a build depends on nothing that may vary', async () => {
    const record = await rebuildTracing('leaves-no-trace', STEADY);
    expect(record.verdict).toMatchObject({ kind: 'inconclusive', reason: 'nothing published' });
    expect(record.attempts.map(({ kind }) => kind)).toEqual(['first', 'control']);
    expect(record.differences).toEqual([]);
    const { stdout } = await reproof('artifacts', record.id);
    expect(stdout.split('\n').filter((line) => line !== '')).toHaveLength(2);
  });
});

/** Both rebuilt versions and both .buildinfo files can be had, and the commands show them. */
async function expectBothVersions(record: RebuildRecord): Promise<void> {
  const deb = 'leaves-traces_1.0_amd64.deb';
  const buildinfo = 'leaves-traces_1.0_amd64.buildinfo';
  const out = join(folder, 'out');
  const { stdout, status } = await reproof('artifacts', record.id, '--extract', 'out');
  expect(status).toBe(0);
  const expected = [`rebuilt/${deb}`, `control/${deb}`, `rebuilt/${buildinfo}`, `control/${buildinfo}`];
  expect(stdout).toBe(expected.map((name) => `${join(out, name)}\n`).join(''));
  for (const [side, attempt] of [['rebuilt', record.attempts[0]] as const, ['control', record.attempts[1]] as const]) {
    const bytes = await readFile(join(out, side, deb));
    expect(sha256Of(bytes)).toBe(attempt?.artifacts.find(({ name }) => name === deb)?.sha256);
    const checked = await runProgram(['dpkg-deb', '--info', join(out, side, deb)], {
      limits: { wallSeconds: 10, outputBytes: 100_000 },
    });
    expect(checked.status).toBe(0);
    expect(await readFile(join(out, side, buildinfo), 'utf8')).toMatch(/^Source: leaves-traces$/m);
  }
  expect((await stat(join(out, 'rebuilt', deb))).mode & 0o777).toBe(0o644);
  const table = (await reproof('artifacts', record.id)).stdout;
  expect(table).toMatch(
    /leaves-traces_1\.0_amd64\.deb +extra +\S+ \S+ +[0-9a-f]{64}\n +control +\S+ \S+ +[0-9a-f]{64}\n$/,
  );
  const shown = (await reproof('show', record.id)).stdout;
  expect(shown).toContain('Differences between two rebuilds (- first, + control)\n  leaves-traces_1.0_amd64.deb (deb)');
  expect(shown).not.toContain('- published, + rebuilt');
}
