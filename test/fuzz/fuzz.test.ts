import { describe, expect, it } from 'vitest';
import { chance, mutate } from './mutate.ts';
import { comparators, readSeeds, recognizing, tryInput } from './targets.ts';

const SEEDS = readSeeds(`${import.meta.dirname}/../fixtures/fuzz`);
/** A short run: test/fuzz/fuzz.ts is the long one. */
const INPUTS_PER_SEED = 10;

describe('every reader, given what no sound program wrote', () => {
  it('has a seed for each', () => {
    const reached = new Set(SEEDS.flatMap(({ bytes, calledAs }) => recognizing(bytes, calledAs)));
    expect(comparators.filter((one) => !reached.has(one)).map(({ id }) => id)).toEqual([]);
    expect(comparators.length).toBeGreaterThan(50);
  });

  it.each(SEEDS)(
    'ends in a tree, or in an error of ours: $name and what is made of it',
    async ({ name, calledAs, bytes }) => {
      const random = chance(name.length * 7919 + bytes.length);
      for (let count = 0; count < INPUTS_PER_SEED; count++) {
        const other = SEEDS[Math.floor(random() * SEEDS.length)]?.bytes ?? bytes;
        const input = mutate(bytes, random, other);
        const chosen = Math.floor(random() * 1_000);
        await expect(tryInput({ left: bytes, right: input, calledAs, chosen })).resolves.toBeUndefined();
      }
    },
  );
});
