/**
 * How fast statements are signed and logged, beside a bare loop that only signs; and how long proofs are.
 *
 *   node bench/log-speed.ts [--entries 40000] [--together 8192] [--rounds 3]
 *
 * Both sides sign the same messages with the same ECDSA P-256 key, in the same run, in turns. The log's disk is the
 * system's temporary folder. `together`: how many wait at a time; of twice a batch, one half is signed while the other is
 * written. `cpuRatio` compares processor time of the whole process, with the threads that sign.
 */
import { generateKeyPairSync, hash, sign } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { keySigner, openLog, writeEntry } from '../attest/index.ts';
import { openFileLock } from '../rebuilder/store/index.ts';

const { values } = parseArgs({
  options: {
    entries: { type: 'string', default: '40000' },
    together: { type: 'string', default: '8192' },
    rounds: { type: 'string', default: '3' },
  },
});
const entries = Number(values.entries);
const together = Number(values.together);
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signer = keySigner(pair.privateKey);
const messages = Array.from({ length: entries }, (_, index) =>
  Buffer.from(`DSSEv1 28 application/vnd.in-toto+json 7 ${index}`),
);

/** Of one entry: its place, and how long its proof was. */
type Proof = { readonly index: number; readonly size: number; readonly hashes: number };
type Rate = { readonly perSecond: number; readonly cpuMicros: number };

/** Counts one side: entries a second, and the process's time for each. */
function stopwatch(): () => Rate {
  const [begun, cpu] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return {
      perSecond: Math.round((entries * 1000) / (performance.now() - begun)),
      cpuMicros: (user + system) / entries,
    };
  };
}

function bare(): Rate {
  const stop = stopwatch();
  for (const message of messages) sign('sha256', message, pair.privateKey);
  return stop();
}

async function logged(): Promise<{
  readonly rate: Rate;
  readonly proofs: readonly Proof[];
  readonly checkpoints: number;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'reproof-log-speed-'));
  const lock = await openFileLock(join(folder, '.writer', 'lock'));
  const log = await openLog({ folder, signer: keySigner(generateKeyPairSync('ed25519').privateKey), lock });
  const proofs: Proof[] = [];
  let checkpoints = 0;
  let newest = 0;
  const stop = stopwatch();
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < entries) {
      const message = messages[next++] as Buffer;
      const signature = await signer.sign(message);
      const digest = hash('sha256', message, 'buffer');
      const { index, proof, signed } = await log.append(writeEntry({ digest, signature, publicKey: signer.publicKey }));
      const { size } = signed.checkpoint;
      proofs.push({ index, size, hashes: proof.length });
      if (size > newest) checkpoints++;
      newest = Math.max(newest, size);
    }
  };
  await Promise.all(Array.from({ length: together }, work));
  const rate = stop();
  await log.close();
  await rm(folder, { recursive: true, force: true });
  return { rate, proofs, checkpoints };
}

const rounds: { bare: number; logged: number; ratio: number; cpuRatio: number; checkpoints: number }[] = [];
let proofs: readonly Proof[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const before = bare();
  const now = await logged();
  const after = bare();
  const mean = (before.perSecond + after.perSecond) / 2;
  rounds.push({
    bare: Math.round(mean),
    logged: now.rate.perSecond,
    ratio: Number((now.rate.perSecond / mean).toFixed(2)),
    cpuRatio: Number(((before.cpuMicros + after.cpuMicros) / 2 / now.rate.cpuMicros).toFixed(2)),
    checkpoints: now.checkpoints,
  });
  proofs = now.proofs;
}
// RFC 6962 2.1.1: a path has a hash for each level at which the leaf has a sibling, which is what is least.
const least = ({ index, size }: Proof): number => {
  let count = 0;
  for (let place = index, last = size - 1; last > 0; place = Math.floor(place / 2), last = Math.floor(last / 2))
    if (place % 2 === 1 || place < last) count++;
  return count;
};
const longer = proofs.filter((each) => each.hashes > least(each)).length;
const longest = Math.max(...proofs.map(({ hashes }) => hashes));
process.stdout.write(
  `${JSON.stringify({ entries, together, rounds, proofs: { longest, bytes: longest * 32, longerThanLeast: longer } }, undefined, 2)}\n`,
);
