import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Executor } from '../../../rebuilder/queue/index.ts';
import type { BlobStore } from '../../../rebuilder/store/index.ts';
import { openOutbox } from '../../../rebuilder/worker/outbox.ts';
import { startCuttingProxy } from '../../helpers/cutting-proxy.ts';
import { fakeExecutor, seedFakeInput } from '../../helpers/fake-executor.ts';
import { startWorker } from '../../helpers/running-worker.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { SIGNUP, serveWorkers, type WorkerLab } from '../../helpers/worker-lab.ts';

const WRITER = resolve(import.meta.dirname, '../../helpers/hold-writer.ts');
const WORKER = resolve(import.meta.dirname, '../../helpers/worker-process.ts');

async function queue(lab: WorkerLab): Promise<number> {
  const buildInputId = await seedFakeInput(lab.database);
  await lab.store.jobs.ask({ buildInputId }, { kind: 'manual' });
  return (await lab.store.jobs.jobs({}, {})).records[0]?.id ?? 0;
}

async function outboxOf(dataFolder: string): Promise<readonly string[]> {
  const [server = ''] = await readdir(join(dataFolder, 'workers'));
  return (await readdir(join(dataFolder, 'workers', server, 'outbox'))).filter((name) => name !== 'tmp');
}

/** Fake builds that end once something has happened. */
function fakeAfter(happened: Promise<void>) {
  return async (blobs: BlobStore): Promise<Executor> => {
    const fake = fakeExecutor(blobs, { millis: 0 });
    return { run: (leased, watch) => happened.then(() => fake.run(leased, watch)) };
  };
}

/** A worker in a process of its own, and its events as they come. */
async function startProcess(url: string, dataFolder: string, millis: number) {
  const child: ChildProcess = spawn(process.execPath, [WORKER, url, dataFolder, SIGNUP, String(millis)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const told = async (kind: string): Promise<void> => {
    for (let next = await lines.next(); !next.done; next = await lines.next()) if (next.value === kind) return;
    throw new Error(`the worker ended before it told ${kind}`);
  };
  return { child, told };
}

describe('a server that stops in the middle', () => {
  it('has the result recorded once it is back on its address', async () => {
    const lab = await serveWorkers();
    const jobId = await queue(lab);
    const build = Promise.withResolvers<void>();
    const worker = await startWorker(lab.url, { openExecutor: fakeAfter(build.promise) });
    await worker.told('began');
    await lab.close();
    build.resolve();
    // The result is on the disk, and nobody takes it.
    while ((await outboxOf(worker.dataFolder)).length === 0) await new Promise((next) => setTimeout(next, 20));
    await worker.told('trouble');
    expect(await outboxOf(worker.dataFolder)).toEqual([`${jobId}-1.json`]);
    const again = await serveWorkers({ folder: lab.folder, port: lab.port });
    await worker.told('recorded');
    expect((await again.store.results.results({}, {})).total).toBe(1);
    expect(await again.store.results.resultOfJob(jobId)).toMatchObject({ status: 'GOOD' });
    expect(await outboxOf(worker.dataFolder)).toEqual([]);
  });

  it('and a worker that stops too: the result is sent at its next start', async () => {
    const lab = await serveWorkers();
    const jobId = await queue(lab);
    const dataFolder = await temporaryFolder();
    const build = Promise.withResolvers<void>();
    const worker = await startWorker(lab.url, { dataFolder, stopSeconds: 1, openExecutor: fakeAfter(build.promise) });
    await worker.told('began');
    await lab.close();
    build.resolve();
    while ((await outboxOf(dataFolder)).length === 0) await new Promise((next) => setTimeout(next, 20));
    await worker.stop();
    expect(await outboxOf(dataFolder)).toEqual([`${jobId}-1.json`]);
    const again = await serveWorkers({ folder: lab.folder, port: lab.port });
    const next = await startWorker(again.url, { dataFolder });
    await next.told('kept results sent');
    expect((await again.store.results.results({}, {})).total).toBe(1);
    expect(await again.store.results.resultOfJob(jobId)).toMatchObject({ status: 'GOOD' });
    expect(await outboxOf(dataFolder)).toEqual([]);
  });
});

describe('a connection that breaks', () => {
  it('after the result was taken has it sent again, and it is recorded once', async () => {
    const lab = await serveWorkers();
    const jobId = await queue(lab);
    const proxy = await startCuttingProxy(lab.url, { path: /\/result$/, answered: /recorded|already/, times: 3 });
    const worker = await startWorker(proxy.url);
    await worker.told('recorded');
    expect(proxy.cut()).toBe(3);
    expect(worker.events.at(-1)).toMatchObject({ kind: 'recorded', recorded: { kind: 'already' } });
    expect((await lab.store.results.results({}, {})).total).toBe(1);
    expect(await lab.store.jobs.job(jobId)).toBeUndefined();
  });

  it.each([
    ['an upload', /\/blobs\//, /sha256/, 3],
    // The job comes back when the lease that nobody heard of ends.
    ['a claim', /\/claim$/, /lease/, 1],
  ])('in %s costs nothing but time', async (_, path, answered, times) => {
    const lab = await serveWorkers({ routes: { limits: { leaseSeconds: 3 } } });
    await queue(lab);
    const proxy = await startCuttingProxy(lab.url, { path, answered, times });
    const reaping = setInterval(() => void lab.store.jobs.reap().catch(() => {}), 200);
    onTestFinished(() => clearInterval(reaping));
    const worker = await startWorker(proxy.url);
    await worker.told('recorded');
    expect(proxy.cut()).toBe(times);
    expect((await lab.store.results.results({}, {})).total).toBe(1);
  });
});

describe('a worker that is killed in the middle', () => {
  it('loses its lease, another gets the job, and what it says of it later is refused', async () => {
    const lab = await serveWorkers({ routes: { limits: { leaseSeconds: 2 } } });
    const jobId = await queue(lab);
    const dataFolder = await temporaryFolder();
    const { child, told } = await startProcess(lab.url, dataFolder, 600_000);
    await told('began');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const held = await lab.store.jobs.job(jobId);
    expect(held).toMatchObject({ state: 'leased' });
    while ((await lab.store.jobs.reap()) === 0) await new Promise((next) => setTimeout(next, 50));

    const other = await startWorker(lab.url);
    await other.told('recorded');
    const recorded = await lab.store.results.resultOfJob(jobId);
    expect(recorded?.workerId).not.toBe(held?.workerId);

    // The killed one comes back with a result of its old lease on its disk.
    const [server = ''] = await readdir(join(dataFolder, 'workers'));
    const outbox = await openOutbox(join(dataFolder, 'workers', server, 'outbox'));
    const at = new Date().toISOString();
    const result = { startedAt: at, builtAt: at, verdict: 'failed-to-build', artifacts: [] } as const;
    await outbox.add({ jobId, request: { lease: 1, result } });
    const back = await startWorker(lab.url, { dataFolder });
    await back.told('kept results sent');
    expect((await lab.store.results.results({}, {})).total).toBe(1);
    expect(await lab.store.results.resultOfJob(jobId)).toEqual(recorded);
    expect(await outboxOf(dataFolder)).toEqual([]);
  });

  it('leaves its key, and is the same worker when it starts again', async () => {
    const lab = await serveWorkers();
    const dataFolder = await temporaryFolder();
    for (const _ of [1, 2]) {
      const { child, told } = await startProcess(lab.url, dataFolder, 0);
      await told('registered');
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    expect((await lab.store.access.workers({})).total).toBe(1);
  });

  it('ends in good order on SIGTERM, and its job is free at once', async () => {
    const lab = await serveWorkers();
    const jobId = await queue(lab);
    const { child, told } = await startProcess(lab.url, await temporaryFolder(), 600_000);
    await told('began');
    child.kill('SIGTERM');
    await told('given back');
    const [status] = await once(child, 'exit');
    expect(status).toBe(0);
    expect(await lab.store.jobs.job(jobId)).toMatchObject({ state: 'queued' });
  });
});

describe('another process that writes for long', () => {
  it('holds no build up: the heartbeat waits, and is answered when it is over', async () => {
    const lab = await serveWorkers();
    const jobId = await queue(lab);
    const [slow, built] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const worker = await startWorker(lab.url, {
      openExecutor: async (blobs) => ({
        run: async (leased, watch) => {
          await slow.promise;
          watch.stage('compare');
          const entry = await fakeExecutor(blobs, { millis: 0 }).run(leased, { ...watch, stage: () => {} });
          built.resolve();
          while ((await lab.store.jobs.job(jobId))?.stage !== 'compare')
            await new Promise((next) => setTimeout(next, 20));
          return entry;
        },
      }),
    });
    await worker.told('began');
    const writer = spawn(process.execPath, [WRITER, join(lab.folder, 'service.sqlite3')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(writer.stdout, 'data');
    slow.resolve();
    await built.promise;
    // Readers do not wait at all, and the heartbeat is not answered yet.
    expect((await fetch(`${lab.url}/readyz`)).status).toBe(200);
    expect((await lab.store.jobs.job(jobId))?.stage).toBeUndefined();
    writer.stdin.end();
    await once(writer, 'exit');
    await worker.told('recorded');
    expect(worker.events.map(({ kind }) => kind)).toEqual(['registered', 'began', 'recorded']);
  });
});
