import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Published, sha256Of, type Unavailable } from '../../../../model/index.ts';
import { ecosystems, type LocateContext } from '../../../../rebuilder/ecosystem/index.ts';
import type { TestDeb, TestSource } from '../../../helpers/debian-packages.ts';
import { newFetcher } from '../../fetch/support.ts';
import { makeSmallArchive, NMU_ENTRY, type SmallArchive } from './helpers/small-archive.ts';

const NEW_YEAR = Date.UTC(2024, 0, 1) / 1000;
const { debian } = ecosystems;
let archive: SmallArchive;
beforeAll(async () => {
  archive = await makeSmallArchive();
}, 120_000);
afterAll(() => archive.close());
beforeEach(() => archive.reset());

type More = Partial<LocateContext> & { readonly suite?: string; readonly architecture?: string };

async function look(location: string, { suite, architecture, ...more }: More = {}): Promise<Published | Unavailable> {
  const fetcher = await newFetcher({ tries: 1 });
  return debian.locate(debian.parse(location, { suite, architecture }), await archive.context(fetcher, more));
}

async function find(location: string, more: More = {}): Promise<Published> {
  const result = await look(location, more);
  if ('kind' in result) throw new Error(`unavailable: ${result.missing.join(', ')}`);
  return result;
}

const source = (name: string): TestSource => archive.sources[name] as TestSource;
const deb = (name: string): TestDeb => archive.debs[name] as TestDeb;

/** A folder with these files; gives its path. */
async function lay(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const folder = await mkdtemp(join(archive.folder, 'given-'));
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  return folder;
}

describe('locating a .dsc', () => {
  const files = (): Record<string, Uint8Array> => ({ ...source('tiny').files });

  it('takes the files beside it, and what was published of that version', async () => {
    for (const path of archive.files.keys()) if (path.includes('/tiny_')) archive.files.delete(path);
    const published = await find(join(await lay(files()), 'tiny_1.2-1.dsc'));
    expect(published).toMatchObject({
      target: { source: 'tiny', version: '1.2-1', suite: 'trixie', architecture: 'amd64' },
      basis: 'inferred',
      runs: [{ packages: 'both' }],
      source: { dsc: { name: 'tiny_1.2-1.dsc', provenance: 'given' } },
    });
    expect(published.artifacts.map((artifact) => artifact.name)).toEqual([
      'tiny-all_1.2-1_all.deb',
      'tiny-any_1.2-1_amd64.deb',
    ]);
    expect(published.source.files).toHaveLength(3);
  });

  it('finds what is not beside it in the archive, by the same digest', async () => {
    const { 'tiny_1.2-1.dsc': dsc = '' } = files();
    const published = await find(join(await lay({ 'tiny_1.2-1.dsc': dsc }), 'tiny_1.2-1.dsc'));
    expect(published.source.files).toHaveLength(3);
    expect(published.source.files[0]?.origin).toMatchObject({
      kind: 'archive',
      path: 'pool/main/t/tiny/tiny_1.2-1.debian.tar.xz',
    });
  });

  it('reads it from an address, and its files from beside that', async () => {
    for (const [name, bytes] of Object.entries(source('lost').files)) archive.files.set(`/elsewhere/${name}`, bytes);
    const published = await find(`${archive.server.url}/elsewhere/lost_3-1.dsc?token=x`);
    expect(published).toMatchObject({
      target: { source: 'lost', suite: 'trixie' },
      artifacts: [],
      runs: [{ packages: 'any' }],
    });
    expect(published.source.files[0]?.origin).toEqual({ kind: 'given', name: 'lost_3-1.debian.tar.xz' });
    expect(published.notes).toEqual(['trixie holds no binaries of lost 3-1 for amd64']);
  });

  it('looks for its version in the other suites where stable does not have it', async () => {
    expect((await find(join(await lay(source('secure').files), 'secure_1-1+deb13u1.dsc'))).target.suite).toBe(
      'trixie-security',
    );
    expect((await find(join(await lay(source('rolling').files), 'rolling_9-1.dsc'))).target.suite).toBe('sid');
    const asked = await find(join(await lay(source('rolling').files), 'rolling_9-1.dsc'), { suite: 'trixie' });
    expect(asked).toMatchObject({ target: { suite: 'trixie' }, artifacts: [] });
  });

  it('says which of its files are nowhere', async () => {
    const { 'lost_3.orig.tar.gz': _, ...rest } = source('lost').files;
    expect(await look(join(await lay(rest), 'lost_3-1.dsc'))).toMatchObject({
      kind: 'unavailable',
      what: 'source',
      missing: ['lost_3.orig.tar.gz'],
    });
  });

  it('stops at a file beside it that is not the one it names', async () => {
    const changed = { ...files(), 'tiny_1.2.orig.tar.gz': 'other' };
    await expect(look(join(await lay(changed), 'tiny_1.2-1.dsc'))).rejects.toMatchObject({
      code: 'FETCH_DIGEST_MISMATCH',
    });
  });

  it('checks its signature by the developers’ keyring', async () => {
    const text = source('tiny').files['tiny_1.2-1.dsc'] ?? '';
    const signed = await archive.keys.clearSign(text, 'developer');
    const { verified } = await find(join(await lay({ ...files(), 'tiny_1.2-1.dsc': signed }), 'tiny_1.2-1.dsc'));
    expect(verified).toContainEqual(
      expect.objectContaining({
        kind: 'signature',
        result: 'good',
        signedBy: [await archive.keys.fingerprint('developer')],
      }),
    );
  });

  it.each([
    ['one that is not there', 'none.dsc', {}],
    ['a folder', 'x.dsc/..', {}],
    ['one that is not text', 'tiny.dsc', { 'tiny.dsc': Buffer.from([0xff, 0xfe]) }],
    ['one that is too large', 'tiny.dsc', { 'tiny.dsc': Buffer.alloc(4 * 1024 * 1024 + 1, 'a') }],
    ['one that is none', 'tiny.dsc', { 'tiny.dsc': 'hello' }],
  ])('refuses %s', async (_what, name, laid) => {
    const folder = await lay(laid);
    const request = { kind: 'dsc', ecosystem: 'debian', location: join(folder, name) } as const;
    const context = await archive.context(await newFetcher({ tries: 1 }));
    await expect(debian.locate(request, context)).rejects.toMatchObject({ code: 'DSC_INVALID' });
  });

  it('refuses an address where there is none', async () => {
    await expect(look(`${archive.server.url}/none.dsc`)).rejects.toMatchObject({ code: 'DSC_INVALID' });
  });
});

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
