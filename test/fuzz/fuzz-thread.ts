import { parentPort, workerData } from 'node:worker_threads';
import { Coverage } from './coverage.ts';
import { chance, mutate } from './mutate.ts';
import { readSeeds, type Seed, startsProgram, type Trial, tryInput } from './targets.ts';

/** What the thread works on, where the watching thread can read it while this one hangs. */
type Shared = { readonly counter: Int32Array; readonly sizes: Int32Array; readonly input: Uint8Array };

const { shared, seedFolder, seed } = workerData as {
  readonly shared: Shared;
  readonly seedFolder: string;
  readonly seed: number;
};
const BATCH = 8;
const INPUT_BYTES = 48 * 1024;
const KEPT_OF_A_SEED = 400;

/** A seed with what was made of it and ran something new: each seed is built on as often as any other. */
type Family = { readonly number: number; readonly seed: Seed; readonly kept: Buffer[]; readonly weight: number };
type Input = Trial & { readonly family: Family };

async function run({ left, right, calledAs, chosen, family }: Input): Promise<void> {
  shared.input.set(left, 0);
  shared.input.set(right, left.length);
  shared.sizes.set([left.length, right.length, chosen, family.number]);
  Atomics.add(shared.counter, 0, 1);
  await tryInput({ left, right, calledAs, chosen });
}

const random = chance(seed);
const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;

const families = readSeeds(seedFolder).map((each, number): Family => {
  const bytes = each.bytes.subarray(0, INPUT_BYTES);
  // Starting a program takes as long as twenty other inputs.
  return { number, seed: { ...each, bytes }, kept: [bytes], weight: startsProgram({ ...each, bytes }) ? 0.1 : 1 };
});

function pickFamily(): Family {
  for (;;) {
    const family = pick(families);
    if (random() < family.weight) return family;
  }
}

function nextInput(): Input {
  const family = pickFamily();
  const base = random() < 0.3 ? family.seed.bytes : pick(family.kept);
  const right = mutate(base, random, pick(pick(families).kept));
  const left = random() < 0.2 ? mutate(base, random, pick(pick(families).kept)) : base;
  return { left, right, chosen: Math.floor(random() * 1_000), calledAs: family.seed.calledAs, family };
}

const coverage = new Coverage();
await coverage.start();
for (const family of families) {
  const { bytes: left, calledAs } = family.seed;
  await run({ left, right: Buffer.concat([left, Buffer.from('x')]), chosen: 0, calledAs, family });
}
await coverage.fresh();
for (;;) {
  const batch = Array.from({ length: BATCH }, nextInput);
  for (const input of batch) await run(input);
  if ((await coverage.fresh()) === 0) continue;
  // Something new ran: all of the batch are worth building on, the corpus is kept from growing without end.
  for (const { right, family } of batch) {
    if (right.length === 0 || right.length > INPUT_BYTES) continue;
    family.kept.push(Buffer.from(right));
    if (family.kept.length > KEPT_OF_A_SEED) family.kept.splice(Math.floor(random() * KEPT_OF_A_SEED), 1);
  }
  const corpus = families.reduce((sum, { kept }) => sum + kept.length, 0);
  parentPort?.postMessage({ corpus, stretches: coverage.size });
}
