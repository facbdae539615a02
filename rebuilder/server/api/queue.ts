import type { App, ServerContext } from '../context.ts';
import { answerPart, askJobs } from '../lists/index.ts';
import { given, originOf } from '../paging.ts';
import { changeQueue, type QueueChange, setQueue } from '../queue-changes.ts';
import { failure, idParams, pageOf } from '../schemas/fields.ts';
import { affected, askBody, job, jobSelection, priorityBody, queueQuery, queueState } from '../schemas/queue.ts';
import { there } from './packages.ts';

/** What is to be built. Reading is for readers; changing is for operators, and noted. */
export function registerQueue(app: App, context: ServerContext): void {
  const { store, access } = context;
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
    async ({ query }, reply) => {
      const { name, version, kind, state: of, worker: workerId } = query;
      const filter = { ...originOf(query), ...given({ name, version, kind, state: of, workerId }) };
      const ordered = { ...query, sort: query.sort ?? ('priority' as const) };
      return answerPart(reply, { query: ordered, list: { name: 'queue', filter } }, askJobs(context, filter));
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
    async (request) => change(request, { kind: 'ask', asked: request.body }),
  );

  app.post(
    '/api/queue/cancel',
    {
      onRequest: operator,
      schema: { tags, summary: 'Takes jobs out of the queue, and stops those that run', body: jobSelection, response },
    },
    async (request) => change(request, { kind: 'cancel', jobs: request.body }),
  );

  app.post(
    '/api/queue/priority',
    {
      onRequest: operator,
      schema: { tags, summary: 'Begins jobs sooner (a lower number) or later', body: priorityBody, response },
    },
    async (request) => change(request, { kind: 'priority', ...request.body }),
  );

  app.post(
    '/api/queue/retry',
    {
      onRequest: operator,
      schema: { tags, summary: 'Queues what failed (or has the status named) again', body: askBody, response },
    },
    async (request) => change(request, { kind: 'retry', asked: request.body }),
  );

  for (const [verb, summary] of [
    ['pause', 'Gives out no jobs until resumed; what runs goes on'],
    ['drain', 'Gives out no jobs, for workers to be stopped when they are done'],
    ['resume', 'Gives out jobs again'],
  ] as const)
    app.post(
      `/api/queue/${verb}`,
      { onRequest: operator, schema: { tags, summary, response: { 200: queueState, '4xx': failure } } },
      async (request) => {
        await setQueue(store, access.actorOf(request), verb);
        return state();
      },
    );

  async function change(
    request: Parameters<typeof access.actorOf>[0],
    wanted: QueueChange,
  ): Promise<{ affected: number }> {
    return { affected: await changeQueue(store, access.actorOf(request), wanted) };
  }
}
