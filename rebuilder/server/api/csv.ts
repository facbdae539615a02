import type { FastifyReply } from 'fastify';
import type { Job } from '../../store/jobs/types.ts';
import type { BinaryPackage, SourcePackage } from '../../store/packages/types.ts';
import type { PageRequest } from '../../store/page.ts';
import type { Result } from '../../store/results/types.ts';
import type { App, ServerContext } from '../context.ts';
import { type CsvColumn, sendCsv } from '../csv.ts';
import { given, originOf } from '../paging.ts';
import { content, failure } from '../schemas/fields.ts';
import { attemptsQuery, daysQuery, sourceQuery, statsQuery, targetQuery } from '../schemas/packages.ts';
import { queueQuery } from '../schemas/queue.ts';
import { historyParams, historyQuery, rebuildQuery, regressionQuery } from '../schemas/results.ts';
import { packageFilter } from './packages.ts';

const parts = { cursor: true, limit: true } as const;

/** Columns by the names of a row's fields. */
function fields<Row>(...names: readonly (keyof Row & string)[]): readonly CsvColumn<Row>[] {
  return names.map((name) => [name, (row) => row[name] as string | number | boolean | undefined] as const);
}

const SOURCE = fields<SourcePackage>(
  ...(['id', 'distribution', 'release', 'component', 'name', 'version', 'maintainer', 'status', 'resultId'] as const),
  ...(['seen', 'lastSeenAt'] as const),
);
const TARGET = fields<BinaryPackage>(
  ...(['id', 'distribution', 'release', 'component', 'source', 'sourceVersion', 'name', 'version'] as const),
  ...(['architecture', 'fileName', 'sha256', 'size', 'status', 'verdict', 'reason', 'resultId', 'builtAt'] as const),
  ...(['rebuiltSha256', 'seen'] as const),
);
const REBUILD = fields<Result>(
  ...(['id', 'distribution', 'release', 'source', 'version', 'architecture', 'status', 'verdict', 'reason'] as const),
  ...(['decides', 'change', 'startedAt', 'builtAt', 'wallSeconds', 'exitStatus', 'origin'] as const),
);
const JOB = fields<Job>(
  ...(['id', 'distribution', 'release', 'source', 'version', 'architecture', 'kind', 'priority', 'state'] as const),
  ...(['queuedAt', 'notBefore', 'leasedAt', 'stage'] as const),
);

/** The lists of the API as CSV: whole, in the same order and with the same filters. */
export function registerCsv(app: App, { store, access }: ServerContext): void {
  const onRequest = access.require('reader');
  const about = (tag: string, summary: string) => ({
    tags: [tag],
    summary: `${summary}, as CSV`,
    response: { 200: content('text/csv', 'a table'), '4xx': failure },
  });
  const results = (reply: FastifyReply, name: string, query: ResultQuery, more: object = {}) => {
    const { name: source, version, status, verdict, change, since, worker: workerId } = query;
    const { direction = 'descending', sort } = query;
    const filter = {
      ...originOf(query),
      ...given({ name: source, version, status, verdict, change, since, workerId }),
      ...more,
    } as Parameters<typeof store.results.results>[0];
    const order = { direction, ...given({ sort }) } as PageRequest<'id' | 'built_at'>;
    return sendCsv(reply, { name, columns: REBUILD }, (page) => store.results.results(filter, { ...order, ...page }));
  };

  app.get(
    '/api/sources.csv',
    { onRequest, schema: { ...about('targets', 'Source packages'), querystring: sourceQuery.omit(parts) } },
    async ({ query }, reply) => {
      const { sort, direction } = query;
      return sendCsv(reply, { name: 'sources', columns: SOURCE }, (page) =>
        store.packages.sourcePackages(packageFilter(query), { ...given({ sort, direction }), ...page }),
      );
    },
  );
  app.get(
    '/api/targets.csv',
    { onRequest, schema: { ...about('targets', 'Published files'), querystring: targetQuery.omit(parts) } },
    async ({ query }, reply) => {
      const { sort, direction, source, sha256 } = query;
      const filter = { ...packageFilter(query), ...given({ source, sha256 }) };
      return sendCsv(reply, { name: 'targets', columns: TARGET }, (page) =>
        store.packages.binaryPackages(filter, { ...given({ sort, direction }), ...page }),
      );
    },
  );
  app.get(
    '/api/rebuilds.csv',
    { onRequest, schema: { ...about('rebuilds', 'Ended attempts'), querystring: rebuildQuery.omit(parts) } },
    async ({ query }, reply) => results(reply, 'rebuilds', query),
  );
  app.get(
    '/api/regressions.csv',
    { onRequest, schema: { ...about('rebuilds', 'Regressions'), querystring: regressionQuery.omit(parts) } },
    async ({ query }, reply) => results(reply, 'regressions', query, { change: ['regression'] }),
  );
  app.get(
    '/api/packages/:distribution/:source/history.csv',
    {
      onRequest,
      schema: {
        ...about('rebuilds', 'All that was recorded of a source package'),
        params: historyParams,
        querystring: historyQuery.omit(parts),
      },
    },
    async ({ params, query }, reply) =>
      results(reply, 'history', { ...query, distribution: params.distribution, name: params.source }),
  );
  app.get(
    '/api/queue.csv',
    { onRequest, schema: { ...about('queue', 'Jobs'), querystring: queueQuery.omit(parts) } },
    async ({ query }, reply) => {
      const { name, version, kind, state, worker: workerId, sort = 'priority', direction } = query;
      const filter = { ...originOf(query), ...given({ name, version, kind, state, workerId }) };
      return sendCsv(reply, { name: 'queue', columns: JOB }, (page) =>
        store.jobs.jobs(filter, { sort, ...given({ direction }), ...page }),
      );
    },
  );
  const counted = ['good', 'bad', 'fail', 'unknown'] as const;
  app.get(
    '/api/stats.csv',
    { onRequest, schema: { ...about('stats', 'Published files by status'), querystring: statsQuery } },
    async ({ query }, reply) => {
      const records = await store.packages.counts(originOf(query));
      type Row = (typeof records)[number];
      const columns = fields<Row>('distribution', 'release', 'component', 'architecture', ...counted);
      return sendCsv(reply, { name: 'stats', columns }, async () => ({ records }));
    },
  );
  app.get(
    '/api/stats/days.csv',
    { onRequest, schema: { ...about('stats', 'Published files by status and day'), querystring: daysQuery } },
    async ({ query }, reply) => {
      const records = await store.packages.days({ ...originOf(query), ...given({ since: query.since }) });
      type Row = (typeof records)[number];
      const columns = fields<Row>('day', 'distribution', 'release', 'architecture', ...counted);
      return sendCsv(reply, { name: 'days', columns }, async () => ({ records }));
    },
  );
  app.get(
    '/api/stats/causes.csv',
    { onRequest, schema: { ...about('stats', 'Unreproducible packages by cause'), querystring: statsQuery } },
    async ({ query }, reply) => {
      const records = await store.packages.causes(originOf(query));
      type Row = (typeof records)[number];
      const columns = fields<Row>('distribution', 'release', 'cause', 'packages');
      return sendCsv(reply, { name: 'causes', columns }, async () => ({ records }));
    },
  );
  app.get(
    '/api/stats/reasons.csv',
    {
      onRequest,
      schema: { ...about('stats', 'Packages that are not reproducible by reason'), querystring: statsQuery },
    },
    async ({ query }, reply) => {
      const records = await store.packages.reasons(originOf(query));
      type Row = (typeof records)[number];
      const columns = fields<Row>('distribution', 'release', 'verdict', 'reason', 'packages');
      return sendCsv(reply, { name: 'reasons', columns }, async () => ({ records }));
    },
  );
  app.get(
    '/api/stats/attempts.csv',
    { onRequest, schema: { ...about('stats', 'Attempts by day and how they ended'), querystring: attemptsQuery } },
    async ({ query }, reply) => {
      const records = await store.results.attempts({ ...originOf(query), since: query.since });
      type Row = (typeof records)[number];
      const columns = fields<Row>('day', 'distribution', 'release', 'architecture', 'verdict', 'reason', 'attempts');
      return sendCsv(reply, { name: 'attempts', columns }, async () => ({ records }));
    },
  );
}

type ResultQuery = Parameters<typeof originOf>[0] & {
  readonly name?: string | undefined;
  readonly version?: string | undefined;
  readonly status?: readonly string[] | undefined;
  readonly verdict?: readonly string[] | undefined;
  readonly change?: readonly string[] | undefined;
  readonly since?: string | undefined;
  readonly worker?: number | undefined;
  readonly sort?: string | undefined;
  readonly direction?: 'ascending' | 'descending' | undefined;
};
