import type { KeyObject } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256Of } from '../../../../model/index.ts';
import type { LeasedJob } from '../../../../rebuilder/store/jobs/types.ts';
import { seedInput } from '../../../helpers/seed-inputs.ts';
import { ask, registered, serveWorkers, type WorkerLab } from '../../../helpers/worker-lab.ts';

const LOST = { status: 409, body: { error: { code: 'LEASE_LOST' } } };

/** Queues one job. */
async function queue(lab: WorkerLab, source = 'hello'): Promise<void> {
  const buildInputId = await seedInput(lab.database, { source });
  await lab.store.jobs.ask({ buildInputId }, { kind: 'manual' });
}

async function claim(lab: WorkerLab, key: KeyObject, waitSeconds = 0): Promise<LeasedJob> {
  const answer = await ask(lab.url, key, { path: '/api/worker/claim', body: { waitSeconds } });
  return answer.body.job as LeasedJob;
}

const call = (lab: WorkerLab, key: KeyObject, { job, lease }: LeasedJob, verb: string, more: object = {}) =>
  ask(lab.url, key, { path: `/api/worker/jobs/${job.id}/${verb}`, body: { lease, ...more } });

const piece = (lab: WorkerLab, key: KeyObject, { job, lease }: LeasedJob, offset: number, text: string) =>
  ask(lab.url, key, {
    path: `/api/worker/jobs/${job.id}/log?lease=${lease}&offset=${offset}`,
    bytes: Buffer.from(text),
  });

function put(lab: WorkerLab, key: KeyObject, { job, lease }: LeasedJob, bytes: Uint8Array, name = sha256Of(bytes)) {
  const path = `/api/worker/jobs/${job.id}/blobs/${name}?lease=${lease}`;
  return ask(lab.url, key, { method: 'PUT', path, bytes });
}

async function follow(lab: WorkerLab, jobId: number, until: string): Promise<string> {
  const stop = new AbortController();
  let text = '';
  const pieces = lab.liveLogs.follow(jobId, { from: 0, idleMillis: 5000, signal: stop.signal });
  for await (const { bytes } of pieces ?? []) {
    text += Buffer.from(bytes).toString();
    if (text.includes(until) || bytes.length === 0) break;
  }
  return text;
}

describe('a claim', () => {
  it('gives the job, its input and its files', async () => {
    const lab = await serveWorkers();
    const { key, id } = await registered(lab.url);
    await queue(lab);
    expect(await claim(lab, key)).toMatchObject({
      job: { source: 'hello', version: '2.10-3', state: 'leased', workerId: id },
      lease: 1,
      input: { files: [{ fileName: 'hello_2.10-3_amd64.deb' }] },
    });
    expect(await claim(lab, key)).toBeNull();
  });

  it('waits for a job to come', async () => {
    const lab = await serveWorkers();
    const { key } = await registered(lab.url);
    const waiting = claim(lab, key, 30);
    await queue(lab);
    expect((await waiting).job.source).toBe('hello');
  });

  it('ends at once when the server stops', async () => {
    const lab = await serveWorkers();
    const { key } = await registered(lab.url);
    const waiting = ask(lab.url, key, { path: '/api/worker/claim', body: { waitSeconds: 30 } });
    // The request is there once the worker was seen.
    while ((await lab.store.access.workers({})).records[0]?.status !== 'waiting') await new Promise(setImmediate);
    await lab.close();
    expect(await waiting).toMatchObject({ status: 200, body: { job: null } });
  });

  it('gives nothing that the worker cannot build', async () => {
    const lab = await serveWorkers();
    const { key } = await registered(lab.url);
    const buildInputId = await seedInput(lab.database, { architecture: 'arm64' });
    await lab.store.jobs.ask({ buildInputId }, { kind: 'manual' });
    expect(await claim(lab, key)).toBeNull();
  });
});

describe('the holder of a lease', () => {
  it('keeps it, is told to stop, and gives the job back', async () => {
    const lab = await serveWorkers();
    const { key } = await registered(lab.url);
    await queue(lab);
    const first = await claim(lab, key);
    expect((await call(lab, key, first, 'heartbeat', { stage: 'build' })).body).toEqual({ answer: 'kept' });
    expect(await lab.store.jobs.job(first.job.id)).toMatchObject({ stage: 'build' });
    expect((await call(lab, key, first, 'give-back')).body).toEqual({ answer: 'given back' });
    expect((await call(lab, key, first, 'heartbeat')).body).toEqual({ answer: 'lost' });
    const second = await claim(lab, key);
    expect(second).toMatchObject({ job: { id: first.job.id }, lease: first.lease + 1 });
    await lab.store.jobs.cancel({ id: second.job.id });
    expect((await call(lab, key, second, 'heartbeat')).body).toEqual({ answer: 'cancelled' });
    expect((await call(lab, key, second, 'give-back')).body).toEqual({ answer: 'given back' });
    expect(await lab.store.jobs.job(second.job.id)).toBeUndefined();
  });

  it('has its log followed while it grows; what comes twice is there once, and what never came is told', async () => {
    const lab = await serveWorkers();
    const { key } = await registered(lab.url);
    await queue(lab);
    const held = await claim(lab, key);
    expect((await piece(lab, key, held, 0, 'one\n')).body).toEqual({ length: 4 });
    const following = follow(lab, held.job.id, 'nine\n');
    expect((await piece(lab, key, held, 0, 'one\n')).body).toEqual({ length: 4 });
    expect((await piece(lab, key, held, 2, 'e\ntwo\n')).body).toEqual({ length: 8 });
    expect((await piece(lab, key, held, 0, 'o')).body).toEqual({ length: 8 });
    expect((await piece(lab, key, held, 20, 'nine\n')).body).toEqual({ length: 25 });
    expect(await following).toBe('one\ntwo\n[12 bytes of this log did not come here]\nnine\n');
  });

  it('uploads blobs that are there once their bytes are the ones named', async () => {
    const lab = await serveWorkers();
    const { key } = await registered(lab.url);
    await queue(lab);
    const held = await claim(lab, key);
    const bytes = Buffer.alloc(3_000_000, 'x');
    expect(await put(lab, key, held, bytes)).toEqual({ status: 200, body: { sha256: sha256Of(bytes) } });
    expect(await lab.blobs.path(sha256Of(bytes))).toBeDefined();
    expect((await put(lab, key, held, Buffer.alloc(0))).status).toBe(200);
    const other = await put(lab, key, held, Buffer.from('other'), sha256Of('named'));
    expect(other).toMatchObject({ status: 400, body: { error: { code: 'REQUEST_INVALID' } } });
    expect(await lab.blobs.path(sha256Of('other'))).toBeUndefined();
  });
});

describe('whoever does not hold a lease', () => {
  it('changes nothing by naming it: not its log, not its blobs, not the job', async () => {
    const lab = await serveWorkers();
    const [holder, stranger] = [await registered(lab.url), await registered(lab.url)];
    await queue(lab);
    const held = await claim(lab, holder.key);
    await piece(lab, holder.key, held, 0, 'mine\n');
    const before = await lab.store.jobs.job(held.job.id);
    expect((await call(lab, stranger.key, held, 'heartbeat', { stage: 'x' })).body).toEqual({ answer: 'lost' });
    expect((await call(lab, stranger.key, held, 'give-back')).body).toEqual({ answer: 'lost' });
    expect(await piece(lab, stranger.key, held, 5, 'yours\n')).toMatchObject(LOST);
    expect(await put(lab, stranger.key, held, Buffer.from('yours'))).toMatchObject(LOST);
    expect(await lab.blobs.path(sha256Of('yours'))).toBeUndefined();
    expect(await lab.store.jobs.job(held.job.id)).toEqual(before);
    await piece(lab, holder.key, held, 5, 'still\n');
    expect(await follow(lab, held.job.id, 'still\n')).toBe('mine\nstill\n');
  });

  it.each(['heartbeat', 'give-back'])('is told so by %s, for a lease that never was', async (verb) => {
    const lab = await serveWorkers();
    const { key } = await registered(lab.url);
    const answer = await ask(lab.url, key, { path: `/api/worker/jobs/99/${verb}`, body: { lease: 5 } });
    expect(answer).toEqual({ status: 200, body: { answer: 'lost' } });
  });
});

describe('an upload', () => {
  it.each([
    ['no number', '/api/worker/jobs/x/log?lease=1&offset=0'],
    ['a job past all numbers', `/api/worker/jobs/${'9'.repeat(30)}/log?lease=1&offset=0`],
    ['no lease', '/api/worker/jobs/1/log?offset=0'],
    ['two leases', '/api/worker/jobs/1/log?lease=1&lease=2&offset=0'],
    ['a negative offset', '/api/worker/jobs/1/log?lease=1&offset=-1'],
    ['a word more', '/api/worker/jobs/1/log?lease=1&offset=0&more=1'],
  ])('of a log with %s is refused', async (_, path) => {
    const lab = await serveWorkers();
    const { key } = await registered(lab.url);
    const answer = await ask(lab.url, key, { path, bytes: Buffer.from('x') });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'REQUEST_INVALID' } } });
  });

  it('past its limit is refused, and leaves nothing', async () => {
    const limits = { logPieceBytes: 10, blobBytes: 100, leaseBlobBytes: 150 };
    const lab = await serveWorkers({ routes: { limits } });
    const { key } = await registered(lab.url);
    await queue(lab);
    const held = await claim(lab, key);
    const tooLarge = { status: 413, body: { error: { code: 'REQUEST_TOO_LARGE' } } };
    expect((await piece(lab, key, held, 0, 'x'.repeat(10))).status).toBe(200);
    expect(await piece(lab, key, held, 10, 'x'.repeat(11))).toMatchObject(tooLarge);
    expect(await put(lab, key, held, Buffer.alloc(101))).toMatchObject(tooLarge);
    expect((await put(lab, key, held, Buffer.alloc(100))).status).toBe(200);
    expect(await put(lab, key, held, Buffer.alloc(51))).toMatchObject(tooLarge);
    expect((await put(lab, key, held, Buffer.alloc(50))).status).toBe(200);
    expect(await readdir(join(lab.folder, 'blobs', 'tmp'))).toEqual([]);
  });
});
