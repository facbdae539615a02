import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rename, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CompareOptions, type Comparison, compare, openInputs, spool } from '../../../compare/index.ts';
import { namedFiles } from '../../../compare/inputs/file-set.ts';
import { type Difference, sha256Of } from '../../../model/index.ts';
import { mirror } from '../../helpers/mirror.ts';
import { temporaryFolder } from '../../helpers/run-cli.ts';

/** A folder with these files, every date the same. */
async function folderOf(parent: string, name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(parent, name);
  await mkdir(folder);
  for (const [file, content] of Object.entries(files)) {
    await writeFile(join(folder, file), content);
    await utimes(join(folder, file), 1_700_000_000, 1_700_000_000);
  }
  return folder;
}

async function comparePaths(left: string, right: string, options: CompareOptions = {}): Promise<Comparison> {
  const inputs = await openInputs(left, right);
  try {
    return await compare(inputs.left, inputs.right, options);
  } finally {
    await inputs.close();
  }
}

const told = (comparison: Comparison): readonly (readonly [string, string | undefined])[] =>
  comparison.difference?.children.map(({ path, detail, kind }) => [path, detail ?? kind] as const) ?? [];

/** A .changes that states these files, with what they are to hold. */
const changesOf = (version: string, files: Readonly<Record<string, string>>): string =>
  `Format: 1.8\nSource: x\nVersion: ${version}\nChecksums-Sha256:\n${Object.entries(files)
    .map(([name, content]) => ` ${sha256Of(content)} ${content.length} ${name}\n`)
    .join('')}`;

describe('comparing folders', () => {
  it('finds equal ones identical, and the same read with the sides swapped', async () => {
    const home = await temporaryFolder();
    const left = await folderOf(home, 'left', { a: 'a', b: 'b' });
    const right = await folderOf(home, 'right', { a: 'a', b: 'b' });
    expect(await comparePaths(left, right)).toMatchObject({ identical: true, truncated: false });
    await writeFile(join(right, 'b'), 'other');
    await writeFile(join(right, 'c'), 'more');
    const [there, back] = [await comparePaths(left, right), await comparePaths(right, left)];
    expect(told(there).map(([path]) => path)).toEqual(['b', 'c']);
    expect(back.difference).toEqual({ ...mirror(there.difference as Difference), path: 'right' });
  });

  it('opens no pipe, follows no link, and names devices', async () => {
    const home = await temporaryFolder();
    const left = await folderOf(home, 'left', {});
    const right = await folderOf(home, 'right', { pipe: '' });
    execFileSync('mkfifo', [join(left, 'pipe')]);
    await symlink('/dev/zero', join(left, 'endless'));
    await symlink('/dev/full', join(right, 'endless'));
    const comparison = await comparePaths(left, right);
    expect(comparison.difference?.children.map(({ path }) => path)).toContain('endless');
    const fields = comparison.difference?.children.flatMap((child) => child.fields ?? []);
    expect(fields).toContainEqual({ name: 'linkname', left: '/dev/zero', right: '/dev/full' });
  });

  it('keeps names apart that are no UTF-8', async () => {
    const home = await temporaryFolder();
    for (const [side, name] of [
      ['left', '\xff'],
      ['right', '\xfe'],
    ] as const) {
      const folder = await folderOf(home, side, { x: 'x' });
      const bytes = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, 'latin1')]);
      await rename(join(folder, 'x'), bytes);
    }
    const comparison = await comparePaths(join(home, 'left'), join(home, 'right'));
    expect(JSON.stringify(comparison.difference)).toMatch(/\\\\xff.*\\\\xfe/);
  });

  it('leaves out what it is told to, and says so', async () => {
    const home = await temporaryFolder();
    const left = await folderOf(home, 'left', { a: 'a', 'b.log': 'b' });
    const right = await folderOf(home, 'right', { a: 'a', 'b.log': 'x' });
    await chmod(join(right, 'a'), 0o700);
    const kept = await comparePaths(left, right, { leaveOut: { members: ['*.log'] } });
    expect(told(kept)).toEqual([['a', 'equal content, other header']]);
    const none = await comparePaths(left, right, { leaveOut: { members: ['*.log'], metadata: true } });
    expect(none).toMatchObject({
      identical: true,
      notes: ['left out as asked: 2 members named *.log', 'left out as asked: mode, owner and times of members'],
    });
  });
});

describe('comparing folders without what they say of their entries', () => {
  it('says of both that it was left out', async () => {
    const home = await temporaryFolder();
    const left = await folderOf(home, 'left', { a: 'a' });
    const right = await folderOf(home, 'right', { a: 'a' });
    await chmod(join(right, 'a'), 0o700);
    const inputs = await openInputs(left, right, { directoryMetadata: false });
    const notes = ['left out as asked: mode, owner and times of what is in the folder'];
    expect(await compare(inputs.left, inputs.right)).toMatchObject({
      identical: true,
      left: { notes },
      right: { notes },
    });
  });
});

describe('comparing archives with something left out', () => {
  it('never finds different bytes identical', async () => {
    const home = await temporaryFolder();
    const paths: string[] = [];
    for (const [side, content] of [
      ['left', 'one'],
      ['right', 'two'],
    ] as const) {
      const folder = await folderOf(home, side, { a: 'a', b: content });
      const tar = `${folder}.tar`;
      execFileSync('tar', ['-C', folder, '--owner=root:0', '--group=root:0', '-cf', tar, 'a', 'b']);
      paths.push(tar);
    }
    const comparison = await comparePaths(paths[0] as string, paths[1] as string, { leaveOut: { members: ['b'] } });
    expect(comparison.identical).toBe(false);
    expect(comparison.difference).toMatchObject({ detail: 'nothing differs in what was not left out', children: [] });
  });
});

describe('comparing .changes with all they name', () => {
  it('pairs files whatever their version, and says what is missing or not as stated', async () => {
    const home = await temporaryFolder();
    const files = (version: string, content: string): Record<string, string> => ({
      [`x_${version}_all.deb`]: content,
      [`x_${version}.tar.xz`]: 'same',
    });
    const left = await folderOf(home, 'left', files('1.0', 'one'));
    const right = await folderOf(home, 'right', files('1.1', 'two'));
    const listed = { ...files('1.0', 'one'), 'gone_1.0_all.deb': 'gone' };
    await writeFile(join(left, 'x.changes'), changesOf('1.0', listed));
    await writeFile(join(right, 'x.changes'), changesOf('1.1', files('1.1', 'other')));
    const comparison = await comparePaths(join(left, 'x.changes'), join(right, 'x.changes'));
    expect(comparison).toMatchObject({ identical: false, left: { kind: 'set', name: 'x.changes' } });
    const paths = told(comparison).map(([path]) => path);
    expect(paths).toEqual(expect.arrayContaining(['x.changes', 'x_1.0_all.deb', 'gone_1.0_all.deb']));
    expect(paths).not.toContain('x_1.0.tar.xz');
    expect(comparison.left.notes).toEqual(['reading gone_1.0_all.deb: named, but not there']);
    expect(comparison.right.notes[0]).toContain('x_1.1_all.deb: not what x.changes states');
  });

  it('leaves out files that it is told to, and says so', async () => {
    const home = await temporaryFolder();
    const paths: string[] = [];
    for (const side of ['left', 'right']) {
      const folder = await folderOf(home, side, { 'a.deb': side, 'b.deb': side });
      await writeFile(join(folder, 'x.dsc'), changesOf('1', { 'a.deb': 'left', 'b.deb': 'left' }));
      paths.push(join(folder, 'x.dsc'));
    }
    const leaveOut = { members: ['a.*'] };
    const comparison = await comparePaths(paths[0] as string, paths[1] as string, { leaveOut });
    expect(told(comparison).map(([path]) => path)).toEqual(['b.deb']);
    expect(comparison.notes).toEqual(['left out as asked: 2 members named a.*']);
  });

  it('never finds a file that cannot be read equal to another', async () => {
    const home = await temporaryFolder();
    const paths = await Promise.all(
      ['left', 'right'].map(async (side) => {
        const folder = await folderOf(home, side, {});
        await writeFile(join(folder, 'x.dsc'), changesOf('1', { 'gone.deb': '' }));
        return join(folder, 'x.dsc');
      }),
    );
    const comparison = await comparePaths(paths[0] as string, paths[1] as string);
    expect(comparison.identical).toBe(false);
    expect(told(comparison)).toEqual([['gone.deb', 'could not be compared']]);
  });

  it('takes files that are named without SHA-256, too, and each once', () => {
    const digest = 'a'.repeat(64);
    const list = [
      `Checksums-Sha256:\n ${digest} 1 a`,
      `Checksums-Sha1:\n ${'b'.repeat(40)} 1 a\n ${'b'.repeat(40)} 1 b`,
      `Files:\n ${'c'.repeat(32)} 1 net optional a\n ${'c'.repeat(32)} 1 b\n ${'c'.repeat(32)} 1 net optional c\n`,
    ];
    expect(namedFiles(list.join('\n'), 'x.changes')).toEqual([
      { name: 'a', sha256: digest, pairAs: 'a' },
      { name: 'b', sha256: undefined, pairAs: 'b' },
      { name: 'c', sha256: undefined, pairAs: 'c' },
    ]);
    for (const name of ['../x', '..', 'a/b'])
      expect(() => namedFiles(`Files:\n ${'c'.repeat(32)} 1 ${name}\n`, 'x.dsc')).toThrow(
        expect.objectContaining({
          code: 'FORMAT_MALFORMED',
          message: expect.stringMatching(
            /^reading files of x\.dsc: a line of Files is no digest, size and name without/,
          ),
        }),
      );
  });

  it.each(['../x', '/etc/passwd', '..', 'a/b'])('refuses the name %s', (name) => {
    expect(() => namedFiles(`Checksums-Sha256:\n ${'a'.repeat(64)} 1 ${name}\n`, 'x.dsc')).toThrow(
      expect.objectContaining({ code: 'FORMAT_MALFORMED' }),
    );
  });
});

describe('spooling', () => {
  async function* pieces(count: number): AsyncGenerator<Uint8Array> {
    for (let index = 0; index < count; index++) yield Buffer.from('piece');
  }

  it('reads a stream once, and again from anywhere', async () => {
    const source = await spool(pieces(3), { name: 'stream' });
    expect(source).toMatchObject({ name: 'stream', size: 15 });
    expect(Buffer.concat(await Array.fromAsync(source.open(12))).toString()).toBe('ece');
    await source.close();
  });

  it('ends at its limit', async () => {
    await expect(spool(pieces(3), { name: 'stream', limitBytes: 14 })).rejects.toMatchObject({ code: 'ARCHIVE_LIMIT' });
  });
});
