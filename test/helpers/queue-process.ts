import { setTimeout as sleep } from 'node:timers/promises';
import { openBlobs, openDatabase } from '../../rebuilder/store/index.ts';
import { createJobStore } from '../../rebuilder/store/jobs/index.ts';
import type { LeasedJob } from '../../rebuilder/store/jobs/types.ts';
import { resultWriter } from '../../rebuilder/store/results/writer.ts';
import { fakeEntry, fakeOutput } from './fake-build.ts';

// A program that is killed at any moment: node queue-process.ts ROLE PLACE BLOBS NUMBER LEASE_SECONDS BUILD_MILLISECONDS.
// A server ends leases that ran out. A worker claims, "builds", keeps its lease, stores what came out and reports it.
// Each line on standard output is what a worker knows: {at, job, input, lease, event, until?}, before it goes on.
const [role = '', place = '', folder = '', number = '0', leaseText = '2', buildText = '100'] = process.argv.slice(2);
const leaseSeconds = Number(leaseText);
const database = await openDatabase(place);
const jobs = createJobStore(database);
const results = resultWriter(database);
const blobs = await openBlobs(folder);

function say(leased: LeasedJob, event: string, until?: string): void {
  const { job, lease } = leased;
  process.stdout.write(
    `${JSON.stringify({ at: database.now(), job: job.id, input: job.buildInputId, lease, event, until })}\n`,
  );
}

async function serve(): Promise<never> {
  for (;;) {
    await jobs.reap();
    await sleep(100);
  }
}

async function build(leased: LeasedJob): Promise<void> {
  const { job, lease } = leased;
  say(leased, 'claimed', leased.expiresAt);
  await sleep(Math.random() * Number(buildText) * 2);
  const kept = await jobs.heartbeat(job.id, lease, { leaseSeconds, stage: 'build' });
  say(leased, kept, new Date(Date.parse(database.now()) + leaseSeconds * 1000).toISOString());
  const { sha256 } = await blobs.put('output', [fakeOutput(job.source)] as never, 1_000_000);
  const retry = { baseHours: 1, limits: {} };
  const recorded = await results.record({ jobId: job.id, lease }, fakeEntry(sha256, Number(number)), retry);
  say(leased, recorded.kind);
  // What a worker does whose answer was lost: the same report again is the same result.
  if (recorded.kind === 'recorded' && Math.random() < 0.2) {
    const again = await results.record({ jobId: job.id, lease }, fakeEntry(sha256, Number(number)), retry);
    say(leased, again.kind === 'already' && again.id === recorded.id ? 'again' : `again: ${again.kind}`);
  }
}

async function work(): Promise<never> {
  for (;;) {
    const leased = await jobs.claim({ id: Number(number), capabilities: { architectures: ['amd64'] } }, leaseSeconds);
    if (leased === undefined) await sleep(100);
    else await build(leased);
  }
}

await (role === 'server' ? serve() : work());
