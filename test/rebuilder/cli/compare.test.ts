import { mkdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../../compare/index.ts';
import { runProgram } from '../../../programs/index.ts';
import { MAIN, runCli, temporaryFolder } from '../../helpers/run-cli.ts';

/** A folder with these files, every date the same. */
async function folderOf(home: string, name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(home, name);
  await mkdir(folder);
  for (const [file, content] of Object.entries(files)) {
    await writeFile(join(folder, file), content);
    await utimes(join(folder, file), 1_700_000_000, 1_700_000_000);
  }
  return folder;
}

/** Two files that differ in one line, in a folder of their own. */
async function pairOf(home: string): Promise<void> {
  await folderOf(home, 'pair', { left: 'one\ntwo\n', right: 'one\n2\n', same: 'one\ntwo\n' });
}

describe('reproof compare', () => {
  it('ends with 0 for identical files, and prints nothing', async () => {
    const home = await temporaryFolder();
    await pairOf(home);
    expect(await runCli(home, ['compare', 'pair/left', 'pair/same'])).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('ends with 1 and shows the lines of files that differ', async () => {
    const home = await temporaryFolder();
    await pairOf(home);
    const result = await runCli(home, ['compare', 'pair/left', 'pair/right']);
    expect(result).toMatchObject({ status: 1, stderr: '' });
    expect(result.stdout).toContain('-two\n');
    expect(result.stdout).toContain('+2\n');
  });

  it.each(['3000000', '999999999'])(
    'waits %s seconds as long as it takes, and does not end at once',
    async (seconds) => {
      const home = await temporaryFolder();
      await pairOf(home);
      const result = await runCli(home, ['compare', 'pair/left', 'pair/right', '--timeout', seconds]);
      expect(result).toMatchObject({ status: 1, stderr: '' });
      expect(result.stdout).toContain('+2\n');
    },
  );

  it.each([
    [['compare'], "missing required argument 'left'"],
    [['compare', 'pair/left'], "missing required argument 'right'"],
    [['compare', 'pair/left', 'pair/right', '--html', 'x', '--markdown', './x'], 'two reports cannot be one file'],
    [['compare', 'pair/left', '/proc/self/mem'], 'reproof: reading what is compared: EIO'],
    [['compare', 'pair/left', 'pair'], 'pair is a folder and pair/left is not'],
    [['compare', 'pair/left', 'none'], 'reproof: none: there is no such file or folder'],
    [['compare', '-', '-'], 'only one side can be standard input'],
    [['compare', '/dev/zero', 'pair/left'], '/dev/zero is neither a file nor a folder'],
    [['compare', '--jsn', 'pair/left', 'pair/right'], "unknown option '--jsn'"],
    [['compare', '--timeout', '0', 'pair/left', 'pair/right'], "option '--timeout <seconds>' argument '0' is invalid"],
  ])('ends with 2 and one clear line for %j', async (argv, message) => {
    const home = await temporaryFolder();
    await pairOf(home);
    const result = await runCli(home, argv);
    expect(result).toMatchObject({ status: 2, stdout: '' });
    expect(result.stderr.split('\n')[0]).toContain(message);
  });

  it('writes no report over a file that it is made from', async () => {
    const home = await temporaryFolder();
    await pairOf(home);
    await symlink('left', join(home, 'pair/link'));
    const files = ['pair/left', 'pair/right'];
    expect((await runCli(home, ['compare', ...files, '--json', 'pair/result'])).status).toBe(1);
    for (const argv of [
      [...files, '--text', 'pair/link'],
      [...files, '--summary', '--html', 'pair/../pair/right'],
      ['--load-existing-diff', 'pair/result', '--html', 'pair/result'],
    ]) {
      const { status, stdout, stderr } = await runCli(home, ['compare', ...argv]);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr.split('\n')[0]).toBe(
        `reproof: writing ${argv.at(-1)}: the report is made from this file, which it would replace`,
      );
    }
    expect(await readFile(join(home, 'pair/left'), 'utf8')).toBe('one\ntwo\n');
    expect((await runCli(home, ['compare', ...files, '--text', '/dev/null'])).status).toBe(1);
  });

  it('writes no report over a file of a folder that it is made from', async () => {
    const home = await temporaryFolder();
    await folderOf(home, 'left', { a: 'one', b: 'same' });
    await folderOf(home, 'right', { a: 'two', b: 'same' });
    await symlink('left', join(home, 'link'));
    for (const argv of [
      ['left', 'right', '--text', 'left/a'],
      ['link', 'right', '--text', 'left/b'],
      ['left', 'right', '--text', 'link/a'],
    ]) {
      const { status, stdout, stderr } = await runCli(home, ['compare', ...argv]);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr.split('\n')[0]).toBe(
        `reproof: writing ${argv.at(-1)}: the report is made from this file, which it would replace`,
      );
    }
    expect((await runCli(home, ['compare', 'left', 'right', '--text', 'left/new'])).status).toBe(1);
    expect((await runCli(home, ['compare', 'left/a', 'right/a', '--text', 'left/b'])).status).toBe(1);
  });

  it('ends with 2 where folders cannot be listed within the limits, and speaks of no package', async () => {
    const home = await temporaryFolder();
    for (const name of ['left', 'right']) await folderOf(home, name, { a: name, b: name });
    expect(await runCli(home, ['compare', 'left', 'right', '--limit', 'members=1'])).toEqual({
      status: 2,
      stdout: '',
      stderr: 'reproof: comparing: the limit of 1 members was reached\n',
    });
  });

  it('names files whose names hold control characters so that a shell reads the same', async () => {
    const home = await temporaryFolder();
    const names = ['new\nline', "\u202e'b\\n"];
    await folderOf(home, 'pair', { [names[0] as string]: 'one', [names[1] as string]: 'two' });
    const { stdout } = await runCli(join(home, 'pair'), ['compare', '--summary', ...names]);
    expect(stdout).toContain(
      "next      reproof compare --html report.html $'new\\x0aline' $'\\xe2\\x80\\xae\\'b\\\\n'\n",
    );
  });

  it('says of what comes by a pipe how to see more of it', async () => {
    const home = await temporaryFolder();
    await pairOf(home);
    const script = `"${process.execPath}" "${MAIN}" compare --summary - pair/right < pair/left`;
    const { stdout } = await runProgram(['sh', '-c', script], {
      limits: { wallSeconds: 30, outputBytes: 10_000 },
      env: { HOME: home },
      cwd: home,
    });
    expect(stdout.toString()).toContain('next      run the same again with --html report.html\n');
  });

  it('ends with 2 and one line where a report cannot be written', async () => {
    const home = await temporaryFolder();
    await pairOf(home);
    expect(await runCli(home, ['compare', 'pair/left', 'pair/right', '--html', 'none/report.html'])).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/^reproof: writing none\/report\.html: ENOENT.*\n$/),
    });
    const files = ['left', 'right'].map((name) => join(home, 'pair', name));
    const { status, stderr } = await runProgram(
      ['sh', '-c', 'exec "$@" > /dev/full', 'sh', process.execPath, MAIN, 'compare', ...files],
      { limits: { wallSeconds: 30, outputBytes: 1000 }, env: { HOME: home } },
    );
    expect([status, stderr]).toEqual([2, expect.stringMatching(/^reproof: writing standard output: ENOSPC.*\n$/)]);
  });

  it('makes reports of an earlier result, and compares nothing then', async () => {
    const home = await temporaryFolder();
    await pairOf(home);
    expect(await runCli(home, ['compare', 'pair/left', 'pair/right', '--json', 'old.json'])).toMatchObject({
      status: 1,
    });
    const again = await runCli(home, ['compare', '--load-existing-diff', 'old.json']);
    expect(again).toMatchObject({ status: 1, stdout: expect.stringContaining('-two\n') });
    const both = await runCli(home, ['compare', 'pair/left', 'pair/same', '--load-existing-diff', 'old.json']);
    expect(both).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('leave LEFT and RIGHT out') });
  });

  it.each(['missing', 'pair'])('says that no earlier result can be read from %s', async (path) => {
    const home = await temporaryFolder();
    await pairOf(home);
    const { status, stderr } = await runCli(home, ['compare', '--load-existing-diff', path]);
    expect([status, stderr.split('\n')[0]]).toEqual([2, expect.stringMatching(`^reproof: reading ${path}: E`)]);
  });

  it('writes JSON where it is asked to, whatever stands before the paths', async () => {
    const home = await temporaryFolder();
    await pairOf(home);
    const { stdout } = await runCli(home, ['compare', 'pair/left', 'pair/right', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ format: 'reproof-comparison', version: 1, identical: false });
    expect((await runCli(home, ['compare', '--json', 'pair/left', 'pair/right'])).stdout).toBe(stdout);
    expect((await runCli(home, ['compare', 'pair/left', '--json', 'pair/right'])).stdout).toBe(stdout);
    const written = await runCli(home, ['compare', '--json', 'out.json', 'pair/left', 'pair/right']);
    expect(written).toEqual({ status: 1, stdout: '', stderr: '' });
    expect(await readFile(join(home, 'out.json'), 'utf8')).toBe(stdout);
  });

  it('gives the same bytes from another folder, in another time zone and locale', async () => {
    const home = await temporaryFolder();
    await pairOf(home);
    const here = await runCli(home, ['compare', '--json', 'pair/left', 'pair/right']);
    const there = await runCli(join(home, 'pair'), ['compare', '--json', './left', join(home, 'pair/right')], {
      TZ: 'Asia/Kathmandu',
      LANG: 'tr_TR.UTF-8',
      LC_ALL: 'tr_TR.UTF-8',
    });
    expect(there).toEqual(here);
  });

  it('compares folders by entries, metadata and bytes, and follows no link', async () => {
    const home = await temporaryFolder();
    const left = await folderOf(home, 'left', { a: 'a', b: 'b', c: 'c' });
    const right = await folderOf(home, 'right', { a: 'x', b: 'b' });
    await utimes(join(right, 'b'), 1_700_000_000, 1_700_000_000.5);
    await symlink('/', join(left, 'link'));
    await symlink('/etc', join(right, 'link'));
    const { status, stdout } = await runCli(home, ['compare', '--json', 'left', 'right']);
    expect(status).toBe(1);
    const { difference } = JSON.parse(stdout) as Comparison;
    expect(difference?.children.map(({ path, detail }) => [path, detail])).toEqual([
      ['a', undefined],
      ['c', 'only on one side'],
      ['b', 'equal content, other header'],
      ['link', 'equal content, other header'],
    ]);
    expect(difference?.children[2]?.fields).toEqual([
      { name: 'mtime', left: '2023-11-14T22:13:20Z', right: '2023-11-14T22:13:20.500000000Z' },
    ]);
    expect(difference?.children[3]?.fields).toContainEqual({ name: 'linkname', left: '/', right: '/etc' });
  });
});
