import type { JobFilter } from '../../store/jobs/types.ts';
import { PRIORITY } from '../../store/jobs/types.ts';
import type { App, ServerContext } from '../context.ts';
import { given, originOf, readPart } from '../paging.ts';
import { failure, idParams, pageOf } from '../schemas/fields.ts';
import { affected, askBody, job, jobSelection, priorityBody, queueQuery, queueState } from '../schemas/queue.ts';
import { there } from './packages.ts';

/** What is to be built. Reading is for readers; changing is for operators, and noted. */
export function registerQueue(app: App, { store, access }: ServerContext): void {
  const reader = access.require('reader');
  const operator = access.require('operator');
  const tags = ['queue'];
  const response = { 200: affected, '4xx': failure };
  const state = async () => ({ ...(await store.jobs.state()), ...(await store.jobs.counts({})) });

  app.get(
    '/api/queue',
    {
      onRequest: reader,
      schema: {
        tags,
        summary: 'Jobs, in the order they are begun',
        querystring: queueQuery,
        response: { 200: pageOf(job), '4xx': failure },
      },
    },
    async ({ query }) => {
      const { name, version, kind, state: of, worker: workerId } = query;
      const filter = { ...originOf(query), ...given({ name, version, kind, state: of, workerId }) };
      const ordered = { ...query, sort: query.sort ?? ('priority' as const) };
      return readPart(ordered, { name: 'queue', filter }, (page) => store.jobs.jobs(filter, page));
    },
  );

  app.get(
    '/api/queue/state',
    {
      onRequest: reader,
      schema: {
        tags,
        summary: 'Whether jobs are given out, and how many there are',
        response: { 200: queueState, '4xx': failure },
      },
    },
    state,
  );

  app.get(
    '/api/queue/:id',
    {
      onRequest: reader,
      schema: { tags, summary: 'One job', params: idParams, response: { 200: job, '4xx': failure } },
    },
    async ({ params }) => there(await store.jobs.job(params.id), 'a job'),
  );

  app.post(
    '/api/queue',
    { onRequest: operator, schema: { tags, summary: 'Queues what matches, by hand', body: askBody, response } },
    async (request) => {
      const { priority = PRIORITY.manual, ...selection } = request.body;
      return change('queue.ask', request, () => {
        const { name, version, buildInputId, status } = selection;
        const actor = access.actorOf(request);
        return store.jobs.ask(
          { ...originOf(selection), ...given({ name, version, buildInputId, status }) },
          { kind: 'manual', priority, requestedBy: actor },
        );
      });
    },
  );

  app.post(
    '/api/queue/cancel',
    {
      onRequest: operator,
      schema: { tags, summary: 'Takes jobs out of the queue, and stops those that run', body: jobSelection, response },
    },
    async (request) => change('queue.cancel', request, () => store.jobs.cancel(jobFilter(request.body))),
  );

  app.post(
    '/api/queue/priority',
    {
      onRequest: operator,
      schema: { tags, summary: 'Begins jobs sooner (a lower number) or later', body: priorityBody, response },
    },
    async (request) =>
      change('queue.priority', request, () =>
        store.jobs.setPriority(jobFilter(request.body.jobs), request.body.priority),
      ),
  );

  app.post(
    '/api/queue/retry',
    {
      onRequest: operator,
      schema: { tags, summary: 'Queues what failed (or has the status named) again', body: askBody, response },
    },
    async (request) => {
      const { priority = PRIORITY.retry, status = 'FAIL', ...selection } = request.body;
      return change('queue.retry', request, () => {
        const { name, version, buildInputId } = selection;
        return store.jobs.ask(
          { ...originOf(selection), ...given({ name, version, buildInputId }), status },
          { kind: 'manual', priority, requestedBy: access.actorOf(request) },
        );
      });
    },
  );

  for (const [verb, next, summary] of [
    ['pause', { paused: true }, 'Gives out no jobs until resumed; what runs goes on'],
    ['drain', { draining: true }, 'Gives out no jobs, for workers to be stopped when they are done'],
    ['resume', { paused: false, draining: false }, 'Gives out jobs again'],
  ] as const)
    app.post(
      `/api/queue/${verb}`,
      { onRequest: operator, schema: { tags, summary, response: { 200: queueState, '4xx': failure } } },
      async (request) => {
        await store.jobs.setState(next);
        await store.access.audit({
          actor: access.actorOf(request),
          action: `queue.${verb}`,
          subject: 'queue',
          detail: {},
        });
        return state();
      },
    );

  async function change(
    action: string,
    request: Parameters<typeof access.actorOf>[0],
    work: () => Promise<number>,
  ): Promise<{ affected: number }> {
    const count = await work();
    const detail = { request: request.body, affected: count };
    await store.access.audit({ actor: access.actorOf(request), action, subject: 'queue', detail });
    return { affected: count };
  }
}

function jobFilter(selection: Parameters<typeof originOf>[0] & Readonly<Record<string, unknown>>): JobFilter {
  const { id, name, version, kind, state } = selection;
  return { ...originOf(selection), ...given({ id, name, version, kind, state }) } as JobFilter;
}
