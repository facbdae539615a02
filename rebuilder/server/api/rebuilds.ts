import { ReproofError } from '../../../model/index.ts';
import type { App, ServerContext } from '../context.ts';
import { answerPart, askRebuilds } from '../lists/index.ts';
import { byId, given, originOf } from '../paging.ts';
import { content, failure, idParams, pageOf } from '../schemas/fields.ts';
import {
  artifactParams,
  artifacts,
  digestParams,
  historyParams,
  historyQuery,
  rebuild,
  rebuildQuery,
  rebuildWithFiles,
  regressionQuery,
} from '../schemas/results.ts';
import { sendBlob } from '../send-blob.ts';
import { there } from './packages.ts';

const SAME_BYTES = 1000;
const JSON_TYPE = 'application/json; charset=utf-8';
const TEXT_TYPE = 'text/plain; charset=utf-8';

/** What builds ended in. */
export function registerRebuilds(app: App, context: ServerContext): void {
  const { store, blobs, access } = context;
  const onRequest = access.require('reader');
  const tags = ['rebuilds'];

  app.get(
    '/api/rebuilds',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Ended attempts, newest first',
        querystring: rebuildQuery,
        response: { 200: pageOf(rebuild), '4xx': failure },
      },
    },
    async ({ query }, reply) => {
      const { name, version, status, verdict, change, since, worker: workerId } = query;
      const filter = { ...originOf(query), ...given({ name, version, status, verdict, change, since, workerId }) };
      const list = { name: 'rebuilds', filter, fallback: 'descending' as const };
      return answerPart(reply, { query, list }, askRebuilds(context, filter));
    },
  );

  app.get(
    '/api/regressions',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Attempts that came out worse than the last judged one of the same package and release',
        querystring: regressionQuery,
        response: { 200: pageOf(rebuild), '4xx': failure },
      },
    },
    async ({ query }, reply) => {
      const { name, since } = query;
      const filter = { ...originOf(query), change: ['regression'] as const, ...given({ name, since }) };
      const list = { name: 'regressions', filter, fallback: 'descending' as const };
      return answerPart(reply, { query: byId(query), list }, askRebuilds(context, filter));
    },
  );

  app.get(
    '/api/packages/:distribution/:source/history',
    {
      onRequest,
      schema: {
        tags,
        summary: 'All that was recorded of a source package, newest first',
        params: historyParams,
        querystring: historyQuery,
        response: { 200: pageOf(rebuild), '4xx': failure },
      },
    },
    async ({ params, query }, reply) => {
      const filter = {
        ...originOf({ ...query, distribution: params.distribution }),
        ...given({ name: params.source, version: query.version }),
      };
      const list = { name: 'history', filter, fallback: 'descending' as const };
      return answerPart(reply, { query: byId(query), list }, askRebuilds(context, filter));
    },
  );

  app.get(
    '/api/rebuilds/:id',
    {
      onRequest,
      schema: {
        tags,
        summary: 'One ended attempt with its files',
        params: idParams,
        response: { 200: rebuildWithFiles, '4xx': failure },
      },
    },
    async ({ params }) => ({
      ...there(await store.results.result(params.id), 'a rebuild'),
      artifacts: await store.results.artifacts(params.id),
    }),
  );

  app.get(
    '/api/rebuilds/:id/log',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Its log; characters that move a terminal are shown as \\xHH',
        params: idParams,
        response: { 200: content('text/plain', 'the log'), '4xx': failure },
      },
    },
    async ({ params }, reply) => {
      const found = there(await store.results.result(params.id), 'a rebuild');
      return sendBlob(blobs, reply, { sha256: found.log?.sha256, type: TEXT_TYPE, as: 'inert' });
    },
  );

  app.get(
    '/api/rebuilds/:id/record',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Its whole record, as docs/json.md describes it',
        params: idParams,
        response: { 200: content('application/json', 'the record'), '4xx': failure },
      },
    },
    async ({ params }, reply) => {
      const found = there(await store.results.result(params.id), 'a rebuild');
      return sendBlob(blobs, reply, { sha256: found.record, type: JSON_TYPE, as: 'stored' });
    },
  );

  for (const [part, type, as, summary] of [
    ['difference', JSON_TYPE, 'stored', 'The tree of differences of a file'],
    ['report', TEXT_TYPE, 'inert', 'The same as text for people'],
    ['attestation', JSON_TYPE, 'unpacked', 'What is attested of a file: an in-toto link'],
  ] as const)
    app.get(
      `/api/rebuilds/:id/artifacts/:artifactId/${part}`,
      {
        onRequest,
        schema: {
          tags,
          summary,
          params: artifactParams,
          response: { 200: content(type.replace(/;.*/, ''), summary), '4xx': failure },
        },
      },
      async ({ params }, reply) => {
        const found = there(await store.results.artifact(params.artifactId), 'a file');
        if (found.resultId !== params.id)
          throw new ReproofError('RESOURCE_UNKNOWN', 'looking up a file: it is of another rebuild');
        return sendBlob(blobs, reply, { sha256: found[part], type, as });
      },
    );

  app.get(
    '/api/artifacts/:digest',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Where a file with these bytes was published or rebuilt, newest first',
        params: digestParams,
        response: { 200: artifacts, '4xx': failure },
      },
    },
    async ({ params }) => ({
      records: await store.results.artifactsBySha256(params.digest.slice('sha256:'.length), SAME_BYTES),
    }),
  );
}
