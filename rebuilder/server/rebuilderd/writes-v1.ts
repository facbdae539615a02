import type { FastifyRequest } from 'fastify';
import { ReproofError } from '../../../model/index.ts';
import type { AskFilter } from '../../store/jobs/types.ts';
import { PRIORITY } from '../../store/jobs/types.ts';
import type { App, ServerContext } from '../context.ts';
import { askJobs, tellPart } from '../lists/index.ts';
import { given } from '../paging.ts';
import { answerList, found } from './answers.ts';
import * as bodies from './bodies.ts';
import { importReport } from './imports.ts';
import * as queries from './queries.ts';
import type { Reports } from './take-report.ts';
import { jobView, workerView } from './views.ts';
import { readNaiveTime } from './wire.ts';
import type { Workers } from './workers.ts';

const JOB_COLUMNS = { id: 'id', priority: 'priority', queued_at: 'queued_at' } as const;
const WORKER_COLUMNS = { id: 'id', name: 'name' } as const;
/** All that a suite publishes, which is some 30 MB of the largest. */
const IMPORT_LIMITS = { bodyBytes: 64 * 1024 ** 2, unpackedBytes: 128 * 1024 ** 2 };
/** What workers say of themselves. */
const SMALL_BODY = { bodyBytes: 64 * 1024, unpackedBytes: 64 * 1024 };
/** A report carries a log and texts as lists of numbers: four bytes for each of theirs. */
const REPORT_LIMITS = { bodyBytes: 128 * 1024 ** 2, unpackedBytes: 512 * 1024 ** 2, byteLists: true };

/** What of version 1 changes: packages, the queue, workers and what they report. */
export function registerWrites(
  app: App,
  context: ServerContext,
  { workers, reports }: { readonly workers: Workers; readonly reports: Reports },
): void {
  const { store, access, now } = context;
  const { packages, jobs } = store;
  const hide = { hide: true } as const;
  const reading = { onRequest: access.require('reader') };
  const operating = { onRequest: access.require('operator'), schema: hide };
  const entry = (request: FastifyRequest, action: string, detail: unknown) => ({
    actor: access.actorOf(request),
    action,
    subject: 'rebuilderd',
    detail,
  });

  app.post('/packages', { ...operating, config: { body: IMPORT_LIMITS } }, async (request, reply) => {
    const report = bodies.readBody(bodies.packageReport, request.body);
    await importReport(packages, report);
    const { distribution, release, architecture } = report;
    const detail = { distribution, release, architecture, packages: report.packages.length };
    await store.access.audit(entry(request, 'packages.import', detail));
    return reply.code(204).send();
  });

  app.get('/queue', { ...reading, schema: { ...hide, querystring: queries.listQuery } }, ({ query }, reply) => {
    const { name, version } = query;
    const filter = { ...queries.originOf(query), ...given({ name, version }) };
    return answerList(reply, queries.pageOf(query, JOB_COLUMNS), askJobs(context, filter));
  });
  const byId = { ...hide, params: queries.idParams };
  app.get('/queue/:id', { ...reading, schema: byId }, async ({ params }) =>
    jobView(found(await jobs.job(params.id), 'a job')),
  );
  app.post('/queue', operating, async (request) => {
    const { status, priority, ...selection } = bodies.readBody(bodies.queueRequest, request.body);
    const filter = { ...given(selection), ...given({ status: status === 'UNKWN' ? 'none' : status }) } as AskFilter;
    const requestedBy = access.actorOf(request);
    const affected = await store.noted(
      (changed) => changed.jobs.ask(filter, { kind: 'manual', priority: priority ?? PRIORITY.manual, requestedBy }),
      (count) => entry(request, 'queue.ask', { ...selection, status, affected: count }),
    );
    return { affected };
  });
  app.delete(
    '/queue',
    { ...operating, schema: { ...hide, querystring: queries.listQuery } },
    async (request, reply) => {
      const { name, version } = request.query;
      const filter = { ...queries.originOf(request.query), ...given({ name, version }) };
      await store.noted(
        (changed) => changed.jobs.cancel(filter),
        (affected) => entry(request, 'queue.cancel', { ...filter, affected }),
      );
      return reply.code(204).send();
    },
  );
  app.delete('/queue/:id', { ...operating, schema: byId }, async (request, reply) => {
    const { id } = request.params;
    const affected = await store.noted(
      (changed) => changed.jobs.cancel({ id }),
      (count) => (count === 0 ? undefined : entry(request, 'queue.cancel', { id })),
    );
    if (affected === 0) throw new ReproofError('JOB_UNKNOWN', 'dropping a job: there is no such job');
    return reply.code(204).send();
  });

  app.get('/workers', { ...reading, schema: { ...hide, querystring: queries.pageQuery } }, ({ query }, reply) =>
    answerList(reply, queries.pageOf(query, WORKER_COLUMNS), async (page, telling) =>
      tellPart(await store.access.workers(page), telling, (worker) => workerView(worker, now())),
    ),
  );
  app.get('/workers/:id', { ...reading, schema: byId }, async ({ params }) =>
    workerView(found(await store.access.worker(params.id), 'a worker'), now()),
  );
  app.delete('/workers/:id', { onRequest: access.require('admin'), schema: byId }, async (request, reply) => {
    const { id } = request.params;
    const isRevoked = await store.noted(
      (changed) => changed.access.revokeWorker(id),
      (done) => (done ? entry(request, 'worker.revoke', { id }) : undefined),
    );
    if (!isRevoked) throw new ReproofError('RESOURCE_UNKNOWN', 'revoking a worker: there is no such worker');
    return reply.code(204).send();
  });
  const working = { onRequest: workers.isWorker, schema: hide };
  const small = { body: SMALL_BODY };
  app.post('/workers', { onRequest: workers.mayBecome, schema: hide, config: small }, async (request, reply) => {
    const { name } = bodies.readBody(bodies.registration, request.body);
    const worker = await workers.register(request, name);
    await store.access.audit({ actor: `worker:${worker.id}`, action: 'worker.register', subject: name, detail: {} });
    return reply.code(204).send();
  });

  app.post('/queue/pop', { ...working, config: small }, async (request, reply) => {
    const worker = await workers.of(request);
    const can = bodies.readBody(bodies.popRequest, request.body);
    const leased = await workers.claim(worker, {
      backends: can.supported_backends,
      architectures: can.supported_architectures,
    });
    if (leased === undefined) return reply.type('application/json').send('"Nothing"');
    reports.noteGiven(worker, leased);
    const artifacts = leased.input.files.map(({ name, version, architecture, url }) => ({
      name,
      version,
      architecture,
      url,
    }));
    return { Rebuild: { job: jobView(leased.job, leased.input), artifacts } };
  });
  app.post('/queue/:id/ping', { ...working, schema: byId, config: small }, async (request, reply) => {
    const worker = await workers.of(request);
    if (!(await workers.ping(worker, request.params.id)))
      throw new ReproofError('JOB_UNKNOWN', 'keeping a job: it is not of that worker, or was dropped');
    return reply.code(204).send();
  });
  app.post('/builds', { ...working, config: { body: REPORT_LIMITS } }, async (request, reply) => {
    const worker = await workers.of(request);
    const report = bodies.readBody(bodies.buildReport, request.body);
    const builtAt = readNaiveTime(report.built_at, now());
    await reports.take(worker, report.queue_id, {
      status: report.status,
      log: report.build_log,
      ...(builtAt === undefined ? {} : { builtAt }),
      files: report.artifacts.map(({ name, status, diffoscope, attestation }) => ({
        name,
        status,
        ...(diffoscope === undefined ? {} : { diffoscope }),
        ...(attestation === undefined ? {} : { attestation }),
      })),
    });
    return reply.code(204).send();
  });
}
