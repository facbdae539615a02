import { randomBytes } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { openBlobs, openStore } from '../../rebuilder/store/index.ts';
import { sampleRequest } from './sample-record.ts';

// A program: node store-writer.ts FOLDER REBUILDS. Writes rebuilds of two stages and a blob each, and prints one line
// of JSON once a rebuild's parts were all said to be stored.
// With 'stall' for REBUILDS it stops for ever in the middle of a blob, once it has said so.
const [folder = '', rebuilds = '0'] = process.argv.slice(2);
const store = await openStore(folder);
const blobs = await openBlobs(`${folder}/blobs`);

async function* slowly(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += 1000) {
    yield bytes.subarray(start, start + 1000);
    await turn();
  }
}

async function* stalling(): AsyncGenerator<Uint8Array> {
  yield randomBytes(1000);
  process.stdout.write('{}\n');
  setInterval(() => {}, 1000);
  await new Promise(() => {});
}

if (rebuilds === 'stall') await blobs.put('noise', stalling(), 50_000);
for (let done = 0; done < Number(rebuilds); done++) {
  const id = await store.createRebuild(sampleRequest);
  const value = randomBytes(20_000).toString('hex');
  for (const stage of ['source', 'plan'] as const)
    await store.saveStage(id, { stage, value, startedAt: '2026-01-02T03:04:05.678Z', wallSeconds: 0 });
  const { sha256 } = await blobs.put('noise', slowly(randomBytes(50_000)), 50_000);
  process.stdout.write(`${JSON.stringify({ id, sha256 })}\n`);
}
await store.close();
