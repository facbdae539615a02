import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Comparison } from '../../../compare/index.ts';
import { MAIN, runCli, startCli, temporaryFolder, textOf } from '../../helpers/run-cli.ts';

type Held = {
  readonly home: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly held: Promise<FileHandle>;
};

/**
 * Two tars of a text and of what xz packed, and an xz on PATH that waits for a pipe nobody writes to: what compares them
 * has looked at the text and is held in unpacking once the pipe can be opened.
 */
async function heldPair(): Promise<Held> {
  const home = await temporaryFolder();
  for (const side of ['left', 'right']) {
    const folder = join(home, `${side}.d`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'a.txt'), `${side}\n`);
    writeFileSync(join(folder, 'b.xz'), execFileSync('xz', ['-c'], { input: `${side} packed\n` }));
    execFileSync('tar', ['-c', '--mtime=@1700000000', '-f', join(home, side), '-C', folder, 'a.txt', 'b.xz']);
  }
  const programs = join(home, 'programs');
  const pipe = join(home, 'pipe');
  mkdirSync(programs);
  execFileSync('mkfifo', [pipe]);
  writeFileSync(join(programs, 'xz'), `#!/bin/sh\nexec cat '${pipe}'\n`);
  chmodSync(join(programs, 'xz'), 0o755);
  mkdirSync(join(home, 'temporary'));
  const environment = { PATH: `${programs}:${process.env.PATH ?? ''}`, TMPDIR: join(home, 'temporary') };
  const held = open(pipe, 'w');
  onTestFinished(async () => (await held).close());
  return { home, environment, held };
}

async function endOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null) await once(child, 'close');
  return child.exitCode;
}

/** Processes that wait for the pipe in that folder. */
function waiting(home: string): string {
  return execFileSync('ps', ['-e', '-o', 'args='])
    .toString()
    .split('\n')
    .filter((line) => line.includes(home))
    .join('\n');
}

const REPORTS = [
  '--json',
  'out.json',
  '--html',
  'out.html',
  '--text',
  'out.txt',
  '--markdown',
  'out.md',
  '--diffoscope-json',
  'out.diffoscope',
];

/** The reports that were written are whole, and say what they lack. */
function expectWhole(home: string): Comparison {
  const read = (name: string): string => readFileSync(join(home, name), 'utf8');
  const comparison = JSON.parse(read('out.json')) as Comparison;
  expect(comparison).toMatchObject({ identical: false, truncated: true });
  expect(JSON.parse(read('out.diffoscope'))).toMatchObject({ 'diffoscope-json-version': 1 });
  expect(read('out.html')).toMatch(/<\/html>\n$/);
  for (const name of ['out.txt', 'out.md']) expect(read(name)).toContain('not explained to the end');
  return comparison;
}

describe('a comparison that is ended', () => {
  it('by one SIGINT reports what was found, leaves no program behind, and ends with 1', async () => {
    const { home, environment, held } = await heldPair();
    const child = startCli(home, ['compare', 'left', 'right', ...REPORTS], environment);
    const stderr = textOf(child.stderr);
    await held;
    child.kill('SIGINT');
    expect(await endOf(child)).toBe(1);
    expect(await stderr).toBe('\nreproof: stopping (SIGINT); once more to stop at once\n');
    const { difference } = expectWhole(home);
    const [text, packed] = difference?.children ?? [];
    expect(text).toMatchObject({ path: 'a.txt', diff: '@@ -1,1 +1,1 @@\n-left\n+right\n', truncated: false });
    expect(packed?.children[0]).toMatchObject({
      truncated: true,
      notes: ['ARCHIVE_LIMIT: comparing: ended early as asked'],
    });
    expect(waiting(home)).toBe('');
    expect(readdirSync(join(home, 'temporary'))).toEqual([]);
  });

  it('by --timeout does the same', async () => {
    const { home, environment } = await heldPair();
    const { status, stderr } = await runCli(
      home,
      ['compare', 'left', 'right', '--timeout', '1', ...REPORTS],
      environment,
    );
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expectWhole(home);
    expect(waiting(home)).toBe('');
  });

  it('by a second SIGINT ends with 130 at once', async () => {
    const home = await temporaryFolder();
    const lines = Array.from({ length: 50_000 }, (_, index) => `line ${index}\n`);
    writeFileSync(join(home, 'left'), lines.join(''));
    writeFileSync(join(home, 'right'), lines.map((line, index) => (index % 2 === 0 ? line : `other ${line}`)).join(''));
    // Its report waits for a reader that takes no more than the first of it.
    const child = startCli(home, ['compare', 'left', 'right', '--json', '-']);
    await once(child.stdout, 'readable');
    child.kill('SIGINT');
    await once(child.stderr, 'data');
    child.kill('SIGINT');
    await once(child, 'exit');
    expect(child.exitCode).toBe(130);
  });

  it.each([
    ['a pipe nobody opens', 'pipe', false],
    ['a pipe nobody writes to', 'pipe', true],
  ])('while it reads %s is trouble, without a verdict', async (_what, name, opened) => {
    const home = await temporaryFolder();
    execFileSync('mkfifo', [join(home, name)]);
    mkdirSync(join(home, 'temporary'));
    writeFileSync(join(home, 'file'), 'x');
    const child = startCli(home, ['compare', name, 'file', '--json', 'out.json'], { TMPDIR: join(home, 'temporary') });
    const stderr = textOf(child.stderr);
    // Opening for reading and writing waits for nobody.
    const writer = opened ? await open(join(home, name), 'r+') : undefined;
    while (readdirSync(join(home, 'temporary')).length === 0) await new Promise(setImmediate);
    child.kill('SIGINT');
    expect(await endOf(child)).toBe(2);
    await writer?.close();
    expect(await stderr).toContain('reproof: reading pipe: interrupted\n');
    expect(readdirSync(home).sort()).toEqual(['file', name, 'temporary']);
    expect(readdirSync(join(home, 'temporary'))).toEqual([]);
  });

  it('while it reads standard input is trouble, too', async () => {
    const home = await temporaryFolder();
    mkdirSync(join(home, 'temporary'));
    writeFileSync(join(home, 'file'), 'x');
    const environment = { PATH: process.env.PATH, TMPDIR: join(home, 'temporary') };
    const child = spawn(process.execPath, [MAIN, 'compare', '-', 'file'], { cwd: home, env: environment });
    onTestFinished(() => void child.stdin.destroy());
    const stderr = textOf(child.stderr);
    while (readdirSync(join(home, 'temporary')).length === 0) await new Promise(setImmediate);
    child.kill('SIGINT');
    expect(await endOf(child)).toBe(2);
    expect(await stderr).toContain('reproof: reading standard input: interrupted\n');
  });
});
