import { createServer } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Published, planDigest, type RebuildRecord, sha256Of } from '../../../model/index.ts';
import { parseBuildInfo } from '../../../rebuilder/ecosystem/debian/buildinfo.ts';
import { rebuilderExecutor } from '../../../rebuilder/queue/index.ts';
import { type BlobStore, openBlobs, openServiceStore, openStore } from '../../../rebuilder/store/index.ts';
import { testimonyOf } from '../../../rebuilder/testimonies.ts';
import { testify } from '../../../rebuilder/worker/index.ts';
import { attestedRebuild } from '../../helpers/attested-rebuild.ts';
import { startWorker } from '../../helpers/running-worker.ts';
import { sampleRequest } from '../../helpers/sample-record.ts';
import { seedInput } from '../../helpers/seed-inputs.ts';
import { smallBuildInfo } from '../../helpers/small-buildinfo.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { TESTIFIED } from '../../helpers/testified-job.ts';
import { serveWorkers, type WorkerLab } from '../../helpers/worker-lab.ts';

const BYTES = Buffer.from('the package');
const CONTENT = { sha256: sha256Of(BYTES), size: BYTES.length };
const LOG = gzipSync('dpkg-buildpackage\n');

/** A job of less, whose one file is published with these bytes. */
async function queueLess(lab: WorkerLab, change: { readonly source?: string } = {}): Promise<number> {
  const buildInputId = await seedInput(lab.database, {
    source: 'less',
    version: '668-1',
    binaries: ['less'],
    ...change,
  });
  await lab.database.write('publishing', (db) =>
    db.updateTable('binary_package').set(CONTENT).where('build_input_id', '=', buildInputId).execute(),
  );
  await lab.store.jobs.ask({ buildInputId }, { kind: 'manual' });
  return (await lab.store.jobs.jobs({}, {})).records[0]?.id ?? 0;
}

/** A worker that finds in its store a rebuild that ended, in the place of building. */
async function startTestifying(url: string) {
  const dataFolder = await temporaryFolder();
  const store = await openStore(dataFolder);
  const service = await openServiceStore(dataFolder);
  onTestFinished(async () => {
    await service.close();
    await store.close();
  });
  const id = await store.createRebuild(sampleRequest);
  const { plan: sample, record: told } = attestedRebuild('reproducible', id);
  const expected = sample.expected.filter(({ name }) => name === TESTIFIED).map((file) => ({ ...file, ...CONTENT }));
  const plan = { ...sample, basis: 'recorded' as const, expected };
  const file = { name: TESTIFIED, ...CONTENT };
  const record: RebuildRecord = {
    ...told,
    planDigest: planDigest(plan),
    attempts: told.attempts.map((attempt) => ({
      ...{ ...attempt, artifacts: [file] },
      log: { blob: sha256Of(LOG), bytes: 18, truncated: false },
    })),
    artifacts: [{ kind: 'identical', name: TESTIFIED, published: file, rebuilt: file }],
  };
  const buildInfo = parseBuildInfo(smallBuildInfo, 'less.buildinfo');
  const published = { target: plan.target, recorded: { buildInfo, packages: [] } } as unknown as Published;
  const time = { startedAt: '2026-01-02T03:04:05.000Z', wallSeconds: 1 };
  await store.saveStage(id, { stage: 'source', value: published, ...time });
  await store.saveStage(id, { stage: 'plan', value: plan, ...time });
  await store.saveRecord(record);
  const put = (blobs: BlobStore, bytes: Uint8Array) =>
    blobs.put(
      'test',
      (async function* () {
        yield bytes;
      })(),
      bytes.length,
    );
  const worker = await startWorker(url, {
    dataFolder,
    openExecutor: async (blobs) => {
      await put(blobs, BYTES);
      await put(blobs, LOG);
      return rebuilderExecutor({
        rebuilder: { rebuild: async () => record },
        blobs,
        now: () => new Date(),
        ...{ nocheck: false, control: true, checkedHere: false },
        testify: (built) => testify(built, { stages: service.stages, blobs }),
      });
    },
  });
  return { worker, plan, record, dataFolder };
}

/** A server of the time before testimonies: says nothing of them, and refuses a result that has one. */
async function olderServer({ url }: WorkerLab): Promise<{ readonly url: string; readonly refused: () => number }> {
  let refused = 0;
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const isResult = request.url?.endsWith('/result') === true;
    if (isResult && 'testimony' in (JSON.parse(body.toString()) as { result: object }).result) {
      refused++;
      response.writeHead(400, { 'content-type': 'application/json' });
      return response.end(JSON.stringify({ error: { code: 'REQUEST_INVALID', message: 'what is that?' } }));
    }
    const { host: _, connection: __, 'transfer-encoding': ___, ...headers } = request.headers;
    const answer = await fetch(`${url}${request.url}`, {
      method: request.method ?? 'POST',
      headers: headers as Record<string, string>,
      ...(body.length === 0 ? {} : { body }),
    });
    const { takes: ____, ...rest } = (await answer.json()) as Record<string, unknown>;
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    return response.end(JSON.stringify(rest));
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address() as { port: number };
  return { url: `http://127.0.0.1:${address.port}`, refused: () => refused };
}

describe('a worker that says how it built', () => {
  it('gives the server its plan, its .buildinfo and its root file system, and keeps none of it', async () => {
    const lab = await serveWorkers();
    const jobId = await queueLess(lab);
    const { worker, plan, record } = await startTestifying(lab.url);
    await worker.told('recorded');
    const result = await lab.store.results.resultOfJob(jobId);
    expect(result).toMatchObject({ status: 'GOOD', verdict: 'reproducible', rebuildId: record.id });
    expect(await testimonyOf(result?.id ?? 0, lab)).toEqual({
      schema: 'reproof-testimony/1',
      ...{ job: jobId, lease: 1, rebuild: record.id, plan },
      buildInfo: smallBuildInfo,
      rootfs: record.environment?.rootfsDigest,
      engine: record.engine,
      verified: record.verified,
      reproof: record.reproof,
    });
    const left = await openBlobs(join(worker.dataFolder, 'blobs'));
    expect(await left.path((await lab.store.results.testimony(result?.id ?? 0)) ?? '')).toBeUndefined();
  });

  it('leaves it out for a server of a time before it, which takes the result', async () => {
    const lab = await serveWorkers();
    const jobId = await queueLess(lab);
    const older = await olderServer(lab);
    const { worker } = await startTestifying(older.url);
    await worker.told('recorded');
    const result = await lab.store.results.resultOfJob(jobId);
    expect(result).toMatchObject({ status: 'GOOD' });
    expect(await lab.store.results.testimony(result?.id ?? 0)).toBeUndefined();
    expect(older.refused()).toBe(0);
  });

  it('leaves it out where the job is named otherwise than what was built', async () => {
    const lab = await serveWorkers();
    const jobId = await queueLess(lab, { source: 'less-client' });
    const { worker } = await startTestifying(lab.url);
    await worker.told('recorded');
    const result = await lab.store.results.resultOfJob(jobId);
    expect(result).toMatchObject({ status: 'GOOD' });
    expect(await lab.store.results.testimony(result?.id ?? 0)).toBeUndefined();
  });
});
