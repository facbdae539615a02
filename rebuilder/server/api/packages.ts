import { ReproofError } from '../../../model/index.ts';
import type { PackageFilter } from '../../store/packages/types.ts';
import type { App, ServerContext } from '../context.ts';
import { answerPart, askSources, askTargets } from '../lists/index.ts';
import { given, originOf } from '../paging.ts';
import { failure, idParams, pageOf } from '../schemas/fields.ts';
import {
  attempts,
  attemptsQuery,
  causes,
  days,
  daysQuery,
  profiles,
  reasons,
  source,
  sourceQuery,
  stats,
  statsQuery,
  target,
  targetQuery,
} from '../schemas/packages.ts';

/** What is published, and what became of it. */
export function registerPackages(app: App, context: ServerContext): void {
  const { store, access } = context;
  const onRequest = access.require('reader');

  app.get(
    '/api/targets',
    {
      onRequest,
      schema: {
        tags: ['targets'],
        summary: 'Published files, and what became of their latest judged rebuilds',
        querystring: targetQuery,
        response: { 200: pageOf(target), '4xx': failure },
      },
    },
    async ({ query }, reply) => {
      const { source: of, sha256 } = query;
      const filter = { ...packageFilter(query), ...given({ source: of, sha256 }) };
      return answerPart(reply, { query, list: { name: 'targets', filter } }, askTargets(context, filter));
    },
  );

  app.get(
    '/api/targets/:id',
    {
      onRequest,
      schema: {
        tags: ['targets'],
        summary: 'One published file',
        params: idParams,
        response: { 200: target, '4xx': failure },
      },
    },
    async ({ params }) => there(await store.packages.binaryPackage(params.id), 'a target'),
  );

  app.get(
    '/api/sources',
    {
      onRequest,
      schema: {
        tags: ['targets'],
        summary: "Source packages, each with the worst of its builds' statuses",
        querystring: sourceQuery,
        response: { 200: pageOf(source), '4xx': failure },
      },
    },
    async ({ query }, reply) => {
      const filter = packageFilter(query);
      return answerPart(reply, { query, list: { name: 'sources', filter } }, askSources(context, filter));
    },
  );

  app.get(
    '/api/sources/:id',
    {
      onRequest,
      schema: {
        tags: ['targets'],
        summary: 'One source package',
        params: idParams,
        response: { 200: source, '4xx': failure },
      },
    },
    async ({ params }) => there(await store.packages.sourcePackage(params.id), 'a source package'),
  );

  app.get(
    '/api/stats',
    {
      onRequest,
      schema: {
        tags: ['stats'],
        summary: 'How many published files have each status now',
        querystring: statsQuery,
        response: { 200: stats, '4xx': failure },
      },
    },
    async ({ query }) => ({ records: await store.packages.counts(originOf(query)) }),
  );

  app.get(
    '/api/stats/causes',
    {
      onRequest,
      schema: {
        tags: ['stats'],
        summary: 'How many unreproducible source packages have each kind of difference, the commonest first',
        querystring: statsQuery,
        response: { 200: causes, '4xx': failure },
      },
    },
    async ({ query }) => ({ records: await store.packages.causes(originOf(query)) }),
  );

  app.get(
    '/api/stats/reasons',
    {
      onRequest,
      schema: {
        tags: ['stats'],
        summary: 'How many source packages are not reproducible, by verdict and reason, the commonest first',
        querystring: statsQuery,
        response: { 200: reasons, '4xx': failure },
      },
    },
    async ({ query }) => ({ records: await store.packages.reasons(originOf(query)) }),
  );

  app.get(
    '/api/stats/attempts',
    {
      onRequest,
      schema: {
        tags: ['stats'],
        summary: 'How attempts ended on each day from one on, oldest first',
        querystring: attemptsQuery,
        response: { 200: attempts, '4xx': failure },
      },
    },
    async ({ query }) => ({
      records: await store.results.attempts({ ...originOf(query), since: query.since }),
    }),
  );

  app.get(
    '/api/stats/days',
    {
      onRequest,
      schema: {
        tags: ['stats'],
        summary: 'The same at the end of each day, oldest first',
        querystring: daysQuery,
        response: { 200: days, '4xx': failure },
      },
    },
    async ({ query }) => ({
      records: await store.packages.days({ ...originOf(query), ...given({ since: query.since }) }),
    }),
  );

  app.get(
    '/api/profiles',
    {
      onRequest,
      schema: { tags: ['stats'], summary: 'Syncs, and how they ended', response: { 200: profiles, '4xx': failure } },
    },
    async () => ({ records: await store.packages.profiles() }),
  );
}

export function packageFilter(
  query: Parameters<typeof originOf>[0] & Readonly<Record<string, unknown>>,
): PackageFilter {
  const { name, version, search, status, maintainer, seen, cause, regressed, verdict, reason } = query;
  return {
    ...originOf(query),
    ...given({
      name,
      version,
      search,
      status,
      maintainer,
      cause,
      verdict,
      reason,
      nameStartsWith: query['name-starts-with'],
    }),
    ...given({ maintainerHolds: query['maintainer-holds'] }),
    ...(seen === true ? { seenOnly: true } : {}),
    ...(regressed === true ? { regressed: true } : {}),
  } as PackageFilter;
}

/** What was found. Throws RESOURCE_UNKNOWN where nothing was. */
export function there<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new ReproofError('RESOURCE_UNKNOWN', `looking up ${what}: there is none of this id`);
  return value;
}
