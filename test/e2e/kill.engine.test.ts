import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RebuildRecord, STAGES, type StageName } from '../../model/index.ts';
import { type OwnLab, openOwnLab, prepareLab, type Stop } from '../helpers/own-lab.ts';
import { runCli } from '../helpers/run-cli.ts';
import { makeSourcePackage } from '../helpers/source-package.ts';

const HALF_WAY = 'half-way through the build';
/** Long enough to be killed in. */
const PAUSE = `echo ${HALF_WAY}; sleep 1`;
let sources = '';

beforeAll(async () => {
  sources = await mkdtemp(join(tmpdir(), 'reproof-kill-'));
  await prepareLab(sources);
});

afterAll(async () => {
  await rm(sources, { recursive: true, force: true });
});

const kill = (until: Stop['until']): Stop => ({ signal: 'SIGKILL', until });

function stagesSaid(stderr: string, words: string): readonly string[] {
  const lines = stderr.split('\n').filter((line) => line.endsWith(`: ${words}`));
  return lines.map((line) => line.slice(0, -words.length - 2));
}

async function recordOf(lab: OwnLab, id: string): Promise<RebuildRecord> {
  return JSON.parse((await lab.run('show', id, '--json')).stdout) as RebuildRecord;
}

async function expectWhole(lab: OwnLab, id: string): Promise<void> {
  const text = (await lab.run('show', id, '--json')).stdout;
  expect(await readFile(join(lab.data, 'rebuilds', id, 'record.json'), 'utf8')).toBe(text);
  expect(await lab.checkEvidence(id)).toMatchObject({ status: 0 });
  expect(await lab.left()).toEqual([]);
  expect(await lab.temporaryFiles()).toEqual([]);
  expect((await lab.list()).find((summary) => summary.id === id)).toMatchObject({ state: 'recorded' });
}

describe('a rebuild killed without warning', () => {
  it('goes on from any stage and any moment inside one, however often', async () => {
    const lab = await openOwnLab();
    const { dscPath } = await makeSourcePackage({
      name: 'killed-often',
      folder: sources,
      buildDepends: 'hello',
      binary: `${PAUSE}; cat /proc/sys/kernel/random/uuid > debian/tmp/usr/share/killed-often/id`,
    });
    const moments: readonly (readonly [StageName, Stop['until']])[] = [
      ['source', 'source: started'],
      ['lock', 'lock: started'],
      ['lock', () => lab.running('resolve', 'apt-get')],
      ['plan', 'plan: started'],
      ['environment', 'environment: started'],
      ['environment', () => lab.running('install', 'policy-rc.d')],
      ['environment', () => lab.running('install', 'sha256sum')],
      ['build', 'build: started'],
      ['build', HALF_WAY],
      ['compare', 'compare: started'],
      ['control', 'control: started'],
      ['control', HALF_WAY],
      ['verdict', 'verdict: started'],
      ['record', 'record: started'],
    ];
    let argv: readonly string[] = ['rebuild', dscPath, '--suite', 'trixie'];
    let id = '';
    let leftBefore: readonly string[] = [];
    let foundSomethingLeft = 0;
    for (const [stage, until] of moments) {
      const stopped = await lab.stopAt(kill(until), ...argv, '--verbose');
      expect(stopped.signal, stage).toBe('SIGKILL');
      const before = STAGES.slice(0, STAGES.indexOf(stage));
      if (argv[0] === 'resume')
        expect(stagesSaid(stopped.stderr, 'done before'), stage).toEqual(expect.arrayContaining(before.slice(0, -1)));
      // What has begun may be over when the signal comes, on a busy machine the next stage has begun.
      const started = stagesSaid(stopped.stderr, 'started').at(-1) as StageName;
      expect(STAGES.indexOf(started), stage).toBeGreaterThanOrEqual(STAGES.indexOf(stage));
      const left = await lab.left();
      expect(
        left.filter((item) => leftBefore.includes(item)),
        `left by the run before, ${stage}`,
      ).toEqual([]);
      leftBefore = left;
      foundSomethingLeft += left.length;
      const [summary] = await lab.list();
      if (stage !== 'record') expect(summary, stage).toMatchObject({ state: 'unfinished' });
      id = summary?.id ?? '';
      argv = ['resume', id];
    }
    expect(foundSomethingLeft).toBeGreaterThan(4);
    for (const until of ['attest: started', 'publish: started']) {
      expect((await lab.stopAt(kill(until), ...argv, '--verbose')).signal, until).toBe('SIGKILL');
      expect((await lab.list())[0], until).toMatchObject({ id, state: 'recorded' });
    }
    const { status, stderr, stdout } = await lab.run(...argv);
    expect(stderr).not.toMatch(/^(?!attest|publish).*: started$/m);
    const statements = await readdir(join(lab.data, 'statements', id));
    expect(statements).toEqual([
      'killed-often_1.0_amd64.provenance.dsse.json',
      'killed-often_1.0_amd64.provenance.sigstore.json',
    ]);
    expect(stdout).toMatch(/^unreproducible \(nondeterministic\): killed-often 1\.0/);
    expect(status).toBe(1);
    await expectWhole(lab, id);

    const undisturbed = await lab.run('rebuild', dscPath, '--suite', 'trixie', '--json');
    const other = JSON.parse(undisturbed.stdout) as RebuildRecord;
    const record = await recordOf(lab, id);
    expect(record.verdict).toEqual(other.verdict);
    expect(record.planDigest).toBe(other.planDigest);
    expect(record.environment?.rootfsDigest).toBe(other.environment?.rootfsDigest);
    expect(record.attempts.map(({ kind, outcome }) => ({ kind, outcome }))).toEqual([
      { kind: 'first', outcome: { kind: 'built' } },
      { kind: 'control', outcome: { kind: 'built' } },
    ]);
  });

  it('while it made a base leaves nothing once the next has started, not even the image that base began with', async () => {
    const lab = await openOwnLab();
    await rm(join(lab.data, 'reproof.sqlite3'));
    const { dscPath } = await makeSourcePackage({ name: 'has-no-base', folder: sources, binary: 'true' });
    const installing = (): Promise<void> => lab.running('install', 'policy-rc.d');
    await lab.stopAt(kill(installing), 'rebuild', dscPath, '--suite', 'trixie');
    // Its container, and the image that runs in.
    expect(await lab.left()).toHaveLength(2);
    const id = (await lab.list())[0]?.id ?? '';
    const { status } = await lab.stopAt({ signal: 'SIGTERM', until: 'lock: started' }, 'resume', id);
    expect(status).toBe(130);
    expect(await lab.left()).toEqual([]);
  });

  it('gives the same files and verdict as one that was not', async () => {
    const lab = await openOwnLab();
    const { dscPath } = await makeSourcePackage({ name: 'killed-once', folder: sources, binary: PAUSE });
    await lab.stopAt(kill(HALF_WAY), 'rebuild', dscPath, '--suite', 'trixie', '--verbose');
    expect(await lab.left()).not.toEqual([]);
    const id = (await lab.list())[0]?.id ?? '';
    expect((await lab.run('list')).stdout).toMatch(new RegExp(`${id} .* killed-once 1\\.0 .* unfinished \\(after env`));
    const resumed = await lab.run('resume', id);
    expect(stagesSaid(resumed.stderr, 'done before')).toEqual(['source', 'lock', 'plan', 'environment']);
    expect(resumed.status).toBe(2);
    await expectWhole(lab, id);
    const undisturbed = await lab.run('rebuild', dscPath, '--suite', 'trixie', '--json');
    const other = JSON.parse(undisturbed.stdout) as RebuildRecord;
    const record = await recordOf(lab, id);
    expect(record.verdict).toEqual(other.verdict);
    expect(record.verdict).toMatchObject({ kind: 'inconclusive', reason: 'nothing published' });
    expect(record.artifacts).toEqual(other.artifacts);
    expect(record.artifacts).toHaveLength(1);
  });
});

describe('a rebuild of a .dsc by path, killed once its source is in the cache', () => {
  const killed = async (name: string, until: string): Promise<{ lab: OwnLab; id: string; dscPath: string }> => {
    const lab = await openOwnLab();
    const source = await makeSourcePackage({ name, folder: join(lab.folder, 'source'), binary: 'true' });
    await lab.stopAt(kill(until), 'rebuild', `source/${name}_1.0.dsc`, '--suite', 'trixie');
    return { lab, id: (await lab.list())[0]?.id ?? '', dscPath: source.dscPath };
  };

  it('needs the file no more', async () => {
    const { lab, id } = await killed('is-deleted', 'plan: started');
    await rm(join(lab.folder, 'source'), { recursive: true });
    const { status, stdout } = await lab.run('resume', id);
    expect(stdout).toMatch(/^inconclusive \(nothing published\): is-deleted/);
    expect(status).toBe(2);
  });

  it('says what is missing when the cache was emptied before its environment was resolved', async () => {
    const { lab, id } = await killed('loses-indices', 'lock: started');
    await rm(lab.cache, { recursive: true });
    const { status, stderr } = await lab.run('resume', id);
    expect(stderr).toMatch(
      /resolving build dependencies: the index debian\/dists\/trixie\/\S+ is not in the cache any more\n.*begin the rebuild anew/,
    );
    expect(status).toBe(69);
  });

  it('says what is missing when the cache was emptied before the build', async () => {
    const { lab, id, dscPath } = await killed('loses-source', 'plan: started');
    await rm(lab.cache, { recursive: true });
    const { status, stderr } = await lab.run('resume', id);
    expect(stderr).toMatch(/loses-source_1\.0\.tar\.gz was given beside its \.dsc and is not in the cache here\n/);
    expect(status).toBe(69);
    expect((await lab.run('rebuild', dscPath, '--suite', 'trixie')).status).toBe(2);
  });

  it('is read from the folder it was asked for in, when it was killed before', async () => {
    const { lab, id } = await killed('is-elsewhere', 'source: started');
    const { status } = await runCli(lab.data, ['resume', id, '--data', lab.data, '--cache', lab.cache]);
    expect(status).toBe(2);
  });
});
