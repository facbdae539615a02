import { describe, expect, it } from 'vitest';
import { terminalReporter } from '../../../rebuilder/cli/progress.ts';
import type { ProgressDisplay } from '../../../rebuilder/cli/progress-display.ts';

type Screen = { readonly display: ProgressDisplay; readonly written: string[]; readonly pass: (ms: number) => void };

/** A display on a clock of its own, whose timer rings as the clock is moved. */
function screen(options: Partial<Parameters<typeof terminalReporter>[0]> = {}): Screen {
  const written: string[] = [];
  let clock = 0;
  let ring = (): void => {};
  const display = terminalReporter({
    write: (text) => void written.push(text),
    isTerminal: true,
    colour: false,
    unicode: false,
    verbose: false,
    width: () => 60,
    now: () => clock,
    every: (_milliseconds, call) => {
      ring = call;
      return () => {
        ring = () => {};
      };
    },
    ...options,
  });
  const pass = (ms: number): void => {
    for (const end = clock + ms; clock < end; ) {
      clock += 100;
      ring();
    }
  };
  return { display, written, pass };
}

/** What a terminal shows in the end: every write applied, with cursor-up and erase-below as ECMA-48 says. */
function shown(written: readonly string[]): readonly string[] {
  const lines: string[] = [''];
  for (const [, up, erase, newline, text] of written.join('').matchAll(/\x1b\[(\d+)A\r|(\x1b\[J)|(\n)|([^\x1b\n]+)/g)) {
    if (up !== undefined) lines.splice(lines.length - 1 - Number(up), Number(up) + 1, '');
    else if (erase !== undefined) continue;
    else if (newline !== undefined) lines.push('');
    else lines[lines.length - 1] = `${lines.at(-1)}${text}`;
  }
  return lines.slice(0, -1);
}

describe('progress on a terminal', () => {
  it('shows finished stages, the one that runs, and the last five lines of its log', () => {
    const { display, written, pass } = screen();
    display.report({ kind: 'stage', stage: 'source', state: 'started' });
    pass(200);
    display.report({ kind: 'stage', stage: 'source', state: 'done', wallSeconds: 3.2, detail: 'less 668-1' });
    display.report({ kind: 'stage', stage: 'lock', state: 'resumed' });
    display.report({ kind: 'note', text: 'the .dsc was put together' });
    display.report({ kind: 'stage', stage: 'build', state: 'started' });
    for (let line = 1; line <= 7; line += 1) display.report({ kind: 'log', line: `line ${line}` });
    pass(1500);
    expect(shown(written)).toEqual([
      '+ source         3.2 s  less 668-1',
      '+ lock          before',
      'note: the .dsc was put together',
      '\\ build          1.5 s',
      '  line 3',
      '  line 4',
      '  line 5',
      '  line 6',
      '  line 7',
    ]);
  });

  it('shows how much of what is fetched is there', () => {
    const { display, written, pass } = screen({ width: () => 100 });
    display.report({ kind: 'stage', stage: 'environment', state: 'started' });
    display.report({ kind: 'fetch', files: 120, filesDone: 30, bytes: 4 * 1024 ** 2, bytesDone: 1024 ** 2 });
    pass(100);
    expect(shown(written)).toEqual(['/ environment    0.1 s  #####............... 30/120 files, 1.0 MiB of 4.0 MiB']);
  });

  it('draws at most ten times a second, however fast lines come', () => {
    const { display, written, pass } = screen();
    display.report({ kind: 'stage', stage: 'build', state: 'started' });
    for (let tick = 0; tick < 10; tick += 1) {
      for (let line = 0; line < 1000; line += 1) display.report({ kind: 'log', line: 'x' });
      pass(100);
    }
    expect(written.length).toBeLessThanOrEqual(11);
    expect(written.length).toBeGreaterThan(5);
  });

  it('never lets a line reach the right edge, nor a package act on the terminal', () => {
    const { display, written, pass } = screen({ width: () => 20 });
    display.report({ kind: 'stage', stage: 'build', state: 'started', detail: 'a long detail that has no room' });
    display.report({ kind: 'log', line: `\x1b[2J\x07\u202e${'y'.repeat(100)}` });
    display.report({ kind: 'log', line: '漢字'.repeat(20) });
    pass(100);
    expect(shown(written)).toEqual(['/ build          0…', '  \\x1b[2J\\x07\\u{20…', '  漢字漢字漢字漢字…']);
    expect(written.join('')).not.toMatch(/\x07|\u202e|\x1b\[2J/);
  });

  it('leaves only the finished lines when it is closed, and is silent afterwards', () => {
    const { display, written, pass } = screen();
    display.report({ kind: 'stage', stage: 'plan', state: 'done', wallSeconds: 0.2 });
    display.report({ kind: 'stage', stage: 'build', state: 'started' });
    display.report({ kind: 'log', line: 'compiling' });
    pass(300);
    display.close();
    expect(shown(written)).toEqual(['+ plan           0.2 s']);
    const before = written.length;
    pass(1000);
    expect(written.length).toBe(before);
  });

  it('prints each line of the log for good when asked to', () => {
    const { display, written } = screen({ verbose: true });
    for (let line = 1; line <= 7; line += 1) display.report({ kind: 'log', line: `line ${line}` });
    display.close();
    expect(shown(written)).toEqual([1, 2, 3, 4, 5, 6, 7].map((line) => `line ${line}`));
  });

  it('uses colours and marks beyond ASCII where they are shown', () => {
    const { display, written } = screen({ colour: true, unicode: true });
    display.report({ kind: 'stage', stage: 'plan', state: 'done', wallSeconds: 0.2 });
    display.close();
    expect(written.join('')).toBe('\x1b[32m✓\x1b[39m plan           0.2 s\n');
  });
});

describe('progress anywhere else', () => {
  const events = (display: ProgressDisplay): void => {
    display.report({ kind: 'stage', stage: 'build', state: 'started' });
    display.report({ kind: 'fetch', files: 1, filesDone: 0, bytes: 1, bytesDone: 0 });
    display.report({ kind: 'log', line: 'gcc\x1b[0m' });
    display.report({ kind: 'note', text: 'two\nlines' });
    display.report({ kind: 'stage', stage: 'build', state: 'done', wallSeconds: 75, detail: 'built' });
    display.report({ kind: 'stage', stage: 'compare', state: 'resumed' });
    display.close();
  };

  it('is plain lines', () => {
    const { display, written } = screen({ isTerminal: false });
    events(display);
    expect(written.join('')).toBe(
      'build: started\nnote: two\\nlines\nbuild: done in 1 m 15 s: built\ncompare: done before\n',
    );
  });

  it('has the log, escaped, only when asked to', () => {
    const { display, written } = screen({ isTerminal: false, verbose: true });
    events(display);
    expect(written.join('')).toContain('gcc\\x1b[0m\n');
  });
});
