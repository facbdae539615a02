import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../programs/index.ts';
import { wantsColour } from '../../../rebuilder/cli/output.ts';
import { resultText } from '../../../rebuilder/cli/result-text.ts';
import { tableText } from '../../../rebuilder/cli/table.ts';
import { cutToWidth, displayWidth, escapeTerminal } from '../../../rebuilder/cli/terminal-text.ts';
import { recordRebuild } from '../../helpers/recorded-rebuild.ts';
import { runCli, temporaryFolder } from '../../helpers/run-cli.ts';

describe('text on a terminal', () => {
  it.each([
    ['plain', 10, 'plain'],
    ['plain', 5, 'plain'],
    ['plain', 4, 'pla…'],
    ['plain', 1, '…'],
    ['plain', 0, ''],
    ['漢字', 4, '漢字'],
    ['漢字', 3, '漢…'],
    ['漢字', 2, '…'],
    ['e\u0301e\u0301', 2, 'e\u0301e\u0301'],
  ])('cuts %j to %i columns', (text, columns, cut) => {
    expect(cutToWidth(text, columns)).toBe(cut);
    expect(displayWidth(cut)).toBeLessThanOrEqual(columns);
  });

  it('shows what a terminal would act on', () => {
    expect(escapeTerminal('a\tb\x1b[1m\u202e\n')).toBe('a    b\\x1b[1m\\u{202e}\\n');
  });

  it('lines columns up by what is seen, and escapes cells', () => {
    expect(
      tableText(
        ['A', 'B'],
        [
          ['漢字', 'x'],
          ['\x07', 'y'],
        ],
      ),
    ).toBe('A     B\n漢字  x\n\\x07  y\n');
    expect(tableText(['A'], [])).toBe('');
  });
});

describe('colours', () => {
  it.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
    [false, { FORCE_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [true, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
  ])('on a terminal: %s, with %j: %s', (isTerminal, environment, wanted) => {
    expect(wantsColour(isTerminal, environment)).toBe(wanted);
  });

  it('are in what is printed only when they are forced', async () => {
    const home = await temporaryFolder();
    const { id } = await recordRebuild(join(home, '.local/share/reproof'), 'less', '');
    expect((await runCli(home, ['show', id])).stdout).not.toContain('\x1b');
    expect((await runCli(home, ['show', id], { FORCE_COLOR: '1' })).stdout).toContain('\x1b[');
  });
});

describe('the end of a rebuild', () => {
  it('tells the verdict, why, each file, where the evidence lies and what to run next', async () => {
    const record = await recordRebuild(await temporaryFolder(), 'less', '');
    expect(resultText(record, { colour: false, data: '/d' }).replaceAll(record.id, 'ID')).toBe(
      [
        'unreproducible (nondeterministic): less 1.0-1 trixie amd64',
        'Two rebuilds gave different files.',
        '',
        'ARTIFACT              VERDICT    SIZE  SHA-256',
        'less_1.0-1_amd64.deb  differs    15 B  79917366a2d55364e0380eba79304f6c4aad8dfcfdc30a968dacaa1f9f9a78f3',
        '                        rebuilt  13 B  f63099994db7e8d6dd95ed218699968ce3f35852f7f095676c9737d331765096',
        '',
        'evidence: /d/rebuilds/ID',
        'next: reproof show ID',
        '',
      ].join('\n'),
    );
    expect(resultText(record, { colour: true, data: '/d' })).toContain('\x1b[31munreproducible\x1b[39m');
  });
});

describe('what to run next', () => {
  it.each([
    ['first', 'log ID'],
    ['control', 'log ID --control'],
  ] as const)('is the log of a failed %s build', async (kind, command) => {
    const record = await recordRebuild(await temporaryFolder(), 'less', '');
    const outcome = { kind: 'failed', phase: 'build', exitStatus: 2, notes: [] } as const;
    const attempts = record.attempts.flatMap((attempt) => [attempt, { ...attempt, kind, outcome }]);
    const text = resultText({ ...record, attempts }, { colour: false, data: '/d' });
    expect(text.replaceAll(record.id, 'ID')).toContain(`next: reproof ${command}\n`);
  });
});

describe('a log printed on a real terminal', () => {
  it('is escaped', async () => {
    const home = await temporaryFolder();
    const { id } = await recordRebuild(join(home, '.local/share/reproof'), 'less', 'make\x1b[2Jall\n');
    const main = resolve(import.meta.dirname, '../../../rebuilder/cli/main.ts');
    // script(1) gives its child a terminal.
    const argv = ['script', '-qec', `"${process.execPath}" "${main}" log ${id}`, '/dev/null'] as const;
    const options = { limits: { wallSeconds: 60, outputBytes: 100_000 }, env: { HOME: home }, cwd: home };
    const { stdout } = await runProgram(argv, options);
    expect(stdout.toString()).toContain('make\\x1b[2Jall');
    expect(stdout.toString()).not.toContain('\x1b[2J');
  });
});
