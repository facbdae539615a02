import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planDigest, type RebuildRecord } from '../../../model/index.ts';
import { openBlobs, openStore } from '../../../rebuilder/store/index.ts';
import { chunksOf } from '../../helpers/chunks.ts';
import { cycloneDxErrors } from '../../helpers/cyclonedx-validator.ts';
import { handMadeDeb } from '../../helpers/hand-made-deb.ts';
import { runCli, temporaryFolder } from '../../helpers/run-cli.ts';
import { samplePlan, sampleRebuild } from '../../helpers/sample-sbom.ts';
import { smallBuildInfo } from '../../helpers/small-buildinfo.ts';

const deb = (...names: readonly string[]) => handMadeDeb(names.map((name) => ({ name, content: Buffer.from(name) })));

/** A folder with two packages that differ in a file, and another name of the first. */
async function packages(): Promise<string> {
  const home = await temporaryFolder();
  await writeFile(join(home, 'one.deb'), deb('./usr/a', './usr/b'));
  await writeFile(join(home, 'two.deb'), deb('./usr/a', './usr/c\x1b[2J'));
  return home;
}

/** A store with a rebuild of the sample plan, whose published file is a package in the blob store. */
async function recorded(home: string): Promise<RebuildRecord> {
  const data = join(home, 'data');
  const blobs = await openBlobs(join(data, 'blobs'));
  const store = await openStore(data);
  try {
    const kept = await blobs.put('small_1.0_amd64.deb', chunksOf(deb('./usr/a'), 512), 1_000_000);
    const request = { only: [], nocheck: false, control: true, allowExpiredRelease: false };
    const id = await store.createRebuild({ ...request, target: sampleRebuild.request });
    const time = { startedAt: '2026-01-02T03:04:05.000Z', wallSeconds: 1 };
    await store.saveStage(id, { stage: 'plan', value: samplePlan, ...time });
    const record: RebuildRecord = {
      ...sampleRebuild,
      id,
      planDigest: planDigest(samplePlan),
      artifacts: [{ kind: 'identical', name: kept.name, published: kept, rebuilt: kept }],
    };
    await store.saveRecord(record);
    return record;
  } finally {
    await store.close();
  }
}

const SETTINGS = ['--data', 'data', '--cache', 'cache'];

describe('reproof sbom', () => {
  it('prints the SBOM of a package, the same bytes in any time zone and locale', async () => {
    const home = await packages();
    const here = await runCli(home, ['sbom', './one.deb', '--suite', 'trixie']);
    expect(here).toMatchObject({ status: 0, stderr: '' });
    expect(await cycloneDxErrors(here.stdout, '1.6')).toBeNull();
    expect(here.stdout).toContain('pkg:deb/debian/small@1.0-1?arch=amd64&distro=trixie');
    const there = await runCli(home, ['sbom', './one.deb', '--suite', 'trixie', '--json'], {
      TZ: 'Asia/Tokyo',
      LANG: 'tr_TR.UTF-8',
    });
    expect(there.stdout).toBe(here.stdout);
  });

  it.each(['cyclonedx-1.7', 'spdx-2.3'])('prints %s', async (format) => {
    const { stdout, status } = await runCli(await packages(), ['sbom', 'one.deb', '--format', format]);
    expect(status).toBe(0);
    expect(stdout).toMatch(format === 'spdx-2.3' ? /"spdxVersion":"SPDX-2\.3"/ : /"specVersion":"1\.7"/);
  });

  it("prints that of a rebuild's environment with what it found, and that of a file of it", async () => {
    const home = await temporaryFolder();
    const { id } = await recorded(home);
    const environment = await runCli(home, ['sbom', id.slice(0, 6), ...SETTINGS]);
    expect(environment).toMatchObject({ status: 0, stderr: '' });
    expect(await cycloneDxErrors(environment.stdout, '1.6')).toBeNull();
    const { declarations } = JSON.parse(environment.stdout);
    expect(declarations.attestations[0].map[0].conformance.score).toBe(1);
    for (const side of [[], ['--rebuilt']]) {
      const artifact = await runCli(home, ['sbom', id, '--artifact', 'small_1.0_amd64.deb', ...side, ...SETTINGS]);
      expect(artifact).toMatchObject({ status: 0, stderr: '' });
      expect(artifact.stdout).toContain('"/usr/a"');
    }
  });

  it.each([
    [['sbom', 'one.deb', '--format', 'spdx-3'], 64, 'spdx-3'],
    [['sbom', 'one.deb', '--artifact', 'x.deb'], 64, '--artifact goes with a rebuild'],
    [['sbom', 'one.deb', '--rebuilt'], 64, '--rebuilt goes with --artifact'],
    [['sbom', 'nothing', ...SETTINGS], 64, 'there is none'],
    [['sbom', 'diff', 'one.deb', 'cut.deb'], 65, 'cut.deb'],
    [['sbom', 'diff', 'one.deb', 'x.buildinfo'], 64, 'one.deb is an artifact, x.buildinfo is an environment'],
    [['sbom', 'diff', 'one.deb', 'bad.json'], 65, 'reading a CycloneDX SBOM as reproof writes it'],
  ])('%j ends with status %d and says why in a line', async (argv, status, why) => {
    const home = await packages();
    await writeFile(join(home, 'cut.deb'), deb('./usr/a').subarray(0, 200));
    await writeFile(join(home, 'x.buildinfo'), smallBuildInfo);
    await writeFile(join(home, 'bad.json'), '{"bomFormat":"CycloneDX"}');
    const result = await runCli(home, argv);
    expect(result).toMatchObject({ status, stdout: '' });
    expect(result.stderr).toContain(why);
    expect(result.stderr.split('\n').length).toBeLessThanOrEqual(3);
  });

  it('says that a file of a rebuild is unknown, or not kept any more', async () => {
    const home = await temporaryFolder();
    const { id } = await recorded(home);
    const unknown = await runCli(home, ['sbom', id, '--artifact', 'other.deb', '--json', ...SETTINGS]);
    expect(unknown.status).toBe(64);
    expect(JSON.parse(unknown.stdout)).toMatchObject({ error: { code: 'RESOURCE_UNKNOWN' } });
    await rm(join(home, 'data', 'blobs'), { recursive: true });
    const gone = await runCli(home, ['sbom', id, '--artifact', 'small_1.0_amd64.deb', ...SETTINGS]);
    expect(gone).toMatchObject({ status: 69 });
    expect(gone.stderr).toContain('reproof replay');
  });
});

describe('reproof sbom diff', () => {
  it('prints a table that no name can break, and the counts', async () => {
    const { stdout, status } = await runCli(await packages(), ['sbom', 'diff', 'one.deb', 'two.deb']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^other bytes +package +small +1\.0-1 amd64 [0-9a-f]{16} +1\.0-1 amd64 [0-9a-f]{16}$/m);
    expect(stdout).toMatch(/^removed +file +\/usr\/b +[0-9a-f]{16}$/m);
    expect(stdout).toMatch(/^added +file +\/usr\/c\\x1b\[2J +[0-9a-f]{16}$/m);
    expect(stdout).toContain('1 added, 1 removed, 0 of another version, 1 of other bytes, 2 the same\n');
    expect(stdout).not.toContain('\x1b');
  });

  it('gives the same of packages as of their SBOMs, as JSON', async () => {
    const home = await packages();
    const direct = JSON.parse((await runCli(home, ['sbom', 'diff', 'one.deb', 'two.deb', '--json'])).stdout);
    expect(direct).toMatchObject({ schema: 'reproof-sbom-diff/1', counts: { added: 1, removed: 1, bytes: 1 } });
    for (const format of ['cyclonedx-1.6', 'spdx-2.3'])
      await writeFile(
        join(home, `${format}.json`),
        (await runCli(home, ['sbom', 'one.deb', '--format', format])).stdout,
      );
    for (const left of ['cyclonedx-1.6.json', 'spdx-2.3.json'])
      expect(JSON.parse((await runCli(home, ['sbom', 'diff', '--json', left, 'two.deb'])).stdout)).toEqual(direct);
  });

  it("compares a rebuild's environment with an SBOM of it: nothing changed", async () => {
    const home = await temporaryFolder();
    const { id } = await recorded(home);
    await writeFile(join(home, 'e.json'), (await runCli(home, ['sbom', id, ...SETTINGS])).stdout);
    const { stdout } = await runCli(home, ['sbom', 'diff', 'e.json', id, ...SETTINGS]);
    expect(stdout).toContain('0 added, 0 removed, 0 of another version, 0 of other bytes, 4 the same\n');
  });
});
