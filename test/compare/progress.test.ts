import { describe, expect, it } from 'vitest';
import type { ByteSource } from '../../compare/byte-source.ts';
import { Progress, type ProgressStep } from '../../compare/progress.ts';

describe('watching a source', () => {
  it('tells of what is read and passes on where and how it is read', async () => {
    const steps: ProgressStep[] = [];
    const opened: unknown[] = [];
    const source: ByteSource = {
      name: 'x',
      size: 3,
      async *open(...given) {
        opened.push(given);
        yield Buffer.from('abc');
      },
    };
    const watched = new Progress((step) => steps.push({ ...step })).watched(source);
    for await (const piece of watched.open(1, 'lent', 4)) expect(Buffer.from(piece).toString()).toBe('abc');
    expect(opened).toEqual([[1, 'lent', 4]]);
    expect(steps.map(({ bytes }) => bytes)).toEqual([3]);
  });
});
