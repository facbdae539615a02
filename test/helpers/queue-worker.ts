import { setTimeout as sleep } from 'node:timers/promises';
import { createJobStore } from '../../rebuilder/store/jobs/index.ts';
import { resultWriter } from '../../rebuilder/store/results/writer.ts';
import { openSqlite } from '../../rebuilder/store/sqlite.ts';
import { entryOf, noRetry } from '../contract/result-entries.ts';

// A program: node queue-worker.ts FILE ID. Builds, with a known result, whatever waits in the queue of a SQLite file until
// nothing is left in it, and prints a line for each result that was taken.
const [file = '', id = '0'] = process.argv.slice(2);
const LEASE_SECONDS = 2;
const database = await openSqlite(file);
const jobs = createJobStore(database);
const results = resultWriter(database);
for (;;) {
  await jobs.reap();
  const leased = await jobs.claim({ id: Number(id), capabilities: { architectures: ['*'] } }, LEASE_SECONDS);
  if (leased === undefined) {
    if ((await jobs.jobs({}, { limit: 1 })).total === 0) break;
    await sleep(50);
    continue;
  }
  await sleep(5);
  const recorded = await results.record({ jobId: leased.job.id, lease: leased.lease }, entryOf(), noRetry);
  process.stdout.write(`${recorded.kind}\n`);
}
await database.close();
