import { createReadStream } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type EnvironmentLock,
  type LockedPackage,
  lockDigest,
  type RebuildPlan,
  type RebuildRecord,
  sha256Of,
} from '../../model/index.ts';
import { runProgram } from '../../programs/index.ts';
import { type KnownEnvironment, makeEnvironment } from '../../rebuilder/environment/index.ts';
import { withEnvironmentContext } from '../helpers/environment-context.ts';
import { type OwnLab, openOwnLab, prepareLab } from '../helpers/own-lab.ts';
import { makeSourcePackage } from '../helpers/source-package.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reproof-replay-'));
  await prepareLab(folder);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function rebuilt(lab: OwnLab, name: string, buildDepends?: string): Promise<RebuildRecord> {
  const { dscPath } = await makeSourcePackage({
    name,
    folder,
    binary: `echo steady > debian/tmp/usr/share/${name}/word`,
    ...(buildDepends === undefined ? {} : { buildDepends }),
  });
  return JSON.parse((await lab.run('rebuild', dscPath, '--suite', 'trixie', '--json')).stdout) as RebuildRecord;
}

async function evidence<T>(lab: OwnLab, id: string, name: string): Promise<T> {
  return JSON.parse(await readFile(join(lab.data, 'rebuilds', id, name), 'utf8')) as T;
}

describe('an environment', () => {
  // Of a base the same is shown where nothing is known of it: by the replay elsewhere.
  it('made once more from its lock is the same root file system in another image', async () => {
    const lab = await openOwnLab();
    const record = await rebuilt(lab, 'has-a-layer', 'hello');
    const lock = await evidence<EnvironmentLock>(lab, record.id, 'lock.json');
    expect(lock.layers.map(({ name }) => name)).toEqual(['base', 'build-dependencies']);
    await withEnvironmentContext(lab, async (context) => {
      const made = await makeEnvironment(lock, context);
      expect(made).toMatchObject({ reused: true, rootfsDigest: record.environment?.rootfsDigest });
      const again = await makeEnvironment(lock, context, true);
      expect(again).toMatchObject({ reused: false, rootfsDigest: made.rootfsDigest, notes: [] });
      expect(again.imageId).not.toBe(made.imageId);
    });
  });

  it('whose package writes the time into a file differs each time, and the file is named', async () => {
    const lab = await openOwnLab();
    const record = await rebuilt(lab, 'lends-its-lock');
    const lock = await evidence<EnvironmentLock>(lab, record.id, 'lock.json');
    await withEnvironmentContext(lab, async (context) => {
      const deb = await packageThatTellsTheTime(folder);
      await context.fetcher.keep(createReadStream(deb.path), deb.locked);
      const layer = { name: 'build-dependencies', packages: [deb.locked], remove: [] } as const;
      const unsteady = { ...lock, layers: [...lock.layers.slice(0, 1), layer] };
      const first = await makeEnvironment(unsteady, context);
      expect(first.notes).toEqual([]);
      const second = await makeEnvironment(unsteady, context, true);
      expect(second.rootfsDigest).not.toBe(first.rootfsDigest);
      expect(second.notes).toEqual([
        `the root file system of this lock has another digest than one made before (${first.rootfsDigest.slice(0, 16)}…): /var/lib/time-teller`,
      ]);
    });
  });
});

async function packageThatTellsTheTime(
  into: string,
): Promise<{ readonly path: string; readonly locked: LockedPackage }> {
  const tree = join(into, 'time-teller');
  await mkdir(join(tree, 'DEBIAN'), { recursive: true });
  const control = 'Package: time-teller\nVersion: 1.0\nArchitecture: all\nMaintainer: Test <test@example.org>\n';
  await writeFile(join(tree, 'DEBIAN', 'control'), `${control}Description: tells the time\n`);
  await writeFile(join(tree, 'DEBIAN', 'postinst'), '#!/bin/sh\ndate +%s%N > /var/lib/time-teller\n', { mode: 0o755 });
  const path = join(into, 'time-teller.deb');
  const { status, stderr } = await runProgram(['dpkg-deb', '--root-owner-group', '--build', tree, path], {
    limits: { wallSeconds: 30, outputBytes: 100_000 },
  });
  if (status !== 0) throw new Error(stderr);
  const bytes = await readFile(path);
  const origin = { kind: 'given', name: 'time-teller.deb' } as const;
  const identity = { name: 'time-teller', version: '1.0', architecture: 'all' };
  return { path, locked: { ...identity, size: bytes.length, sha256: sha256Of(bytes), origin } };
}

describe('a replay', () => {
  it('of an id gives the same environment, files and verdict', async () => {
    const lab = await openOwnLab();
    const record = await rebuilt(lab, 'is-replayed');
    const { status, stdout, stderr } = await lab.run('replay', record.id, '--json');
    expect(status).toBe(2);
    expect(stderr).toMatch(/^source: done before\nlock: done before\nplan: done before\nenvironment: started\n/);
    const replay = JSON.parse(stdout) as RebuildRecord;
    expect(replay.id).not.toBe(record.id);
    expect(sameness(replay)).toEqual(sameness(record));
    expect(await lab.checkEvidence(replay.id)).toMatchObject({ status: 0 });
  });

  it('of a folder of evidence makes the same environment anew where neither store nor image is known', async () => {
    const lab = await openOwnLab();
    const record = await rebuilt(lab, 'goes-elsewhere', 'hello');
    const elsewhere = await openOwnLab();
    await rm(join(elsewhere.data, 'reproof.sqlite3'));
    await cp(join(lab.data, 'rebuilds', record.id), join(elsewhere.folder, 'evidence'), { recursive: true });
    // The source was given by path, so no archive can give it.
    const plan = await evidence<RebuildPlan>(lab, record.id, 'plan.json');
    for (const { sha256 } of plan.source.files) {
      const shelf = join('sha256', sha256.slice(0, 2));
      await mkdir(join(elsewhere.cache, shelf), { recursive: true });
      await cp(join(lab.cache, shelf, sha256), join(elsewhere.cache, shelf, sha256));
    }
    const { status, stdout } = await elsewhere.run('replay', './evidence', '--json');
    expect(status).toBe(2);
    const replay = JSON.parse(stdout) as RebuildRecord;
    expect(replay.environment?.reused).toBe(false);
    expect(sameness(replay)).toEqual(sameness(record));
    const [base, baseElsewhere] = await Promise.all([baseOf(lab, plan.lock), baseOf(elsewhere, plan.lock)]);
    expect(baseElsewhere?.imageId).not.toBe(base?.imageId);
    expect(baseElsewhere?.rootfsDigest).toMatch(/^[0-9a-f]{64}$/);
    expect(baseElsewhere?.rootfsDigest).toBe(base?.rootfsDigest);
  });

  it('is refused for a plan that is not the one the record names', async () => {
    const lab = await openOwnLab();
    const record = await rebuilt(lab, 'has-its-plan-changed');
    const copy = join(lab.folder, 'evidence');
    await cp(join(lab.data, 'rebuilds', record.id), copy, { recursive: true });
    const plan = await evidence<RebuildPlan>(lab, record.id, 'plan.json');
    const changed = { ...plan, settings: { ...plan.settings, sourceDateEpoch: 0 } };
    await writeFile(join(copy, 'plan.json'), JSON.stringify(changed));
    const { status, stdout } = await lab.run('replay', copy, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'PLAN_INVALID' } });
    expect(status).toBe(65);
  });

  it('is refused where the root file system comes out as another, and both are named', async () => {
    const lab = await openOwnLab();
    const record = await rebuilt(lab, 'has-its-root-changed');
    const copy = join(lab.folder, 'evidence');
    await cp(join(lab.data, 'rebuilds', record.id), copy, { recursive: true });
    const rootfsDigest = '0'.repeat(64);
    const changed = { ...record, environment: { ...record.environment, rootfsDigest } };
    await writeFile(join(copy, 'record.json'), JSON.stringify(changed));
    const { status, stdout, stderr } = await lab.run('replay', copy, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      error: {
        code: 'ENVIRONMENT_MISMATCH',
        context: { expected: rootfsDigest, found: record.environment?.rootfsDigest },
      },
    });
    expect(stderr).toContain(
      `its root file system is ${record.environment?.rootfsDigest}, recorded was ${rootfsDigest}`,
    );
    expect(status).toBe(65);
  });
});

async function baseOf(lab: OwnLab, lock: EnvironmentLock): Promise<KnownEnvironment | undefined> {
  const name = lockDigest({ ...lock, layers: lock.layers.slice(0, 1) });
  let known: KnownEnvironment | undefined;
  await withEnvironmentContext(lab, async ({ memory, engine }) => {
    known = await memory.environment(name, engine.id);
  });
  return known;
}

/** What has to be equal in a rebuild and its replay. */
function sameness({ planDigest, environment, artifacts, verdict, target }: RebuildRecord): unknown {
  return { planDigest, rootfs: environment?.rootfsDigest, lock: environment?.lockDigest, artifacts, verdict, target };
}
