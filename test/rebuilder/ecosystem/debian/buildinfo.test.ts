import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../../../programs/index.ts';
import { parseBuildInfo } from '../../../../rebuilder/ecosystem/debian/buildinfo.ts';
import { makeSigner } from './helpers/sign.ts';

const limits = { wallSeconds: 60, outputBytes: 1_000_000 };
const entry = `tiny (1.2+b1) sid; urgency=low, binary-only=yes

  * Binary-only non-maintainer upload for amd64; no source changes.
  * Rebuild against something.

 -- Build Daemon <buildd@example.org>  Tue, 02 Jan 2024 00:00:00 +0000
`;
const older = 'tiny (1.2) sid; urgency=low\n\n  * x\n\n -- T <t@example.org>  Mon, 01 Jan 2024 00:00:00 +0000\n';
let folder: string;
let plain: string;
let binNmu: string;

/** A .buildinfo by dpkg-genbuildinfo itself, of a package that was "built" by hand. */
async function generate(changelog: string, deb: string): Promise<string> {
  await writeFile(join(folder, 'tiny/debian/changelog'), changelog);
  await writeFile(join(folder, 'tiny/debian/files'), `${deb} misc optional\n`);
  await writeFile(join(folder, deb), 'not really a package');
  const env = {
    SOURCE_DATE_EPOCH: '1704067200',
    CFLAGS: '-DQUOTED="a b" -I\\x',
    DEB_BUILD_OPTIONS: 'nocheck parallel=4',
  };
  const args = ['--build=any', '--always-include-path', '-u..', `-O${folder}/out.buildinfo`] as const;
  const { status, stderr } = await runProgram(['dpkg-genbuildinfo', ...args], {
    limits,
    cwd: join(folder, 'tiny'),
    env,
  });
  if (status !== 0) throw new Error(stderr);
  return readFile(join(folder, 'out.buildinfo'), 'utf8');
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reproof-buildinfo-'));
  await mkdir(join(folder, 'tiny/debian'), { recursive: true });
  const control =
    'Source: tiny\nMaintainer: T <t@example.org>\nBuild-Depends: dpkg\n\nPackage: tiny\nArchitecture: any\nDescription: x\n';
  await writeFile(join(folder, 'tiny/debian/control'), control);
  plain = await generate(older, 'tiny_1.2_amd64.deb');
  binNmu = await generate(`${entry}\n${older}`, 'tiny_1.2+b1_amd64.deb');
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('reading a .buildinfo', () => {
  it('gives what dpkg-genbuildinfo wrote', async () => {
    const info = parseBuildInfo(plain, 'out.buildinfo');
    expect(info).toMatchObject({
      source: 'tiny',
      sourceVersion: '1.2',
      version: '1.2',
      architectures: ['amd64'],
      buildArchitecture: 'amd64',
      buildPath: join(folder, 'tiny'),
      text: plain,
    });
    expect(info.environment).toMatchObject({
      CFLAGS: '-DQUOTED="a b" -I\\x',
      DEB_BUILD_OPTIONS: 'nocheck parallel=4',
      SOURCE_DATE_EPOCH: '1704067200',
    });
    expect(info.binaryOnlyChanges).toBeUndefined();
    const { stdout } = await runProgram(['sha256sum', join(folder, 'tiny_1.2_amd64.deb')], { limits });
    expect(info.artifacts).toEqual([{ name: 'tiny_1.2_amd64.deb', size: 20, sha256: stdout.toString().split(' ')[0] }]);
  });

  it('gives each installed package with the version dpkg knows', async () => {
    const { installedBuildDepends } = parseBuildInfo(plain, 'out.buildinfo');
    expect(installedBuildDepends.length).toBeGreaterThan(10);
    const names = installedBuildDepends.map((item) => item.name);
    const { stdout } = await runProgram(['dpkg-query', '-W', '-f', `$\{Package} $\{Version}\\n`, ...names], { limits });
    const known = new Set(stdout.toString().trim().split('\n'));
    expect(installedBuildDepends.filter((item) => !known.has(`${item.name} ${item.version}`))).toEqual([]);
  });

  it('tells a binNMU’s own entry, verbatim, and the source’s version', () => {
    const info = parseBuildInfo(binNmu, 'out.buildinfo');
    expect(info).toMatchObject({ sourceVersion: '1.2', version: '1.2+b1', binaryOnlyChanges: entry });
  });

  it('reads a clearsigned one the same', async () => {
    const signer = await makeSigner();
    const signed = await signer.clearsign(plain);
    await signer.close();
    expect({ ...parseBuildInfo(signed, 'a.buildinfo'), text: '' }).toEqual({
      ...parseBuildInfo(plain, 'a.buildinfo'),
      text: '',
    });
  });

  it('keeps the architecture a name is qualified with', () => {
    const text = plain.replace(/^( [a-z0-9.+-]+)( \(= [^)]+\),)$/m, '$1:i386$2');
    expect(parseBuildInfo(text, 'a.buildinfo').installedBuildDepends[0]).toMatchObject({ architecture: 'i386' });
  });

  const path = (value: string) => (s: string) => s.replace(/^Build-Path:.*$/m, `Build-Path: ${value}`);
  const variable = (line: string) => (s: string) => s.replace(/^Environment:.*$/m, `Environment:\n ${line}`);
  const depends = (item: string) => (s: string) =>
    s.replace(/^Installed-Build-Depends:.*$/m, `Installed-Build-Depends:\n ${item},`);
  it.each([
    ['Build-Path', 'a relative path', path('build/x')],
    ['Build-Path', 'a path that climbs', path('/build/../etc')],
    ['Build-Path', 'a path for a shell', path('/build/$(id)')],
    ['Build-Path', 'a path with a blank', path('/build/a b')],
    ['Build-Path', 'a path with a quote', path("/build/a'b")],
    ['Build-Path', 'the root', path('/')],
    ['Environment', 'a variable without quotes', variable('A=b')],
    ['Environment', 'an open quote', variable('A="b')],
    ['Environment', 'a quote inside', variable('A="b"c"')],
    ['Environment', 'a bad name', variable('A-B="c"')],
    ['Environment', 'a variable twice', variable('A="b"\n A="c"')],
    ['Environment', 'a control character', variable('A="\u001b[2J"')],
    ['Installed-Build-Depends', 'a version that is only bounded', depends('zzz (>= 1)')],
    ['Installed-Build-Depends', 'no version', depends('zzz')],
    ['Installed-Build-Depends', 'a name like an option', depends('-o (= 1)')],
    ['Installed-Build-Depends', 'a bad version', depends('zzz (= ../1)')],
    ['Installed-Build-Depends', 'a package twice', depends('zzz (= 1),\n zzz (= 2)')],
    ['Format', 'a format of another kind', (s: string) => s.replace('Format: 1.0', 'Format: 2.0')],
    ['Version', 'no version', (s: string) => s.replace(/^Version:.*\n/m, '')],
    ['Source', 'a bad source', (s: string) => s.replace(/^Source:.*$/m, 'Source: a/b')],
    ['Architecture', 'a bad architecture', (s: string) => s.replace(/^Architecture:.*$/m, 'Architecture: amd64 ../x')],
    ['Checksums-Sha256', 'a file with a folder', (s: string) => s.replaceAll('tiny_1.2_amd64.deb', '../x.deb')],
    ['Checksums-Sha256', 'no checksums', (s: string) => s.replace(/^Checksums-Sha256:.*\n .*\n/m, '')],
  ])('refuses in %s: %s', (field, _what, change) => {
    const changed = change(plain);
    expect(changed).not.toBe(plain);
    const thrown = expect.objectContaining({ code: 'BUILDINFO_INVALID', context: expect.objectContaining({ field }) });
    expect(() => parseBuildInfo(changed, 'a.buildinfo')).toThrow(thrown);
  });

  it('throws nothing but its own error wherever the text is cut', () => {
    const enough = plain.indexOf(' (= ');
    expect(enough).toBeGreaterThan(500);
    for (let cut = 0; cut < plain.length; cut += cut < enough ? 1 : 7) {
      const reading = (): unknown => parseBuildInfo(plain.slice(0, cut), 'a.buildinfo');
      if (cut < enough) {
        expect(reading).toThrow(expect.objectContaining({ code: 'BUILDINFO_INVALID' }));
        continue;
      }
      try {
        reading();
      } catch (error) {
        expect(error).toMatchObject({ code: 'BUILDINFO_INVALID' });
      }
    }
  });
});
