import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { ReproofError } from '../../../model/index.ts';
import type { AskFilter, JobFilter } from '../../store/jobs/types.ts';
import { PRIORITY } from '../../store/jobs/types.ts';
import type { App, ServerContext } from '../context.ts';
import { given } from '../paging.ts';
import * as bodies from './bodies.ts';
import { importSuite } from './imports.ts';
import type { Report } from './report.ts';
import type { Reports } from './take-report.ts';
import { oldJobView } from './views.ts';
import type { Workers } from './workers.ts';

/** How much of a key a worker of version 0, which has no name, is called by. */
const KEY_CHARACTERS = 8;
/** All that a suite publishes, which is some 30 MB of the largest. */
const IMPORT_LIMITS = { bodyBytes: 64 * 1024 ** 2, unpackedBytes: 128 * 1024 ** 2 };
/** What workers say of themselves. */
const SMALL_BODY = { bodyBytes: 64 * 1024, unpackedBytes: 64 * 1024 };
/** Logs are text here, and held as such while they are read: three times their size. */
const REPORT_LIMITS = { bodyBytes: 128 * 1024 ** 2, unpackedBytes: 128 * 1024 ** 2 };

/** What of version 0 changes. Answers are JSON's null, or "Nothing". */
export function registerOldWrites(
  app: App,
  context: ServerContext,
  { workers, reports }: { readonly workers: Workers; readonly reports: Reports },
): void {
  const { store, access } = context;
  const { packages } = store;
  const schema = { hide: true } as const;
  const operating = { onRequest: access.require('operator'), schema };
  const entry = (request: FastifyRequest, action: string, detail: unknown) => ({
    actor: access.actorOf(request),
    action,
    subject: 'rebuilderd',
    detail,
  });

  app.post('/pkgs/sync', { ...operating, config: { body: IMPORT_LIMITS } }, async (request, reply) => {
    const report = bodies.readBody(bodies.suiteImport, request.body);
    await importSuite(packages, report);
    const detail = { distribution: report.distro, packages: report.groups.length };
    await store.access.audit(entry(request, 'packages.import', detail));
    return answer(reply, 'Nothing');
  });
  for (const [path, fallback] of [
    ['/queue/push', PRIORITY.manual],
    ['/pkg/requeue', PRIORITY.retry],
  ] as const)
    app.post(path, operating, async (request, reply) => {
      const asked = bodies.readBody(bodies.oldSelection, request.body);
      const status = asked.status === 'UNKWN' ? 'none' : asked.status;
      const filter = { ...selectionOf(asked), ...given({ status }) } as AskFilter;
      const priority = asked.priority ?? fallback;
      await store.noted(
        (changed) => changed.jobs.ask(filter, { kind: 'manual', priority, requestedBy: access.actorOf(request) }),
        (affected) => entry(request, 'queue.ask', { ...filter, affected }),
      );
      return answer(reply, null);
    });
  app.post('/queue/drop', operating, async (request, reply) => {
    const filter = selectionOf(bodies.readBody(bodies.oldSelection, request.body)) as JobFilter;
    await store.noted(
      (changed) => changed.jobs.cancel(filter),
      (affected) => entry(request, 'queue.cancel', { ...filter, affected }),
    );
    return answer(reply, null);
  });

  const joining = { onRequest: workers.mayBecome, schema, config: { body: SMALL_BODY } };
  const working = { onRequest: workers.isWorker, schema };
  app.post('/queue/pop', joining, async (request, reply) => {
    const can = bodies.readBody(bodies.oldPop, request.body);
    const worker = await workers.of(request).catch(() => {
      const key = request.headers['x-worker-key'];
      return workers.register(request, typeof key === 'string' ? key.slice(0, KEY_CHARACTERS) : '');
    });
    // It does not say what machine it is: a server of that generation had jobs of one alone.
    const leased = await workers.claim(worker, { backends: can.supported_backends, architectures: ['*'] });
    if (leased === undefined) return answer(reply, 'Nothing');
    reports.noteGiven(worker, leased);
    return answer(reply, { Rebuild: oldJobView(leased.job, leased.input) });
  });
  app.post('/build/ping', { ...working, config: { body: SMALL_BODY } }, async (request, reply) => {
    const worker = await workers.of(request);
    const { queue_id: id } = bodies.readBody(bodies.oldPing, request.body);
    if (!(await workers.ping(worker, id)))
      throw new ReproofError('JOB_UNKNOWN', 'keeping a job: it is not of that worker, or was dropped');
    return answer(reply, null);
  });
  app.post('/build/report', { ...working, config: { body: REPORT_LIMITS } }, async (request, reply) => {
    const worker = await workers.of(request);
    const report = bodies.readBody(bodies.oldReport, request.body);
    await reports.take(worker, report.queue.id, readOldReport(report));
    return answer(reply, null);
  });
}

function answer(reply: { type(type: string): { send(body: string): unknown } }, value: unknown) {
  return reply.type('application/json').send(JSON.stringify(value));
}

function selectionOf({ name, version, distro, suite, architecture }: z.output<typeof bodies.oldSelection>) {
  return given({ name, version, distribution: distro, component: suite, architecture });
}

/** A build failed by its worker where any of its files did; it is good where all are. */
function readOldReport(report: z.output<typeof bodies.oldReport>): Report {
  const said = report.rebuilds.map(([, file]) => file.status);
  const isFailed = said.length === 0 || said.includes('Fail');
  return {
    status: isFailed ? 'FAIL' : said.includes('Bad') ? 'BAD' : 'GOOD',
    log: Buffer.from(report.build_log),
    files: isFailed
      ? []
      : report.rebuilds.map(([{ name }, { status, diffoscope, attestation }]) => ({
          name,
          status: status === 'Good' ? ('GOOD' as const) : ('BAD' as const),
          ...(typeof diffoscope === 'string' ? { diffoscope: Buffer.from(diffoscope) } : {}),
          ...(typeof attestation === 'string' ? { attestation: Buffer.from(attestation) } : {}),
        })),
  };
}
