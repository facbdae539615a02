import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../programs/index.ts';
import { packageOfTwoVersions, smallIndependentPackage } from '../helpers/archive-versions.ts';
import { labOptions, orderFor, quiet, withRebuilder } from '../helpers/engine-lab.ts';
import { startServer } from '../helpers/faulty-server.ts';
import {
  installedPackages,
  layArtifacts,
  lockedPackage,
  logOf,
  type Publication,
  pin,
  publish,
  rebuildRecorded,
  recordedPackages,
  writeBuildInfo,
} from '../helpers/recorded-lab.ts';
import { type CliResult, runCli } from '../helpers/run-cli.ts';
import { SnapshotService, sha1Of } from '../helpers/snapshot-service.ts';

/** A C program, linked; and what the build saw, said in its log. */
const BINARY = `echo 'int main(void) { return 42; }' > hello.c
gcc -O2 -s -o debian/tmp/usr/share/recorded-elf/hello hello.c
echo "folder=$PWD epoch=$SOURCE_DATE_EPOCH options=$DEB_BUILD_OPTIONS lang=$LANG cflags=\${CFLAGS-none}"
echo "path=$PATH preload=\${LD_PRELOAD-none}"`;

let folder = '';
let published: Publication;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reproof-recorded-'));
  published = await publish({ name: 'recorded-elf', folder, binary: BINARY });
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function field(name: string, value: string): string {
  return published.buildInfo.replace(
    new RegExp(`^${name}:.*\\n(?: .*\\n)*`, 'm'),
    value === '' ? '' : `${name}:${value}\n`,
  );
}

describe('a rebuild in the environment that a .buildinfo recorded', () => {
  it('has exactly the packages it names, its folder and its time, and gives the same bytes', async () => {
    const record = await rebuildRecorded(join(published.folder, published.name));
    expect(record).toMatchObject({ basis: 'recorded', verdict: { kind: 'reproducible' } });
    expect(record.artifacts).toMatchObject([{ kind: 'identical', name: 'recorded-elf_1.0_amd64.deb' }]);
    const packages = recordedPackages(published.buildInfo);
    expect(packages.length).toBeGreaterThan(80);
    expect(await installedPackages(record)).toEqual(packages);
    expect(await logOf(record)).toContain('folder=/build/reproducible-path/recorded-elf-1.0 epoch=1704067200 ');
  });

  it('is unreproducible when the published file is another one by one digit of its digest', async () => {
    const [line = '', first = ''] =
      /^ ([0-9a-f])[0-9a-f]{63} \d+ recorded-elf_1\.0_amd64\.deb$/m.exec(published.buildInfo) ?? [];
    const other = ` ${first === '0' ? '1' : '0'}${line.slice(2)}`;
    const record = await rebuildRecorded(await writeBuildInfo(published, published.buildInfo.replace(line, other)));
    expect(record.verdict).toMatchObject({ kind: 'unreproducible', reason: 'different' });
    expect(record.notes).toContainEqual(
      expect.stringMatching(/^recorded-elf_1\.0_amd64\.deb beside .* is not the file it names$/),
    );
  });

  it.each([
    '/build/recorded-elf-1.0',
    '/build/recorded-elf-vnYUHd/recorded-elf-1.0',
    '/home/user/.cache/recorded-elf',
    '/tmp/recorded-elf',
    '/usr/src/recorded-elf',
    '/var/tmp/deeper/down/recorded-elf',
  ])('builds in %s when that was its folder', async (path) => {
    const location = await writeBuildInfo(published, field('Build-Path', ` ${path}`));
    const record = await rebuildRecorded(location);
    expect(record.verdict.kind).toBe('reproducible');
    expect(await logOf(record)).toContain(`folder=${path} `);
  });

  it('is served by address', async () => {
    const server = await startServer({ folder: published.folder });
    try {
      const record = await rebuildRecorded(`${server.url}/${published.name}`);
      expect(record).toMatchObject({ basis: 'recorded', verdict: { kind: 'reproducible' } });
    } finally {
      await server.close();
    }
  });

  it('gives the build the recorded variables that dpkg records, and no other', async () => {
    const lines = [
      'CFLAGS="-O3"',
      'DEB_BUILD_OPTIONS="nocheck parallel=99 $(id)"',
      'LANG="C"',
      'LD_PRELOAD="/evil.so"',
      'PATH="/evil"',
      'SOURCE_DATE_EPOCH="1234567890"',
    ];
    const text = field('Environment', `\n${lines.map((line) => ` ${line}`).join('\n')}`);
    const record = await rebuildRecorded(await writeBuildInfo(published, text), { order: { control: false } });
    const log = await logOf(record);
    expect(log).toMatch(/epoch=1234567890 options=parallel=\d+ nocheck lang=C cflags=-O3$/m);
    expect(log).toMatch(/path=\/usr\/local\/sbin:\S+ preload=none$/m);
    for (const part of ['variable PATH is not', 'variable LD_PRELOAD is not', 'option or profile "$(id)" is malformed'])
      expect(record.notes).toContainEqual(expect.stringContaining(part));
  });

  it('builds packages for every architecture alone when those were built alone', async () => {
    const binary = 'date -u -d "@$SOURCE_DATE_EPOCH" > debian/tmp/usr/share/recorded-all/date';
    const all = await publish({ name: 'recorded-all', folder, binary, architecture: 'all' });
    expect(all.buildInfo).toMatch(/^Architecture: all$/m);
    const record = await rebuildRecorded(join(all.folder, all.name));
    expect(record).toMatchObject({ basis: 'recorded', verdict: { kind: 'reproducible' } });
    expect(await logOf(record)).toContain('debian/rules binary-indep');
  });

  it('takes each package in its version: of the release, of a suite that completes it, of the snapshot service', async () => {
    const installed = recordedPackages(published.buildInfo).map((item) => item.split('=')[0] ?? '');
    const { release, other } = await packageOfTwoVersions(installed);
    const kept = await smallIndependentPackage(installed);
    const repacked = await repack(folder, kept.bytes, `${kept.version}+kept1`);
    const service = await SnapshotService.start();
    try {
      service.keepBinaries({ name: kept.name, version: `${kept.version}+kept1`, architecture: 'all', bytes: repacked });
      const options = { snapshot: service.url };
      const older = pin(published.buildInfo, release.name, release.version);
      const newer = pin(pin(published.buildInfo, other.name, other.version), kept.name, `${kept.version}+kept1`);
      for (const [text, { name, version, suite }] of [
        [older, release],
        [newer, other],
      ] as const) {
        const location =
          text === published.buildInfo ? join(published.folder, published.name) : await writeBuildInfo(published, text);
        const record = await rebuildRecorded(location, { options });
        expect(record).toMatchObject({ basis: 'recorded', verdict: { kind: 'reproducible' } });
        expect(await installedPackages(record)).toEqual(recordedPackages(text));
        expect(await lockedPackage(record, name)).toMatchObject({ version, origin: { kind: 'archive', suite } });
        if (text !== newer) continue;
        const file = `${kept.name}_${kept.version.replace(/^\d+:/, '')}+kept1_all.deb`;
        const origin = { kind: 'snapshot', sha1: sha1Of(repacked), name: file };
        expect(await lockedPackage(record, kept.name)).toMatchObject({ version: `${kept.version}+kept1`, origin });
        const note = `came from the snapshot service, named by SHA-1 alone: ${kept.name}=${kept.version}+kept1`;
        expect(record.notes).toContain(`1 of the recorded packages ${note}`);
      }
    } finally {
      await service.close();
    }
  });

  it('rebuilds a binNMU of the archive from what its rebuild recorded, with the entry only its .buildinfo has', async () => {
    const target = { kind: 'name', ecosystem: 'debian', name: 'guile-zstd', suite: 'trixie' } as const;
    const first = await withRebuilder(labOptions(), (rebuilder) => rebuilder.rebuild(orderFor(target), quiet));
    expect(first.verdict.kind).toBe('reproducible');
    const { name, buildInfo } = await layArtifacts(first, folder);
    expect(buildInfo).toMatch(/^Binary-Only-Changes:\n guile-zstd \(\S+\+b\d+\) /m);
    const record = await rebuildRecorded(join(folder, name));
    expect(record).toMatchObject({ basis: 'recorded', verdict: { kind: 'reproducible' } });
    expect(record.artifacts).toEqual(first.artifacts);
    expect(await installedPackages(record)).toEqual(recordedPackages(buildInfo));
  });
});

describe('the command line, given a .buildinfo that cannot be rebuilt', () => {
  const run = async (location: string, ...more: readonly string[]): Promise<CliResult> => {
    const service = await SnapshotService.start();
    const { dataFolder, cacheFolder } = labOptions();
    try {
      const where = ['--data', dataFolder, '--cache', cacheFolder, '--snapshot', service.url];
      return await runCli(folder, ['rebuild', location, '--quiet', ...where, ...more]);
    } finally {
      await service.close();
    }
  };

  it('names each package that nobody has, and ends with 2', async () => {
    const text = pin(pin(published.buildInfo, 'tar', '99.9-1'), 'base-files', '1:0~none');
    const { status, stdout, stderr } = await run(await writeBuildInfo(published, text));
    expect(`${stdout}${stderr}`).toContain('inconclusive (environment unavailable)');
    expect(stdout).toContain('base-files=1:0~none');
    expect(stdout).toContain('tar=99.9-1');
    expect(stdout).not.toContain('dpkg=');
    expect(status).toBe(2);
  });

  it.each([
    ['/', 65, /Build-Path of changed-\d+\.buildinfo: it is not an absolute path/],
    ['/recorded-elf', 65, /\/recorded-elf cannot be built in: the files built would lie in the root folder/],
    ['/etc/x', 65, /\/etc\/x cannot be built in: \/etc is a folder of the system/],
    ['/build/../etc/x', 65, /it is not an absolute path/],
  ])('refuses the folder %s in one line', async (path, expected, why) => {
    const { status, stderr } = await run(await writeBuildInfo(published, field('Build-Path', ` ${path}`)));
    expect(stderr.trimEnd().split('\n')[0]).toMatch(why);
    expect(status).toBe(expected);
  });

  it('says so when it is given a suite that is none, or another machine', async () => {
    const location = join(published.folder, published.name);
    const suite = await run(location, '--suite', 'nonesuch');
    expect(suite.stderr).toContain('looking for suite nonesuch: the mirror has none of that name');
    expect(suite.status).toBe(64);
    const machine = await run(location, '--arch', 'arm64');
    expect(machine.stderr).toContain('it was built on amd64, not on arm64');
    expect(machine.status).toBe(64);
  });
});

/** The same package under another version, which no index has. */
async function repack(parent: string, bytes: Uint8Array, version: string): Promise<Buffer> {
  const home = await mkdtemp(join(parent, 'repack-'));
  const dpkgDeb = async (...argv: readonly string[]): Promise<void> => {
    const limits = { wallSeconds: 60, outputBytes: 1_000_000 };
    const { status, stderr } = await runProgram(['dpkg-deb', ...argv], { limits, cwd: home });
    if (status !== 0) throw new Error(stderr);
  };
  await writeFile(join(home, 'old.deb'), bytes);
  await dpkgDeb('-R', 'old.deb', 'tree');
  const control = join(home, 'tree/DEBIAN/control');
  await writeFile(control, (await readFile(control, 'utf8')).replace(/^Version: .*$/m, `Version: ${version}`));
  await dpkgDeb('--root-owner-group', '-b', 'tree', 'new.deb');
  return readFile(join(home, 'new.deb'));
}
