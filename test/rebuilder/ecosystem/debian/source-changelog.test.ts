import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../../../programs/index.ts';
import { newestEntry } from '../../../../rebuilder/ecosystem/debian/changelog.ts';
import {
  binaryChangelog,
  CHANGELOG_LIMITS,
  sourceChangelog,
} from '../../../../rebuilder/ecosystem/debian/source-changelog.ts';
import { findMember } from '../../../../rebuilder/ecosystem/debian/tar-member.ts';

const limits = { wallSeconds: 30, outputBytes: 1_000_000 };
const signal = new AbortController().signal;
const changelog = (version: string): string =>
  `tiny (${version}) sid; urgency=low\n\n  * Änderung.\n\n -- T <t@example.org>  Mon, 01 Jan 2024 00:00:00 +0000\n`;
let folder: string;

async function run(argv: readonly [string, ...string[]], cwd: string): Promise<void> {
  const { status, stderr } = await runProgram(argv, { limits, cwd });
  if (status !== 0) throw new Error(stderr);
}

/** A source package by dpkg-source, in a folder of its own, of a format and version. */
async function build(format: string, version: string, args: readonly string[] = []): Promise<string> {
  const home = await mkdtemp(join(folder, 'src-'));
  const tree = join(home, 'tiny-1');
  await mkdir(join(tree, 'src'), { recursive: true });
  await writeFile(join(tree, 'src/a.c'), 'int a;\n');
  if (version.includes('-')) {
    await mkdir(join(tree, 'vendor/debian'), { recursive: true });
    await writeFile(join(tree, 'vendor/debian/changelog'), changelog('0-wrong'));
    await run(['tar', 'czf', 'tiny_1.orig.tar.gz', 'tiny-1'], home);
  }
  await mkdir(join(tree, 'debian/source'), { recursive: true });
  await writeFile(
    join(tree, 'debian/control'),
    'Source: tiny\nMaintainer: T <t@example.org>\n\nPackage: tiny\nArchitecture: all\nDescription: x\n',
  );
  await writeFile(join(tree, 'debian/source/format'), `${format}\n`);
  await writeFile(join(tree, 'debian/changelog'), changelog(version));
  await run(['dpkg-source', ...args, '-b', 'tiny-1'], home);
  return home;
}

async function filesOf(home: string): Promise<{ name: string; path: string }[]> {
  return (await readdir(home))
    .filter((name) => name.startsWith('tiny_'))
    .map((name) => ({ name, path: join(home, name) }));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reproof-changelog-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('reading debian/changelog out of a source package', () => {
  it.each([
    ['3.0 (quilt)', '1-1', ['-Zxz']],
    ['3.0 (quilt)', '1-1', ['-Zgzip']],
    ['3.0 (quilt)', '1-1', ['-Zbzip2']],
    ['3.0 (native)', '1', ['-Zxz']],
    ['3.0 (native)', '1', ['-Zlzma']],
    ['1.0', '1', []],
    ['1.0', '1-1', []],
  ])('finds it in format %s, version %s, with %j', async (format, version, args) => {
    const home = await build(format, version, args);
    const text = await sourceChangelog({ name: 'tiny', format, files: await filesOf(home) }, CHANGELOG_LIMITS, signal);
    expect(text).toBe(changelog(version));
  });

  it('takes the newest entry where a .diff.gz puts one before the tarball’s own', async () => {
    const home = await mkdtemp(join(folder, 'diff-'));
    const path = join(home, 'tiny_1-2.diff.gz');
    const old = changelog('1-1').trimEnd().split('\n').slice(0, 3);
    const added = `${changelog('1-2')}\n`.trimEnd().split('\n');
    const hunk = [`@@ -1,3 +1,${added.length + 4} @@`, ...added.map((l) => `+${l}`), '+', ...old.map((l) => ` ${l}`)];
    await writeFile(
      path,
      gzipSync(
        [
          '--- tiny-1.orig/x',
          '+++ tiny-1/x',
          '@@ -1 +1 @@',
          '-a',
          '+b',
          '--- tiny-1.orig/debian/changelog',
          '+++ tiny-1/debian/changelog',
          ...hunk,
          '',
        ].join('\n'),
      ),
    );
    const text = await sourceChangelog(
      { name: 'tiny', format: '1.0', files: [{ name: 'tiny_1-2.diff.gz', path }] },
      CHANGELOG_LIMITS,
      signal,
    );
    expect(newestEntry(text, 'tiny').version).toBe('1-2');
  });

  it('reads the tarball where the .diff.gz leaves the changelog alone', async () => {
    const home = await build('1.0', '1');
    const diff = join(home, 'tiny_1-1.diff.gz');
    await writeFile(diff, gzipSync('--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n'));
    const files = [
      { name: 'tiny_1-1.diff.gz', path: diff },
      { name: 'tiny_1.orig.tar.gz', path: join(home, 'tiny_1.tar.gz') },
    ];
    expect(await sourceChangelog({ name: 'tiny', format: '1.0', files }, CHANGELOG_LIMITS, signal)).toBe(
      changelog('1'),
    );
  });

  it('throws when there is none', async () => {
    const reading = sourceChangelog({ name: 'tiny', format: '3.0 (quilt)', files: [] }, CHANGELOG_LIMITS, signal);
    await expect(reading).rejects.toMatchObject({ code: 'DSC_INVALID' });
  });

  it.each(['.xz', '.gz', '.bz2'])('throws on a cut %s tarball instead of taking what is there', async (ending) => {
    const home = await build('3.0 (native)', '1', [`-Z${{ '.xz': 'xz', '.gz': 'gzip', '.bz2': 'bzip2' }[ending]}`]);
    const path = join(home, `tiny_1.tar${ending}`);
    const whole = await readFile(path);
    await writeFile(path, whole.subarray(0, 90));
    const files = [{ name: `tiny_1.tar${ending}`, path }];
    const reading = sourceChangelog({ name: 'tiny', format: '3.0 (native)', files }, CHANGELOG_LIMITS, signal);
    await expect(reading).rejects.toMatchObject({ code: 'ARCHIVE_MALFORMED' });
  });

  it('stops at the limit of bytes to go through, and not one before', async () => {
    const home = await build('3.0 (native)', '1', ['-Zgzip']);
    await run(['gunzip', 'tiny_1.tar.gz'], home);
    const bytes = await readFile(join(home, 'tiny_1.tar'));
    const chunks = async function* (size: number): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    };
    const look = (size: number, archiveBytes: number, name = 'tiny-1/src/none') =>
      findMember(chunks(size), (member) => member === name, {
        name: 'x',
        limits: { ...CHANGELOG_LIMITS, archiveBytes },
      });
    for (const size of [1, 7, bytes.length]) {
      expect((await look(size, bytes.length, 'tiny-1/src/a.c'))?.head.toString()).toBe('int a;\n');
    }
    expect(await look(512, bytes.length)).toBeUndefined();
    await expect(look(512, bytes.length - 1)).rejects.toMatchObject({ code: 'ARCHIVE_LIMIT' });
  });

  it('keeps no more of the member than it is told', async () => {
    const home = await build('3.0 (native)', '1');
    const text = await sourceChangelog(
      { name: 'tiny', format: '3.0 (native)', files: await filesOf(home) },
      { ...CHANGELOG_LIMITS, memberBytes: 11 },
      signal,
    );
    expect(text).toBe(changelog('1').slice(0, 11));
  });
});

describe('reading a binary package’s changelog', () => {
  async function deb(members: Readonly<Record<string, string | Buffer>>): Promise<string> {
    const home = await mkdtemp(join(folder, 'deb-'));
    const all = {
      'DEBIAN/control': 'Package: tiny\nVersion: 1+b1\nArchitecture: amd64\nMaintainer: T <t@e>\nDescription: x\n',
      ...members,
    };
    for (const [path, content] of Object.entries(all)) {
      await mkdir(join(home, 't', path, '..'), { recursive: true });
      await writeFile(join(home, 't', path), content);
    }
    await run(['dpkg-deb', '--root-owner-group', '-b', 't', 'tiny.deb'], home);
    return join(home, 'tiny.deb');
  }
  const read = (path: string) =>
    binaryChangelog({ name: 'tiny.deb', path, package: 'tiny', architecture: 'amd64' }, CHANGELOG_LIMITS, signal);
  const member = 'usr/share/doc/tiny/changelog.Debian.amd64.gz';

  it('gives the text of the architecture’s own file', async () => {
    expect(
      await read(await deb({ [member]: gzipSync('entry\n'), 'usr/share/doc/tiny/changelog.Debian.gz': 'x' })),
    ).toBe('entry\n');
  });

  it('gives nothing when there is none', async () => {
    expect(await read(await deb({ 'usr/share/doc/tiny/changelog.Debian.gz': 'x' }))).toBeUndefined();
  });

  it('throws for a file that is no .deb, and for a member that is no gzip or too large a one', async () => {
    const text = join(folder, 'not-a.deb');
    await writeFile(text, 'hello');
    await expect(read(text)).rejects.toMatchObject({ code: 'ARCHIVE_MALFORMED' });
    await expect(read(await deb({ [member]: 'no gzip' }))).rejects.toMatchObject({ code: 'ARCHIVE_MALFORMED' });
    const bomb = gzipSync(Buffer.alloc(CHANGELOG_LIMITS.memberBytes + 1));
    await expect(read(await deb({ [member]: bomb }))).rejects.toMatchObject({ code: 'ARCHIVE_MALFORMED' });
  });
});
