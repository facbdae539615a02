import { randomBytes } from 'node:crypto';
import type { Worker } from '../../store/access/types.ts';
import type { App, ServerContext } from '../context.ts';
import { byId, readPart } from '../paging.ts';
import {
  auditEntry,
  auditQuery,
  delivery,
  deliveryQuery,
  madeWebhook,
  webhook,
  webhookBody,
  webhooks,
  worker,
  workerQuery,
} from '../schemas/access.ts';
import { failure, idParams, pageOf } from '../schemas/fields.ts';
import { there } from './packages.ts';

const SECRET_BYTES = 24;

/** Workers, webhooks and the audit log. */
export function registerAccess(app: App, { store, access }: ServerContext): void {
  const admin = access.require('admin');

  app.get(
    '/api/workers',
    {
      onRequest: access.require('reader'),
      schema: {
        tags: ['workers'],
        summary: 'Who builds. Addresses and keys are told to operators',
        querystring: workerQuery,
        response: { 200: pageOf(worker), '4xx': failure },
      },
    },
    async (request) => {
      const token = await access.tokenOf(request);
      const full = token !== undefined && (token.role === 'operator' || token.role === 'admin');
      const part = await readPart(request.query, { name: 'workers', filter: {} }, (page) => store.access.workers(page));
      return { ...part, records: part.records.map((one) => (full ? one : publicWorker(one))) };
    },
  );

  app.post(
    '/api/workers/:id/revoke',
    {
      onRequest: admin,
      schema: {
        tags: ['workers'],
        summary: "Takes a worker's rights away for good",
        params: idParams,
        response: { 200: worker, '4xx': failure },
      },
    },
    async (request) => {
      const { id } = request.params;
      there(await store.access.worker(id), 'a worker');
      const entry = { actor: access.actorOf(request), action: 'worker.revoke', subject: `worker:${id}`, detail: {} };
      await store.noted(
        ({ access: changed }) => changed.revokeWorker(id),
        (isRevoked) => (isRevoked ? entry : undefined),
      );
      return there(await store.access.worker(id), 'a worker');
    },
  );

  app.get(
    '/api/audit',
    {
      onRequest: admin,
      schema: {
        tags: ['access'],
        summary: 'Who changed what, newest first',
        querystring: auditQuery,
        response: { 200: pageOf(auditEntry), '4xx': failure },
      },
    },
    async ({ query }) =>
      readPart(byId(query), { name: 'audit', filter: {}, fallback: 'descending' }, (page) =>
        store.access.auditLog(page),
      ),
  );

  app.get(
    '/api/webhooks',
    {
      onRequest: admin,
      schema: { tags: ['webhooks'], summary: 'Who is told of results', response: { 200: webhooks, '4xx': failure } },
    },
    async () => ({ records: await store.access.webhooks() }),
  );

  app.post(
    '/api/webhooks',
    {
      onRequest: admin,
      schema: {
        tags: ['webhooks'],
        summary: 'Tells an address of results from now on. The secret is answered once',
        body: webhookBody,
        response: { 201: madeWebhook, '4xx': failure },
      },
    },
    async (request, reply) => {
      const { url, events, secret = randomBytes(SECRET_BYTES).toString('base64url') } = request.body;
      const newest = await store.results.results({}, { direction: 'descending', limit: 1 });
      const lastResultId = newest.records[0]?.id ?? 0;
      const entry = { actor: access.actorOf(request), action: 'webhook.create', detail: { url, events } };
      const made = await store.noted(
        ({ access: changed }) => changed.createWebhook({ url, events, secret, lastResultId }),
        ({ id }) => ({ ...entry, subject: `webhook:${id}` }),
      );
      return reply.code(201).send(made);
    },
  );

  app.delete(
    '/api/webhooks/:id',
    {
      onRequest: admin,
      schema: {
        tags: ['webhooks'],
        summary: 'Tells it no more',
        params: idParams,
        response: { 200: webhook, '4xx': failure },
      },
    },
    async (request) => {
      const { id } = request.params;
      const found = there(
        (await store.access.webhooks()).find((one) => one.id === id),
        'a webhook',
      );
      const entry = { actor: access.actorOf(request), action: 'webhook.remove', subject: `webhook:${id}`, detail: {} };
      await store.noted(
        ({ access: changed }) => changed.removeWebhook(id),
        (isRemoved) => (isRemoved ? entry : undefined),
      );
      return found;
    },
  );

  app.get(
    '/api/webhooks/:id/deliveries',
    {
      onRequest: admin,
      schema: {
        tags: ['webhooks'],
        summary: 'What it was told, newest first',
        params: idParams,
        querystring: deliveryQuery,
        response: { 200: pageOf(delivery), '4xx': failure },
      },
    },
    async ({ params, query }) => {
      there(
        (await store.access.webhooks()).find((one) => one.id === params.id),
        'a webhook',
      );
      const list = { name: 'deliveries', filter: { webhook: params.id }, fallback: 'descending' as const };
      return readPart(byId(query), list, (page) => store.access.deliveries(params.id, page));
    },
  );
}

/** Of a worker only what is no help to whoever would attack it. */
function publicWorker({ address: _address, key: _key, ...shown }: Worker) {
  return shown;
}
