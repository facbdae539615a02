import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { enoughSignal } from '../../../rebuilder/cli/compare/enough-signal.ts';

describe('what ends the looking of a comparison', () => {
  it('comes when the time is over, whatever memory is taken back until then', async () => {
    const enough = enoughSignal(new AbortController().signal, 1);
    setFlagsFromString('--expose-gc');
    const takeBack = runInNewContext('gc') as () => void;
    // What only a composed signal refers to is gone after some times, not at once.
    for (let times = 0; times < 30; times++) {
      await wait(1);
      takeBack();
    }
    await expect.poll(() => enough.aborted, { timeout: 3_000 }).toBe(true);
  });

  it('comes with the interruption, also one that was before', async () => {
    const interrupting = new AbortController();
    const enough = enoughSignal(interrupting.signal, 1_000);
    await wait(1);
    expect(enough.aborted).toBe(false);
    interrupting.abort();
    expect(enough.aborted).toBe(true);
    expect(enoughSignal(interrupting.signal, 1_000).aborted).toBe(true);
  });

  it('is the interruption alone where no time is given', () => {
    const { signal } = new AbortController();
    expect(enoughSignal(signal, undefined)).toBe(signal);
  });
});
