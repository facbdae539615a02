import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Published, sha256Of, type TargetRequest, type Unavailable } from '../../../../model/index.ts';
import type { TestDeb, TestSource } from '../../../helpers/debian-packages.ts';
import { findIn, lookIn, type More } from './helpers/look.ts';
import { makeSmallArchive, NMU_ENTRY, type SmallArchive } from './helpers/small-archive.ts';

const NEW_YEAR = Date.UTC(2024, 0, 1) / 1000;
let archive: SmallArchive;
beforeAll(async () => {
  archive = await makeSmallArchive();
}, 120_000);
afterAll(() => archive.close());
beforeEach(() => archive.reset());

const look = (target: string | TargetRequest, more?: More): Promise<Published | Unavailable> =>
  lookIn(archive, target, more);
const find = (target: string | TargetRequest, more?: More): Promise<Published> => findIn(archive, target, more);
const source = (name: string): TestSource => archive.sources[name] as TestSource;
const deb = (name: string): TestDeb => archive.debs[name] as TestDeb;

/** A folder with these files; gives its path. */
async function lay(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const folder = await mkdtemp(join(archive.folder, 'given-'));
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  return folder;
}

describe('locating a .buildinfo', () => {
  type Info = {
    source?: string;
    version?: string;
    architecture?: string;
    debs?: readonly TestDeb[];
    depends?: readonly string[];
    more?: string;
  };

  /** The text of a .buildinfo, as dpkg-genbuildinfo lays it out. */
  function buildInfo({
    source: name = 'tiny',
    version = '1.2-1',
    architecture = 'all amd64',
    ...info
  }: Info = {}): string {
    const debs = info.debs ?? [deb('tinyDoc'), deb('tiny')];
    const sums = debs.map((file) => ` ${sha256Of(file.bytes)} ${file.bytes.length} ${file.name}\n`).join('');
    const depends = (info.depends ?? ['compiler (= 1:5-1)', 'library (= 2-1)']).map((item) => ` ${item}`).join(',\n');
    return `Format: 1.0\nSource: ${name}\nBinary: x\nArchitecture: ${architecture}\nVersion: ${version}\nChecksums-Sha256:\n${sums}Build-Origin: Debian\nBuild-Architecture: amd64\nBuild-Path: /build/reproducible-path/tiny-1\nInstalled-Build-Depends:\n${depends}\n${info.more ?? ''}`;
  }
  const given = async (info: Info = {}): Promise<string> =>
    join(await lay({ 'x.buildinfo': buildInfo(info) }), 'x.buildinfo');

  it('gives its source, its files as published, and every package it was built with', async () => {
    const published = await find(await given());
    expect(published).toMatchObject({
      target: { source: 'tiny', version: '1.2-1', architecture: 'amd64', suite: 'trixie' },
      basis: 'recorded',
      runs: [{ packages: 'both' }],
      sourceDateEpoch: NEW_YEAR,
      source: { dsc: { provenance: 'archive' } },
      recorded: { buildInfo: { buildPath: '/build/reproducible-path/tiny-1' } },
      notes: [],
    });
    expect(published.artifacts.map((artifact) => artifact.origin.kind)).toEqual(['archive', 'archive']);
    const root = archive.server.url;
    expect(published.recorded?.packages).toMatchObject([
      {
        package: 'compiler',
        version: '1:5-1',
        architecture: 'amd64',
        sha256: sha256Of(deb('compiler').bytes),
        urls: [`${root}/debian/pool/main/c/compiler/compiler_5-1_amd64.deb`],
      },
      {
        package: 'library',
        version: '2-1',
        architecture: 'all',
        origin: { archive: 'debian-security', suite: 'trixie-security' },
      },
    ]);
    expect(published.indices.map((indices) => indices.suite)).toEqual(['trixie', 'trixie-security']);
  });

  it('asks the snapshot service for packages that no suite has any more', async () => {
    archive.keepBinary(deb('kept'));
    const published = await find(await given({ depends: ['kept (= 1-7)', 'compiler (= 1:5-1)'] }));
    expect(published.recorded?.packages).toMatchObject([
      { package: 'compiler' },
      {
        package: 'kept',
        name: 'kept_1-7_amd64.deb',
        sha256: sha256Of(deb('kept').bytes),
        size: deb('kept').bytes.length,
        origin: { kind: 'snapshot', name: 'kept_1-7_amd64.deb' },
      },
    ]);
    expect(published.notes).toEqual([expect.stringContaining('by SHA-1')]);
  });

  it('names each package that is nowhere to be had', async () => {
    const depends = ['compiler (= 1:4-1)', 'libc6:i386 (= 2.99-1)', 'library (= 2-1)', 'kept (= 1-7)'];
    expect(await look(await given({ depends }))).toMatchObject({
      kind: 'unavailable',
      what: 'environment',
      missing: ['compiler=1:4-1', 'kept=1-7', 'libc6:i386=2.99-1'],
    });
  });

  it('takes only the architecture that a name is qualified with', async () => {
    const published = await find(await given({ depends: ['compiler:amd64 (= 1:5-1)'] }));
    expect(published.recorded?.packages).toHaveLength(1);
    expect(await look(await given({ depends: ['compiler:arm64 (= 1:5-1)'] }))).toMatchObject({
      missing: ['compiler:arm64=1:5-1'],
    });
  });

  it('asks a snapshot service that is down only once', async () => {
    archive.broken.add('/snapshot');
    const depends = Array.from({ length: 30 }, (_, index) => `zzz${index} (= 1)`);
    const before = archive.server.requests.length;
    const result = await look(await given({ depends }));
    expect(result).toMatchObject({ kind: 'unavailable', what: 'environment' });
    expect('missing' in result && result.missing).toHaveLength(30);
    const asked = archive.server.requests.slice(before).filter(({ path }) => path.startsWith('/snapshot'));
    expect(asked.length).toBeLessThanOrEqual(4);
  });

  it.each([
    ['answers something else than JSON', 'hello'],
    [
      'names a file with a folder',
      JSON.stringify({
        result: [{ architecture: 'amd64', hash: 'a'.repeat(40) }],
        fileinfo: { ['a'.repeat(40)]: [{ name: '../x.deb', size: 1, archive_name: 'debian' }] },
      }),
    ],
    [
      'gives a digest that is none',
      JSON.stringify({ result: [{ architecture: 'amd64', hash: '../../etc/passwd' }], fileinfo: {} }),
    ],
    [
      'gives another package’s file',
      JSON.stringify({
        result: [{ architecture: 'amd64', hash: 'a'.repeat(40) }],
        fileinfo: { ['a'.repeat(40)]: [{ name: 'other_1-7_amd64.deb', size: 1, archive_name: 'debian' }] },
      }),
    ],
  ])('takes nothing from a snapshot service that %s', async (_what, answer) => {
    archive.files.set('/snapshot/mr/binary/kept/1-7/binfiles', Buffer.from(answer));
    expect(await look(await given({ depends: ['kept (= 1-7)'] }))).toMatchObject({
      kind: 'unavailable',
      missing: ['kept=1-7'],
    });
  });

  it('stops at bytes of a snapshot that are not the ones it named', async () => {
    archive.keepBinary(deb('kept'));
    for (const [path, bytes] of archive.files)
      if (path.startsWith('/snapshot/file/')) archive.files.set(path, Buffer.alloc(bytes.length));
    await expect(look(await given({ depends: ['kept (= 1-7)'] }))).rejects.toMatchObject({
      code: 'FETCH_DIGEST_MISMATCH',
    });
  });

  it('is judged by its own files where no suite publishes them, debug symbols left out', async () => {
    const debug = { ...deb('lost'), name: 'lost-any-dbgsym_3-1_amd64.deb' };
    archive.keepSource(source('lost'));
    const published = await find(
      await given({ source: 'lost', version: '3-1', architecture: 'amd64', debs: [deb('lost'), debug] }),
    );
    expect(published.artifacts).toEqual([
      {
        name: 'lost-any_3-1_amd64.deb',
        package: 'lost-any',
        version: '3-1',
        architecture: 'amd64',
        size: deb('lost').bytes.length,
        sha256: sha256Of(deb('lost').bytes),
        origin: { kind: 'given', name: 'lost-any_3-1_amd64.deb' },
      },
    ]);
    expect(published.runs).toEqual([{ packages: 'any' }]);
    expect(published.source.files[0]?.origin).toMatchObject({ kind: 'snapshot', name: 'lost_3-1.debian.tar.xz' });
    expect(published.target.suite).toBe('trixie');
  });

  it('says when its source is nowhere to be had', async () => {
    const info = { source: 'lost', version: '3-1', debs: [deb('lost')] };
    expect(await look(await given(info))).toMatchObject({ kind: 'unavailable', what: 'source', missing: ['lost=3-1'] });
    archive.broken.add('/snapshot');
    expect(await look(await given(info))).toMatchObject({
      missing: ['lost=3-1'],
      notes: [expect.stringContaining('could not be asked')],
    });
  });

  it('compares only with the files this build made', async () => {
    const published = await find(await given({ architecture: 'amd64', debs: [deb('tiny')] }));
    expect(published.artifacts.map((artifact) => artifact.name)).toEqual(['tiny-any_1.2-1_amd64.deb']);
    expect(published.runs).toEqual([{ packages: 'any' }]);
    expect((await find(await given({ architecture: 'all', debs: [deb('tinyDoc')] }))).runs).toEqual([
      { packages: 'all' },
    ]);
  });

  it('says when what is published is not what it made', async () => {
    const published = await find(await given({ debs: [{ ...deb('tiny'), bytes: Buffer.from('other') }] }));
    expect(published.notes).toEqual([expect.stringContaining('is not the file the .buildinfo names')]);
    expect(published.artifacts[0]?.sha256).toBe(sha256Of(deb('tiny').bytes));
  });

  it('takes a binNMU’s entry and time from it', async () => {
    const changes = NMU_ENTRY.trimEnd()
      .split('\n')
      .map((line) => ` ${line === '' ? '.' : line}\n`)
      .join('');
    const info = {
      source: 'rebuilt (1:2-1)',
      version: '1:2-1+b2',
      architecture: 'amd64',
      debs: [deb('rebuilt')],
      more: `Binary-Only-Changes:\n${changes}`,
    };
    const published = await find(await given(info));
    expect(published).toMatchObject({ target: { version: '1:2-1' }, sourceDateEpoch: NEW_YEAR + 5 * 86_400 });
    expect(published.runs).toEqual([{ packages: 'any', binaryOnlyChanges: NMU_ENTRY.trimEnd().concat('\n') }]);
    expect(published.artifacts.map((artifact) => artifact.name)).toEqual(['rebuilt-any_2-1+b2_amd64.deb']);
  });

  it('takes the recorded SOURCE_DATE_EPOCH before any changelog', async () => {
    expect((await find(await given({ more: 'Environment:\n SOURCE_DATE_EPOCH="1234567890"\n' }))).sourceDateEpoch).toBe(
      1_234_567_890,
    );
  });

  it('looks in the suite that was asked for first', async () => {
    const info = {
      source: 'rolling',
      version: '9-1',
      architecture: 'amd64',
      debs: [deb('rolling')],
      depends: ['rolling-any (= 9-1)'],
    };
    expect((await find(await given(info))).target.suite).toBe('sid');
    expect((await find(await given(info), { suite: 'unstable' })).target.suite).toBe('sid');
  });

  it('passes over a suite of the family that cannot be reached, and says so', async () => {
    archive.broken.add('/debian-security');
    const published = await find(await given({ depends: ['compiler (= 1:5-1)'] }));
    expect(published.indices.map((indices) => indices.suite)).toEqual(['trixie']);
    expect(published.notes).toEqual(['suite trixie-security was passed over: FETCH_FAILED']);
  });

  it.each([
    ['no binaries', { architecture: 'source' }, 'BUILDINFO_INVALID'],
    [
      'another source than the archive’s',
      { debs: [{ ...({} as TestDeb), name: 'tiny_1.2-1.dsc', bytes: Buffer.from('x') }] },
      'BUILDINFO_INVALID',
    ],
  ])('refuses one that made %s', async (_what, info, code) => {
    await expect(look(await given(info as Info))).rejects.toMatchObject({ code });
  });

  it('refuses another machine than it was made on', async () => {
    await expect(look(await given(), { architecture: 'arm64' })).rejects.toMatchObject({ code: 'TARGET_UNKNOWN' });
  });
});
