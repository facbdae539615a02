import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { growthPercent } from '../../rebuilder/collect-seldom.ts';

const MEBI = 1024 ** 2;

test('memory may grow by the same room whatever is in use', () => {
  expect(growthPercent(200 * MEBI, 192 * MEBI)).toBe(100);
  expect(growthPercent(400 * MEBI, 384 * MEBI)).toBe(50);
});

test('little may not become many times as much, and much may grow by a share of it', () => {
  expect(growthPercent(30 * MEBI, 20 * MEBI)).toBe(150);
  expect(growthPercent(4_000 * MEBI, 3_000 * MEBI)).toBe(15);
});

test('what grew past the room since all was gone through is taken to be in use', () => {
  expect(growthPercent(576 * MEBI, 100 * MEBI)).toBe(50);
});

/** How often a process goes through its whole heap that makes buffers and objects, and holds some of them for a while. */
function collections(prepare: string): number {
  const program = `
    import { constants, PerformanceObserver } from 'node:perf_hooks';
    import { setTimeout as sleep } from 'node:timers/promises';
    import { collectSeldom } from './rebuilder/collect-seldom.ts';
    let count = 0;
    new PerformanceObserver((list) => {
      for (const { detail } of list.getEntries()) if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) count++;
    }).observe({ entryTypes: ['gc'] });
    ${prepare}
    const always = Array.from({ length: 600_000 }, (_, index) => ({ index, text: String(index) }));
    await sleep(100);
    count = 0;
    const held = [];
    for (let at = 0; at < 20_000; at++) {
      held.push([Buffer.alloc(64 * 1024), Array.from({ length: 100 }, (_, index) => ({ index }))]);
      if (held.length > 400) held.shift();
      if (at % 20 === 0) await sleep(0);
    }
    await sleep(100);
    console.log(JSON.stringify({ count, always: always.length }));`;
  const argv = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', program];
  return (JSON.parse(execFileSync(process.execPath, argv, { encoding: 'utf8' })) as { readonly count: number }).count;
}

test('a process that collects seldom goes through its heap less often', () => {
  expect(collections('')).toBeGreaterThan(2 * collections('collectSeldom();'));
});
