import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ReproofError } from '../../../model/index.ts';
import { openLiveLogs } from '../../../rebuilder/live-logs.ts';
import {
  createWakeUps,
  type Executor,
  type LocalWorkerOptions,
  startLocalWorker,
  type WorkerEvent,
  wakingJobs,
} from '../../../rebuilder/queue/index.ts';
import { textLogs } from '../../../rebuilder/service-logs.ts';
import { createJobStore } from '../../../rebuilder/store/jobs/index.ts';
import { resultWriter } from '../../../rebuilder/store/results/writer.ts';
import { openSqlite } from '../../../rebuilder/store/sqlite.ts';
import { entryOf } from '../../contract/result-entries.ts';
import { seedInput } from '../../helpers/seed-inputs.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const soon = { graceSeconds: 10, stopSeconds: 10 };

/** A build of known output. */
const good: Executor = { run: async () => entryOf() };

/** A build that ends only when it is told to. */
const endless: Executor = {
  run: (_leased, { signal, stage }) => {
    stage('build');
    return new Promise((_resolve, reject) => {
      const stop = (): void => reject(signal.reason);
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true });
    });
  },
};

async function openLab(sources: readonly string[]) {
  const database = await openSqlite(path.join(await temporaryFolder(), 'q.sqlite3'));
  onTestFinished(() => database.close());
  const wakeUps = createWakeUps();
  const jobs = wakingJobs(createJobStore(database), wakeUps);
  const results = resultWriter(database);
  for (const source of sources) await seedInput(database, { source });
  await jobs.ask({}, { kind: 'new' });
  const events: WorkerEvent[] = [];
  const start = (executor: Executor, changes: Partial<LocalWorkerOptions> = {}) => {
    const worker = startLocalWorker({
      jobs,
      results,
      executor,
      worker: { id: 5, capabilities: { architectures: ['*'] } },
      builds: 2,
      retry: { baseHours: 24, limits: {} },
      leaseSeconds: 60,
      heartbeatSeconds: 0.02,
      pollSeconds: 600,
      pauseSeconds: 600,
      wakeUps,
      onEvent: (event) => events.push(event),
      now: () => new Date(),
      ...changes,
    });
    onTestFinished(() => worker.stop({ graceSeconds: 0, stopSeconds: 10 }));
    return worker;
  };
  const happened = (kind: WorkerEvent['kind'], times = 1) =>
    vi.waitFor(() => expect(events.filter((event) => event.kind === kind)).toHaveLength(times), { timeout: 20_000 });
  const statuses = async () =>
    (await database.read('reading', (db) => db.selectFrom('build_input').select('status').orderBy('id').execute())).map(
      ({ status }) => status,
    );
  return { database, jobs, results, events, start, happened, statuses, wakeUps };
}

describe('local workers', () => {
  it('build all that waits, so many at once, and record each', async () => {
    const sources = Array.from({ length: 12 }, (_, number) => `s${number}`);
    const lab = await openLab(sources);
    let [running, most] = [0, 0];
    lab.start(
      {
        run: async () => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setTimeout(resolve, 10));
          running -= 1;
          return entryOf();
        },
      },
      { builds: 3 },
    );
    await lab.happened('recorded', 12);
    expect(most).toBe(3);
    expect(await lab.statuses()).toEqual(sources.map(() => 'GOOD'));
    expect((await lab.jobs.jobs({}, {})).total).toBe(0);
  });

  it('begin what is asked for while they wait', async () => {
    const lab = await openLab([]);
    lab.start(good);
    await seedInput(lab.database);
    await lab.jobs.ask({ name: 'hello' }, { kind: 'manual' });
    await lab.happened('recorded');
    expect(await lab.statuses()).toEqual(['GOOD']);
  });

  it('stop a build that is cancelled, whose job then leaves', async () => {
    const lab = await openLab(['hello']);
    const worker = lab.start(endless);
    await lab.happened('began');
    expect(worker.running()).toHaveLength(1);
    await lab.jobs.cancel({ name: 'hello' });
    await lab.happened('given back');
    expect(lab.events.at(-1)).toMatchObject({ kind: 'given back', why: 'cancelled' });
    expect((await lab.jobs.jobs({}, {})).total).toBe(0);
    expect(await lab.statuses()).toEqual([null]);
  });

  it('keep the result of a build that was done when it was cancelled', async () => {
    const lab = await openLab(['hello']);
    lab.start({
      run: async (_leased, { signal }) => {
        await vi.waitFor(() => expect(signal.aborted).toBe(true), { timeout: 20_000 });
        return entryOf();
      },
    });
    await lab.happened('began');
    await lab.jobs.cancel({ name: 'hello' });
    await lab.happened('recorded');
    expect(await lab.statuses()).toEqual(['GOOD']);
    expect((await lab.jobs.jobs({}, {})).total).toBe(0);
  });

  it('stop a build whose job is somebody else’s now, and write nothing', async () => {
    const lab = await openLab(['hello']);
    lab.start(endless);
    await lab.happened('began');
    await lab.database.write('ending the lease', (db) =>
      db.updateTable('job').set({ expires_at: '2020-01-01T00:00:00.000Z' }).execute(),
    );
    await lab.happened('lease lost');
    expect(await lab.statuses()).toEqual([null]);
    expect(await lab.jobs.reap()).toBe(1);
  });

  it('stop a build when the store cannot be asked for as long as the lease lasts', async () => {
    const lab = await openLab(['hello']);
    const heartbeat = () => Promise.reject(new Error('the store is away'));
    lab.start(endless, { jobs: { ...lab.jobs, heartbeat }, leaseSeconds: 0.2 });
    await lab.happened('lease lost');
    expect(lab.events).toContainEqual(expect.objectContaining({ kind: 'trouble' }));
  });

  it('report until the store has answered', async () => {
    const lab = await openLab(['hello']);
    let refusals = 2;
    lab.start(good, {
      results: {
        record: (...report) =>
          refusals-- > 0 ? Promise.reject(new Error('the store is away')) : lab.results.record(...report),
      },
    });
    await lab.happened('recorded');
    expect(lab.events.filter(({ kind }) => kind === 'trouble')).toHaveLength(2);
    expect(await lab.statuses()).toEqual(['GOOD']);
  });

  it('record what a broken executor throws as our failure, and begin nothing for a while', async () => {
    const lab = await openLab(['one', 'two']);
    const thrower: Executor = { run: () => Promise.reject(new ReproofError('ENGINE_UNAVAILABLE', 'no engine')) };
    lab.start(thrower, { builds: 1 });
    await lab.happened('recorded');
    expect(lab.events.at(-1)).toMatchObject({
      entry: { status: 'FAIL', decides: false, detail: 'ENGINE_UNAVAILABLE: no engine', workerId: 5 },
    });
    lab.wakeUps.wake();
    await lab.jobs.setState({ paused: false });
    expect(await lab.statuses()).toEqual(['FAIL', null]);
    expect((await lab.jobs.jobs({ kind: 'retry' }, {})).total).toBe(1);
  });

  it('wait for running builds when they are to stop, and begin no others', async () => {
    const lab = await openLab(['one', 'two', 'three']);
    const { promise, resolve } = Promise.withResolvers<void>();
    const worker = lab.start({ run: () => promise.then(() => entryOf()) }, { builds: 2 });
    await lab.happened('began', 2);
    const stopped = worker.stop(soon);
    resolve();
    await stopped;
    expect(worker.running()).toEqual([]);
    expect(await lab.statuses()).toEqual(['GOOD', 'GOOD', null]);
  });

  it('hand builds back that take too long to end', async () => {
    const lab = await openLab(['one', 'two']);
    const worker = lab.start(endless);
    await lab.happened('began', 2);
    await worker.stop({ graceSeconds: 0.01, stopSeconds: 10 });
    expect(lab.events.filter(({ kind }) => kind === 'given back')).toHaveLength(2);
    expect(await lab.jobs.counts({})).toEqual({ running: 0, available: 2, pending: 0 });
  });

  it('do not wait for ever for a build that does not stop', async () => {
    const lab = await openLab(['hello']);
    const { promise, resolve } = Promise.withResolvers<void>();
    const worker = lab.start({ run: () => promise.then(() => entryOf()) });
    await lab.happened('began');
    await worker.stop({ graceSeconds: 0.01, stopSeconds: 0.01 });
    expect(worker.running()).toHaveLength(1);
    resolve();
  });

  it('let others follow the log and the stage while it runs', async () => {
    const lab = await openLab(['hello']);
    const liveLogs = await openLiveLogs(await temporaryFolder(), { maxBytes: 1000 });
    onTestFinished(() => liveLogs.close());
    const logs = textLogs(liveLogs, (line) => expect(line).toBeUndefined());
    const { promise, resolve } = Promise.withResolvers<void>();
    lab.start(
      {
        run: async (_leased, watch) => {
          watch.stage('build');
          watch.log('gcc \u001b[31m-c');
          await promise;
          watch.log('done');
          return entryOf();
        },
      },
      { logs },
    );
    await lab.happened('began');
    const [job] = (await lab.jobs.jobs({}, {})).records;
    const follow = { from: 0, idleMillis: 60_000, signal: new AbortController().signal };
    const pieces = await vi.waitUntil(() => liveLogs.follow(job?.id ?? 0, follow));
    const following = Array.fromAsync(pieces);
    await vi.waitFor(async () => expect(await lab.jobs.job(job?.id ?? 0)).toMatchObject({ stage: 'build' }));
    resolve();
    expect(Buffer.concat((await following).map(({ bytes }) => bytes)).toString()).toBe('gcc \u001b[31m-c\ndone\n');
  });
});
