import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CompareLimits, type Comparison, DEFAULT_COMPARE_LIMITS } from '../../../compare/index.ts';
import { runProgram } from '../../../programs/index.ts';
import { LIMIT_TEXTS, limitsOf, parseLimit } from '../../../rebuilder/cli/compare/limits.ts';
import { formatSize } from '../../../rebuilder/cli/units.ts';
import { MAIN, runCli, temporaryFolder, textOf } from '../../helpers/run-cli.ts';

/** Two folders whose three files differ in a line. */
async function pairOf(home: string): Promise<void> {
  for (const side of ['left', 'right']) {
    await mkdir(join(home, side));
    for (const name of ['a', 'b', 'c'])
      writeFileSync(join(home, side, name), `${'same\n'.repeat(9)}${side}\n${'same\n'.repeat(9)}`);
  }
}

describe('--limit', () => {
  it('reaches every limit there is, and help says what each usually is', () => {
    expect(Object.keys(LIMIT_TEXTS).sort()).toEqual(Object.keys(DEFAULT_COMPARE_LIMITS).sort());
    for (const [name, value] of Object.entries(DEFAULT_COMPARE_LIMITS)) {
      const usual = name.endsWith('ytes') ? formatSize(value).replace('.0 ', ' ') : String(value);
      expect([name, LIMIT_TEXTS[name as keyof CompareLimits][1]]).toEqual([name, usual]);
    }
  });

  it.each([
    ['textBytes=4M', { textBytes: 4 * 2 ** 20 }],
    ['bytes=1.5K', { bytes: 1536 }],
    ['nodes=7', { nodes: 7 }],
    ['nodes=0', { nodes: 2 ** 50 }],
    ['depth=0', { depth: 0 }],
    ['contextLines=0', { contextLines: 0 }],
    ['diffoscopeRuns=0', { diffoscopeRuns: 0 }],
  ])('reads %s', (text, limits) => {
    expect(parseLimit(text, { members: 1 })).toEqual({ members: 1, ...limits });
  });

  it.each(['nodes', 'nodes=', 'nodes=-1', 'nodes=1K', 'none=1', '=1', 'textBytes=many', 'depth=101', 'toString=1'])(
    'refuses %s',
    (text) => {
      expect(() => parseLimit(text)).toThrow(/It has to be/);
    },
  );

  it('counts before the options with names of their own', () => {
    expect(limitsOf({ maxReportSize: 0, maxContainerDepth: 3, diffContext: 1, limit: { depth: 5 } })).toEqual({
      reportBytes: 2 ** 50,
      depth: 5,
      contextLines: 1,
    });
  });

  it('is part of the result, and may be given often', async () => {
    const home = await temporaryFolder();
    await pairOf(home);
    const argv = [
      'compare',
      '--json',
      'left',
      'right',
      '--limit',
      'nodes=2',
      '--limit',
      'diffBytes=64K',
      '--diff-context',
      '0',
    ];
    const { status, stdout } = await runCli(home, argv);
    const { limits, truncated, counts } = JSON.parse(stdout) as Comparison;
    expect({ status, truncated }).toEqual({ status: 1, truncated: true });
    expect(counts.nodes).toBe(2);
    expect(limits).toEqual({ ...DEFAULT_COMPARE_LIMITS, nodes: 2, diffBytes: 65_536, contextLines: 0 });
  });
});

describe('options that diffoscope has, too', () => {
  it('--diff-context is the number of equal lines shown', async () => {
    const home = await temporaryFolder();
    await pairOf(home);
    const { stdout } = await runCli(home, ['compare', 'left/a', 'right/a', '--diff-context', '7', '--text', '-']);
    expect(stdout.split('\n').filter((line) => line.trim() === 'same')).toHaveLength(14);
  });

  it('--output-empty is taken: a report is written for identical inputs with it and without', async () => {
    const home = await temporaryFolder();
    await pairOf(home);
    for (const more of [[], ['--output-empty']]) {
      const argv = ['compare', 'left/a', 'left/b', '--json', 'out.json', '--text', 'out.txt', ...more];
      expect(await runCli(home, argv)).toMatchObject({ status: 0, stdout: '', stderr: '' });
      expect(JSON.parse(readFileSync(join(home, 'out.json'), 'utf8'))).toMatchObject({ identical: true });
      expect(readFileSync(join(home, 'out.txt'), 'utf8')).toBe('');
    }
  });

  it('@FILE is the lines of the file, and ./@FILE the file', async () => {
    const home = await temporaryFolder();
    await pairOf(home);
    writeFileSync(join(home, 'arguments'), 'left/a\nright/a\n--summary\n');
    writeFileSync(join(home, '@a'), 'a');
    const told = await runCli(home, ['compare', '@arguments']);
    expect(told).toEqual(await runCli(home, ['compare', 'left/a', 'right/a', '--summary']));
    expect(told.status).toBe(1);
    expect((await runCli(home, ['compare', './@a', './@a'])).status).toBe(0);
    const { status, stderr } = await runCli(home, ['compare', '@none', 'left/a']);
    expect(status).toBe(2);
    expect(stderr).toContain('reading arguments from none');
  });

  it('--list-tools tells each program, and --list-missing-tools those that are not on PATH', async () => {
    const home = await temporaryFolder();
    const all = await runCli(home, ['compare', '--list-tools']);
    expect(all).toMatchObject({ status: 0, stderr: '' });
    expect(all.stdout).toMatch(/^xz +xz \(XZ Utils\) \d/m);
    expect(all.stdout).toMatch(/^diffoscope +diffoscope \d/m);
    const none = await runCli(home, ['compare', '--list-missing-tools'], { PATH: home });
    expect(none.stdout).toMatch(/^xz +missing: in Debian's package xz-utils\n +xz and lzma files$/m);
    expect(none.stdout).toMatch(/^to get what is missing: apt-get install .*\bbinutils\b/m);
  });
});

describe('--status-fd', () => {
  /** Runs with descriptor 3 as a pipe and gives what came through it. */
  async function statusOf(
    home: string,
    argv: readonly string[],
  ): Promise<{ readonly status: number | null; readonly text: string }> {
    const child = spawn(process.execPath, [MAIN, 'compare', ...argv], {
      cwd: home,
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    });
    const pipe = child.stdio[3] as NodeJS.ReadableStream;
    const [text] = await Promise.all([textOf(pipe as AsyncIterable<Uint8Array>), once(child, 'close')]);
    return { status: child.exitCode, text };
  }

  it('writes lines as diffoscope does: they name what is looked at, never fall, and end whole', async () => {
    const home = await temporaryFolder();
    await pairOf(home);
    const { status, text } = await statusOf(home, ['--status-fd', '3', 'left', 'right']);
    expect(status).toBe(1);
    const lines = text.trimEnd().split('\n');
    for (const line of lines) expect(line).toMatch(/^\{"msg": ".*", "total": \d+, "current": \d+\}$/);
    const steps = lines.map((line) => JSON.parse(line) as { msg: string; total: number; current: number });
    expect(new Set(steps.map(({ msg }) => msg))).toEqual(new Set(['a', 'b', 'c', '']));
    expect(steps.map(({ current }) => current)).toEqual(steps.map(({ current }) => current).toSorted((x, y) => x - y));
    expect(steps.at(-1)).toEqual({ msg: '', total: 1000, current: 1000 });
  });

  it('is trouble where the descriptor is not open', async () => {
    const home = await temporaryFolder();
    await pairOf(home);
    const { status, stderr } = await runCli(home, ['compare', '--status-fd', '77', 'left', 'right']);
    expect({ status, first: stderr.split('\n')[0] }).toEqual({
      status: 2,
      first: 'reproof: --status-fd: descriptor 77 is not open',
    });
  });

  it('is trouble, and no crash, where the descriptor is one that the runtime has for itself', async () => {
    const home = await temporaryFolder();
    await pairOf(home);
    for (const descriptor of ['3', '6', '8', '9']) {
      const { status, stderr } = await runCli(home, ['compare', '--status-fd', descriptor, 'left', 'right']);
      const first = `reproof: --status-fd: descriptor ${descriptor} is not open`;
      expect({ status, first: stderr.split('\n')[0] }).toEqual({ status: 2, first });
    }
  });

  it('writes to a pipe that standard output goes to as well', async () => {
    const home = await temporaryFolder();
    await pairOf(home);
    const script = `"${process.execPath}" "${MAIN}" compare --summary --status-fd 3 left right 3>&1 | cat`;
    const { stdout } = await runProgram(['sh', '-c', script], {
      limits: { wallSeconds: 30, outputBytes: 10_000 },
      env: { HOME: home },
      cwd: home,
    });
    expect(stdout.toString()).toContain('"current": 1000}\n');
  });
});
