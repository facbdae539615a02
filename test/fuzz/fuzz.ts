// node test/fuzz/fuzz.ts SEED_FOLDER FINDINGS_FOLDER [SECONDS] [SEED]
// Coverage-guided fuzzing of every reader. What crashes, hangs or outgrows its memory is written to FINDINGS_FOLDER as
// NUMBER.left and NUMBER.right with a NUMBER.txt that says why. Ends with a line of figures; exit status 1 for findings.
import { mkdirSync, writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { readSeeds } from './targets.ts';

const [seedFolder = 'test/fixtures/fuzz', findings = '.cache/fuzz', seconds = '60', seedText = '1'] =
  process.argv.slice(2);
const HANG_SECONDS = 30;
const HEAP_MEGABYTES = 512;
const SHARED_BYTES = 256 * 1024;

mkdirSync(findings, { recursive: true });
const seeds = readSeeds(seedFolder);
const deadline = Date.now() + Number(seconds) * 1000;
const totals = { inputs: 0, found: 0, corpus: 0, stretches: 0, rssMegabytes: 0 };
const told = new Set<string>();

for (let round = 0; Date.now() < deadline; round++) await runThread(Number(seedText) * 1_000_003 + round);
console.log(JSON.stringify({ seconds: Number(seconds), ...totals }));
process.exitCode = totals.found === 0 ? 0 : 1;

/** One thread until it fails or the time is over. */
async function runThread(seed: number): Promise<void> {
  const shared = {
    counter: new Int32Array(new SharedArrayBuffer(4)),
    sizes: new Int32Array(new SharedArrayBuffer(16)),
    input: new Uint8Array(new SharedArrayBuffer(SHARED_BYTES)),
  };
  const worker = new Worker(new URL('./fuzz-thread.ts', import.meta.url), {
    workerData: { shared, seedFolder, seed },
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
  });
  worker.on('message', (progress: { corpus: number; stretches: number }) => Object.assign(totals, progress));
  const why = await new Promise<string | undefined>((resolve) => {
    let last = -1;
    let quiet = 0;
    const watch = setInterval(() => {
      const now = Atomics.load(shared.counter, 0);
      quiet = now === last ? quiet + 1 : 0;
      last = now;
      totals.rssMegabytes = Math.max(totals.rssMegabytes, Math.round(process.memoryUsage.rss() / 2 ** 20));
      if (Date.now() >= deadline) end(undefined);
      else if (quiet >= HANG_SECONDS) end(`no end after ${HANG_SECONDS} s`);
    }, 1000);
    const end = (reason: string | undefined): void => {
      clearInterval(watch);
      resolve(reason);
    };
    worker.once('error', (error) => end(String((error as Error).stack ?? error)));
    worker.once('exit', () => end('the thread ended'));
  });
  await worker.terminate();
  totals.inputs += Atomics.load(shared.counter, 0);
  if (why === undefined) return;
  const place = why.split('\n').slice(0, 3).join(' ');
  if (told.has(place)) return;
  told.add(place);
  const [leftBytes, rightBytes, chosen, family] = shared.sizes as unknown as [number, number, number, number];
  const name = `${findings}/${String(seed)}`;
  writeFileSync(`${name}.left`, shared.input.slice(0, leftBytes));
  writeFileSync(`${name}.right`, shared.input.slice(leftBytes, leftBytes + rightBytes));
  writeFileSync(
    `${name}.txt`,
    `seed ${seeds[family]?.name}, called ${seeds[family]?.calledAs}, chosen ${chosen}\n${why}\n`,
  );
  totals.found++;
  console.log(`found ${name}: ${place}`);
}
