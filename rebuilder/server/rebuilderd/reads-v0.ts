import { Readable } from 'node:stream';
import { z } from 'zod';
import { type LinkSigner, publicKeyPem } from '../../../attest/index.ts';
import { ReproofError, sha256Of } from '../../../model/index.ts';
import type { Job } from '../../store/jobs/types.ts';
import type { PackageFilter } from '../../store/packages/types.ts';
import type { App, ServerContext } from '../context.ts';
import { given } from '../paging.ts';
import { sendBlob } from '../send-blob.ts';
import { found, innerJson } from './answers.ts';
import { attestationOf } from './attestations.ts';
import * as bodies from './bodies.ts';
import { codingFor } from './codings.ts';
import { createFreshness } from './freshness.ts';
import { keepWarm } from './keep-warm.ts';
import { keptLists } from './kept-lists.ts';
import { idParams } from './queries.ts';
import { oldJobView, oldWorkerView } from './views.ts';
import { askedStatus, naiveTime } from './wire.ts';

const text = z.string().max(1_000).optional();
const listQuery = z.object({ name: text, status: text, distro: text, suite: text, architecture: text });
const PIECE = 500;

/** What of version 0 only reads. */
export function registerOldReads(app: App, context: ServerContext, signer: LinkSigner): void {
  const { store, blobs, access, now } = context;
  const { packages, jobs, results } = store;
  const onRequest = access.require('reader');
  const hide = { hide: true } as const;
  const freshness = createFreshness(store, now);
  const lists = keptLists(store);

  app.get(
    '/pkgs/list',
    { onRequest, schema: { ...hide, querystring: listQuery } },
    async ({ query, headers }, reply) => {
      const { lastModified, stamp } = await freshness();
      const etag = `"${sha256Of(JSON.stringify([stamp, query])).slice(0, 32)}"`;
      reply.headers({ 'last-modified': lastModified.toUTCString(), etag });
      const since = Date.parse(headers['if-modified-since'] ?? '');
      if (headers['if-none-match'] === undefined && since >= lastModified.getTime()) return reply.code(304).send();
      const { name, distro: distribution, suite: component, architecture } = query;
      const status = query.status === undefined ? undefined : askedStatus(query.status);
      if (query.status !== undefined && status === undefined)
        throw new ReproofError('REQUEST_INVALID', 'reading the status: it is one of GOOD, BAD and UNKWN');
      const filter = given({ name, distribution, component, architecture, status }) as PackageFilter;
      // A list of a name is short: it is packed with all other answers.
      const coding = name === undefined ? codingFor(headers['accept-encoding']) : 'identity';
      if (name === undefined) reply.header('vary', 'accept-encoding');
      if (coding !== 'identity') reply.header('content-encoding', coding);
      const body = Readable.from(lists.body(filter, coding), { objectMode: false });
      return reply.type('application/json').send(body);
    },
  );
  keepWarm(app, context, lists);

  const itemsOf = async (listed: readonly Job[]) => {
    const inputs = await packages.buildInputs(listed.map((job) => job.buildInputId));
    return listed.map((job) => oldJobView(job, inputs.get(job.buildInputId)));
  };
  app.post('/queue/list', { onRequest, schema: hide }, async (request, reply) => {
    const { limit } = bodies.readBody(bodies.oldList, request.body);
    return reply.type('application/json').send(Readable.from(queue(limit ?? undefined), { objectMode: false }));
  });

  async function* queue(limit: number | undefined): AsyncGenerator<string> {
    yield `{"now":"${naiveTime(now().toISOString())}","queue":[`;
    let left = limit ?? Number.POSITIVE_INFINITY;
    let after: number | undefined;
    for (let separator = ''; left > 0; separator = ',') {
      const page = { sort: 'priority', limit: Math.min(PIECE, left), ...given({ after }) } as const;
      const { records } = await jobs.jobs({}, page);
      if (records.length === 0) break;
      yield separator + innerJson(await itemsOf(records));
      left -= records.length;
      after = records.at(-1)?.id;
    }
    yield ']}';
  }

  app.get('/dashboard', { onRequest, schema: hide }, async () => {
    const suites: Record<string, { good: number; unknown: number; bad: number }> = {};
    for (const { component = '', good, bad, fail, unknown } of await packages.counts({})) {
      const suite = suites[component] ?? { good: 0, unknown: 0, bad: 0 };
      suites[component] = { good: suite.good + good, unknown: suite.unknown + unknown + fail, bad: suite.bad + bad };
    }
    const running = await jobs.jobs({ state: 'leased' }, { sort: 'id', limit: PIECE });
    const { available, pending } = await jobs.counts({});
    return {
      suites,
      active_builds: await itemsOf(running.records),
      queue_length: running.total + available + pending,
      now: naiveTime(now().toISOString()),
    };
  });
  app.get('/public-keys', { onRequest, schema: hide }, async () => ({ current: [publicKeyPem(signer.publicKey)] }));
  app.get('/workers', { onRequest: access.require('operator'), schema: hide }, async () => {
    const { records } = await store.access.workers({});
    return records.map((worker) => oldWorkerView(worker, now()));
  });

  const byBuild = { onRequest, schema: { ...hide, params: idParams } };
  app.get('/builds/:id/log', byBuild, async ({ params }, reply) => {
    const { log } = found(await results.result(params.id), 'a build');
    return sendBlob(blobs, reply, { sha256: log?.sha256, type: 'text/plain; charset=utf-8', as: 'inert' });
  });
  // Of the first file that has one: version 0 cannot name others.
  app.get('/builds/:id/diffoscope', byBuild, async ({ params }, reply) => {
    const report = (await results.artifacts(params.id)).find((artifact) => artifact.report !== undefined)?.report;
    return sendBlob(blobs, reply, { sha256: report, type: 'text/plain; charset=utf-8', as: 'inert' });
  });
  app.get('/builds/:id/attestation', byBuild, async ({ params }) => {
    const artifacts = await results.artifacts(params.id);
    const attested = artifacts.find((artifact) => artifact.attestation !== undefined || artifact.checkedHere);
    return attestationOf(found(attested, 'an attestation'), { results, blobs, signer });
  });
}
