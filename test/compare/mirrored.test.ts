import { describe, expect, it } from 'vitest';
import { bufferSource, type CompareLimits, explain } from '../../compare/index.ts';
import type { Difference } from '../../model/index.ts';
import { chance, mutate } from '../fuzz/mutate.ts';
import { FUZZ_LIMITS, readSeeds, type Seed, startsProgram } from '../fuzz/targets.ts';
import { tarFile } from '../helpers/hostile-files.ts';
import { mirror } from '../helpers/mirror.ts';
import { smallZip } from '../helpers/small-zip.ts';

const SEEDS = readSeeds(`${import.meta.dirname}/../fixtures/fuzz`);
/** A short run: test/fuzz/fuzz.ts is the long one. */
const PAIRS = 4;
/** What an outside program unpacks takes a hundred times as long to start as to compare. */
const PAIRS_OF_PROGRAMS = 2;
const pairsOf = (seed: Seed): number => (startsProgram(seed) ? PAIRS_OF_PROGRAMS : PAIRS);
/** Formats that each is compared with, beside the one that follows: those of the others that stand so many places on. */
const STEP = 29;

/** Names as files have them: formats are told by their ends, too. */
const compare = (left: Seed, right: Seed, limits: Partial<CompareLimits> = FUZZ_LIMITS): Promise<Difference> => {
  const source = ({ name, calledAs, bytes }: Seed) =>
    bufferSource(calledAs === name ? `file.${name}` : calledAs, bytes);
  return explain(source(left), source(right), { path: 'top', limits });
};

async function expectMirrored(left: Seed, right: Seed, limits?: Partial<CompareLimits>): Promise<void> {
  const found = await compare(left, right, limits);
  expect(await compare(right, left, limits)).toEqual(mirror(found));
}

describe('two files with their sides swapped', () => {
  it.each(SEEDS)('give the mirrored tree, notes and all, where both sides are broken: $name', async (seed) => {
    const random = chance(seed.name.length * 7919 + seed.bytes.length);
    const spare = (): Buffer => (SEEDS[Math.floor(random() * SEEDS.length)] as Seed).bytes;
    for (let count = 0; count < pairsOf(seed); count++) {
      const broken = (): Seed => ({ ...seed, bytes: mutate(seed.bytes, random, spare()) });
      await expectMirrored(broken(), broken());
    }
  });

  it.each(SEEDS)('give the mirrored tree where a few bytes differ in either: $name', async (seed) => {
    const random = chance(seed.name.length * 104_729 + seed.bytes.length);
    for (let count = 0; count < pairsOf(seed); count++) {
      const changed = (): Seed => {
        const bytes = Buffer.from(seed.bytes);
        for (let left = 3; left > 0; left--) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
        return { ...seed, bytes };
      };
      await expectMirrored(changed(), changed());
    }
  });

  it.each(SEEDS)('give the mirrored tree where their formats differ: $name and others', async (seed) => {
    const later = SEEDS.slice(SEEDS.indexOf(seed) + 1);
    for (const other of later.filter((_, index) => index % STEP === 0)) await expectMirrored(seed, other);
  });
});

/** Members that are renamed, reordered, gone, new and broken, in archives of either side. */
describe('two archives with their sides swapped', () => {
  const names = ['lib-1.2/a', 'lib-1.3/a', 'lib-1.2/b', 'lib-1.3/b', 'same', 'same', 'x/y.txt', 'x/z.txt', 'control'];
  const random = chance(7);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const small = SEEDS.filter((seed) => seed.bytes.length < 2000 && !startsProgram(seed));
  const members = () =>
    Array.from({ length: 2 + Math.floor(random() * 5) }, () => ({ name: pick(names), content: pick(small).bytes }));
  const varied = (some: ReturnType<typeof members>): ReturnType<typeof members> =>
    [...some, ...members().slice(0, random() < 0.3 ? 1 : 0)]
      .map(({ name, content }) => ({
        name: random() < 0.2 ? pick(names) : name,
        content: random() < 0.3 ? mutate(content, random, pick(small).bytes) : content,
      }))
      .sort(() => random() - 0.7);

  it.each([
    ['tar', tarFile],
    ['zip', smallZip],
  ] as const)('give the mirrored tree: %s', async (name, pack) => {
    for (let count = 0; count < 25; count++) {
      const base = members();
      const side = (): Seed => ({ name, calledAs: name, bytes: pack(varied(base)) });
      await expectMirrored(side(), side());
    }
  });

  it.each([
    { nodes: 3 },
    { members: 4 },
    { textBytes: 100 },
    { heldBytes: 100 },
    { diffBytes: 100 },
    { reportBytes: 300 },
    { depth: 1 },
    { programRuns: 1 },
  ])('give the mirrored tree where a limit is reached: %o', async (limit) => {
    for (let count = 0; count < 8; count++) {
      const base = members();
      const side = (): Seed => {
        const some = varied(base).map((member) => ({ ...member, deflate: true }));
        return { name: 'zip', calledAs: 'zip', bytes: smallZip(some) };
      };
      await expectMirrored(side(), side(), { ...FUZZ_LIMITS, ...limit });
    }
  });
});
