import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256Of } from '../../../model/index.ts';
import { fakeBytes, seedFakeInput } from '../../helpers/fake-executor.ts';
import { startWorker } from '../../helpers/running-worker.ts';
import { serveWorkers, type WorkerLab } from '../../helpers/worker-lab.ts';

/** Queues an input, and gives the job's id. */
async function queue(lab: WorkerLab, source = 'hello'): Promise<number> {
  const buildInputId = await seedFakeInput(lab.database, { source });
  await lab.store.jobs.ask({ buildInputId }, { kind: 'manual' });
  const { records } = await lab.store.jobs.jobs({ name: source }, {});
  return records[0]?.id ?? 0;
}

async function outboxOf(dataFolder: string): Promise<readonly string[]> {
  const [server = ''] = await readdir(join(dataFolder, 'workers'));
  return (await readdir(join(dataFolder, 'workers', server, 'outbox'))).filter((name) => name !== 'tmp');
}

/** The blobs that lie in a worker's data folder. */
async function blobsOf(dataFolder: string): Promise<readonly string[]> {
  const entries = await readdir(join(dataFolder, 'blobs', 'sha256'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

describe('a worker on another machine', () => {
  it('registers, builds what is queued, and its result is recorded with files that the server checked', async () => {
    const lab = await serveWorkers();
    const jobId = await queue(lab);
    const worker = await startWorker(lab.url);
    await worker.told('recorded');
    expect(worker.events.map(({ kind }) => kind)).toEqual(['registered', 'began', 'recorded']);
    const result = await lab.store.results.resultOfJob(jobId);
    const [known] = (await lab.store.access.workers({})).records;
    expect(result).toMatchObject({
      origin: 'ours',
      status: 'GOOD',
      verdict: 'reproducible',
      decides: true,
      workerId: known?.id,
    });
    const bytes = fakeBytes('hello_2.10-3_amd64.deb');
    expect(await lab.store.results.artifacts(result?.id ?? 0)).toMatchObject([
      {
        fileName: 'hello_2.10-3_amd64.deb',
        verdict: 'identical',
        checkedHere: true,
        rebuilt: { sha256: sha256Of(bytes) },
      },
    ]);
    expect(await lab.blobs.path(sha256Of(bytes))).toBeDefined();
    expect(await lab.blobs.path(result?.log?.sha256 ?? '')).toBeDefined();
    expect(await lab.store.jobs.job(jobId)).toBeUndefined();
    expect(await outboxOf(worker.dataFolder)).toEqual([]);
  });

  it('keeps nothing of what the server has, and says of each blob that it goes', async () => {
    const lab = await serveWorkers();
    await queue(lab);
    const told: string[] = [];
    const worker = await startWorker(lab.url, { beforeForgetting: async (sha256) => void told.push(sha256) });
    await worker.told('recorded');
    expect(await blobsOf(worker.dataFolder)).toEqual([]);
    expect(told).toHaveLength(3);
    expect(told).toContain(sha256Of(fakeBytes('hello_2.10-3_amd64.deb')));
  });

  it('keeps what may be another build’s too, until that has ended', async () => {
    const lab = await serveWorkers();
    for (const source of ['one', 'two']) await queue(lab, source);
    const worker = await startWorker(lab.url, {
      builds: 2,
      build: { millis: (source) => (source === 'one' ? 300 : 60_000) },
    });
    await worker.told('began', 2);
    await worker.told('recorded');
    expect(await blobsOf(worker.dataFolder)).toHaveLength(3);
    await worker.stop();
    expect(worker.events.at(-1)).toMatchObject({ kind: 'given back' });
    expect(await blobsOf(worker.dataFolder)).toEqual([]);
  });

  it('builds several at a time', async () => {
    const lab = await serveWorkers();
    for (const source of ['one', 'two', 'three']) await queue(lab, source);
    const worker = await startWorker(lab.url, { builds: 3, build: { millis: 60_000 } });
    await worker.told('began', 3);
    expect(await lab.store.jobs.counts({})).toMatchObject({ running: 3, available: 0 });
  });

  it('has its log followed while it builds', async () => {
    const lab = await serveWorkers();
    const jobId = await queue(lab);
    const worker = await startWorker(lab.url, { build: { millis: 60_000 } });
    await worker.told('began');
    const stop = new AbortController();
    let pieces = lab.liveLogs.follow(jobId, { from: 0, idleMillis: 60_000, signal: stop.signal });
    for (
      ;
      pieces === undefined;
      pieces = lab.liveLogs.follow(jobId, { from: 0, idleMillis: 60_000, signal: stop.signal })
    )
      await new Promise((resolve) => setTimeout(resolve, 20));
    let text = '';
    for await (const { bytes } of pieces) {
      text += Buffer.from(bytes).toString();
      if (text.includes('\n')) break;
    }
    expect(text).toBe('building hello\n');
  });

  it('hands its builds back when it is stopped, and another worker gets them', async () => {
    const lab = await serveWorkers();
    const jobId = await queue(lab);
    const first = await startWorker(lab.url, { build: { millis: 60_000 } });
    await first.told('began');
    await first.stop();
    expect(first.events.at(-1)).toMatchObject({ kind: 'given back', why: 'stopping' });
    expect(await lab.store.jobs.job(jobId)).toMatchObject({ state: 'queued' });
    const second = await startWorker(lab.url);
    await second.told('recorded');
    expect((await lab.store.results.results({}, {})).total).toBe(1);
  });

  it('stops a build that is cancelled, and the job leaves the queue', async () => {
    const lab = await serveWorkers({ routes: { limits: { leaseSeconds: 2 } } });
    const jobId = await queue(lab);
    const worker = await startWorker(lab.url, { build: { millis: 60_000 } });
    await worker.told('began');
    expect(await lab.store.jobs.cancel({ id: jobId })).toBe(1);
    await worker.told('given back');
    expect(worker.events.at(-1)).toMatchObject({ kind: 'given back', why: 'cancelled' });
    expect(await lab.store.jobs.job(jobId)).toBeUndefined();
    expect((await lab.store.results.results({}, {})).total).toBe(0);
  });

  it('that is revoked ends, and says why', async () => {
    const lab = await serveWorkers({ routes: { limits: { leaseSeconds: 2 } } });
    await queue(lab);
    const worker = await startWorker(lab.url, { build: { millis: 60_000 } });
    await worker.told('began');
    const [known] = (await lab.store.access.workers({})).records;
    await lab.store.access.revokeWorker(known?.id ?? 0);
    await expect(worker.done).rejects.toMatchObject({ code: 'ACCESS_DENIED', message: /revoked/ });
  });

  it('that is not let in ends, and says why', async () => {
    const lab = await serveWorkers();
    const wrong = await startWorker(lab.url, { signupSecret: 'guess' });
    await expect(wrong.done).rejects.toMatchObject({ code: 'ACCESS_DENIED', message: /signup secret/ });
    const none = await startWorker(lab.url, { signupSecret: undefined as never });
    await expect(none.done).rejects.toMatchObject({ code: 'ACCESS_REQUIRED' });
  });

  it('whose clock is wrong ends, and says by how much', async () => {
    const lab = await serveWorkers();
    const worker = await startWorker(lab.url, { now: () => new Date(Date.now() - 600_000) });
    await expect(worker.done).rejects.toMatchObject({ code: 'ACCESS_DENIED', message: /signed (599|600|601) s ago/ });
  });

  it('whose result cannot be this job lets the job go, not to come back at once', async () => {
    const lab = await serveWorkers();
    const jobId = await queue(lab);
    const lie = { sha256: sha256Of('other'), size: 5 };
    const worker = await startWorker(lab.url, {
      build: {
        millis: 0,
        change: (entry) => ({
          ...entry,
          artifacts: entry.artifacts.map((file) => ({ ...file, published: lie, rebuilt: lie })),
        }),
      },
    });
    await worker.told('lease lost');
    const job = await lab.store.jobs.job(jobId);
    expect(job).toMatchObject({ state: 'queued' });
    expect(Date.parse(job?.notBefore ?? '') - Date.now()).toBeGreaterThan(3_600_000);
    expect((await lab.store.results.results({}, {})).total).toBe(0);
    expect(await outboxOf(worker.dataFolder)).toEqual([]);
  });
});
