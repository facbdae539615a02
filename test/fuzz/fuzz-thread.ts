import { parentPort, workerData } from 'node:worker_threads';
import { Coverage } from './coverage.ts';
import { chance, mutate } from './mutate.ts';
import { readSeeds, tryInput } from './targets.ts';

/** What the thread works on, where the watching thread can read it while this one hangs. */
type Shared = { readonly counter: Int32Array; readonly sizes: Int32Array; readonly input: Uint8Array };

const { shared, seedFolder, seed } = workerData as {
  readonly shared: Shared;
  readonly seedFolder: string;
  readonly seed: number;
};
const BATCH = 16;

type Input = { readonly left: Buffer; readonly right: Buffer; readonly chosen: number };

function show({ left, right, chosen }: Input): void {
  shared.input.set(left, 0);
  shared.input.set(right, left.length);
  shared.sizes[0] = left.length;
  shared.sizes[1] = right.length;
  shared.sizes[2] = chosen;
  Atomics.add(shared.counter, 0, 1);
}

const random = chance(seed);
const pick = (corpus: readonly Buffer[]): Buffer => corpus[Math.floor(random() * corpus.length)] as Buffer;

function nextInput(corpus: readonly Buffer[]): Input {
  const base = pick(corpus);
  const right = mutate(base, random, pick(corpus));
  const left = random() < 0.2 ? mutate(base, random, pick(corpus)) : base;
  return { left, right, chosen: Math.floor(random() * 1_000) };
}

const corpus = readSeeds(seedFolder).map((each) => each.bytes.subarray(0, 48 * 1024));
const coverage = new Coverage();
await coverage.start();
for (const left of corpus) {
  const input = { left, right: Buffer.concat([left, Buffer.from('x')]), chosen: 0 };
  show(input);
  await tryInput(input.left, input.right, input.chosen);
}
await coverage.fresh();
for (;;) {
  const batch: Input[] = [];
  for (let index = 0; index < BATCH; index++) {
    const input = nextInput(corpus);
    batch.push(input);
    show(input);
    await tryInput(input.left, input.right, input.chosen);
  }
  if ((await coverage.fresh()) === 0) continue;
  // Something new ran: all of the batch are worth building on, the corpus is kept from growing without end.
  for (const { right } of batch) if (right.length > 0 && right.length < 48 * 1024) corpus.push(right);
  while (corpus.length > 20_000) corpus.splice(500 + Math.floor(random() * (corpus.length - 500)), 1);
  parentPort?.postMessage({ corpus: corpus.length, stretches: coverage.size });
}
