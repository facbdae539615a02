import { describe, expect, it } from 'vitest';
import { keptCounts } from '../../../rebuilder/store/packages/kept-counts.ts';

/** Counts that a test ends when it likes. */
function lab() {
  let at = 0;
  const counting: PromiseWithResolvers<number>[] = [];
  const counts = keptCounts(() => at);
  const ask = (stamp: string): Promise<number> =>
    counts('all', stamp, () => {
      const one = Promise.withResolvers<number>();
      counting.push(one);
      return one.promise;
    });
  const pass = (seconds: number) => {
    at += seconds * 1000;
  };
  return { ask, pass, counting };
}

describe('a kept count', () => {
  it('is made once for all who ask meanwhile', async () => {
    const { ask, counting } = lab();
    const asked = [ask('1'), ask('1')];
    counting[0]?.resolve(7);
    expect(await Promise.all(asked)).toEqual([7, 7]);
    expect(await ask('1')).toBe(7);
    expect(counting).toHaveLength(1);
  });

  it('is told to nobody any more when what it is stamped with changes', async () => {
    const { ask, counting } = lab();
    const first = ask('1');
    counting[0]?.resolve(7);
    await first;
    const second = ask('2');
    counting[1]?.resolve(8);
    expect(await second).toBe(8);
  });

  it('is told while it is made anew, and the new one from then on', async () => {
    const { ask, pass, counting } = lab();
    const first = ask('1');
    counting[0]?.resolve(7);
    await first;
    pass(31);
    expect([await ask('1'), await ask('1')]).toEqual([7, 7]);
    expect(counting).toHaveLength(2);
    counting[1]?.resolve(8);
    await counting[1]?.promise;
    expect(await ask('1')).toBe(8);
    expect(counting).toHaveLength(2);
  });

  it('is told for a minute at most, however long the new one takes', async () => {
    const { ask, pass, counting } = lab();
    const first = ask('1');
    counting[0]?.resolve(7);
    await first;
    pass(31);
    expect(await ask('1')).toBe(7);
    pass(30);
    const late = ask('1');
    counting[2]?.resolve(9);
    expect(await late).toBe(9);
  });

  it('that failed is made again', async () => {
    const { ask, counting } = lab();
    const first = ask('1');
    counting[0]?.reject(new Error('busy'));
    await expect(first).rejects.toThrow('busy');
    const second = ask('1');
    counting[1]?.resolve(7);
    expect(await second).toBe(7);
  });
});
