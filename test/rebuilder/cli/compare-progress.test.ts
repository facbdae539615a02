import { describe, expect, it } from 'vitest';
import { bufferSource, compare, type ProgressStep } from '../../../compare/index.ts';
import { progressLine } from '../../../rebuilder/cli/compare/progress-line.ts';

/** A line on a clock of its own, whose timer rings as the clock is moved. */
function lineOn(isTerminal: boolean, patience: number) {
  const written: string[] = [];
  let clock = 0;
  let ring = (): void => {};
  const line = progressLine(
    {
      write: (text) => void written.push(text),
      isTerminal,
      colour: false,
      unicode: false,
      verbose: false,
      width: () => 50,
      now: () => clock,
      every: (_milliseconds, call) => {
        ring = call;
        return () => {
          ring = () => {};
        };
      },
    },
    patience,
  );
  const pass = (milliseconds: number): void => {
    for (const end = clock + milliseconds; clock < end; ) {
      clock += 100;
      ring();
    }
  };
  return { line, written, pass };
}

const step = (done: number, at: readonly string[] = []): ProgressStep => ({ done, at, bytes: 3 * 2 ** 20 });

describe('progress of a comparison', () => {
  it('shows nothing on a terminal before two seconds have passed', () => {
    const { line, written, pass } = lineOn(true, 2_000);
    line.report(step(0.1));
    pass(1_900);
    line.close();
    expect(written).toEqual([]);
  });

  it('is one line that names what is looked at, is drawn over, and goes away', () => {
    const { line, written, pass } = lineOn(true, 2_000);
    pass(2_000);
    expect(written.at(-1)).toBe('|    2.0 s  reading\n');
    line.report(step(0.345, ['data.tar', `usr/bin/\x1b[31m${'x'.repeat(60)}`]));
    pass(100);
    expect(written.at(-1)).toBe('\x1b[1A\r\x1b[J/    2.1 s   34 %  3.0 MiB read  usr/bin/\\x1b[31…\n');
    expect(written.at(-1)?.split('\x1b[J')[1]?.trimEnd().length).toBeLessThan(50);
    line.close();
    expect(written.at(-1)).toBe('\x1b[1A\r\x1b[J');
  });

  it('is a line for each tenth where there is no terminal', () => {
    const { line, written } = lineOn(false, 0);
    for (let done = 0; done <= 100; done++) line.report(step(done / 100, ['a']));
    line.close();
    expect(written).toHaveLength(10);
    expect(written[2]).toBe('compare:  30 %  3.0 MiB read  a\n');
  });

  it('counts reading as it goes, and never falls', async () => {
    const steps: ProgressStep[] = [];
    const bytes = Buffer.alloc(100_000, 'a');
    const left = bufferSource('left', bytes);
    const right = bufferSource('right', Buffer.concat([bytes, bytes]));
    await compare(left, right, { onProgress: (one) => void steps.push({ ...one, at: [...one.at] }) });
    const done = steps.map((one) => one.done);
    expect(done.length).toBeGreaterThan(1);
    expect(done).toEqual(done.toSorted((one, other) => one - other));
    expect(Math.min(...done)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...done)).toBeLessThanOrEqual(1);
  });
});
