import type { Database } from '../database.ts';
import { ask } from './ask.ts';
import { cancel, setPriority } from './change.ts';
import { claim } from './claim.ts';
import { giveBack, heartbeat, leaseOf, reap } from './leases.ts';
import { countJobs, listJobs, readJob } from './list.ts';
import { readState, setState } from './state.ts';
import type { JobStore } from './types.ts';

/** The queue over any dialect's database. */
export function createJobStore(database: Database): JobStore {
  return {
    ask: (filter, asked) => ask(database, filter, asked),
    claim: (worker, leaseSeconds) => claim(database, worker, leaseSeconds),
    heartbeat: (jobId, lease, options) => heartbeat(database, { jobId, lease }, options),
    leaseOf: (jobId, workerId) => leaseOf(database, jobId, workerId),
    giveBack: (jobId, lease, notBefore) => giveBack(database, { jobId, lease }, notBefore),
    reap: () => reap(database),
    cancel: (filter) => cancel(database, filter),
    setPriority: (filter, priority) => setPriority(database, filter, priority),
    jobs: (filter, page) => listJobs(database, filter, page),
    job: (id) => readJob(database, id),
    counts: (filter) => countJobs(database, filter),
    state: () => database.read('reading the state of the queue', readState),
    setState: (state) => setState(database, state),
  };
}
