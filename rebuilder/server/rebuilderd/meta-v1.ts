import { z } from 'zod';
import type { App, ServerContext } from '../context.ts';
import { given } from '../paging.ts';
import * as queries from './queries.ts';

const name = z.string().max(1_000);

/** What of version 1 counts and names: the dashboard, and where packages come from. */
export function registerMeta(app: App, context: ServerContext): void {
  const { packages, jobs } = context.store;
  const onRequest = context.access.require('reader');
  const hide = { hide: true } as const;

  app.get('/dashboard', { onRequest, schema: { ...hide, querystring: queries.originQuery } }, async ({ query }) => {
    const filter = queries.originOf(query);
    const counts = await packages.counts(filter);
    const sum = (key: 'good' | 'bad' | 'fail' | 'unknown') => counts.reduce((total, one) => total + one[key], 0);
    return {
      rebuilds: { good: sum('good'), bad: sum('bad'), fail: sum('fail'), unknown: sum('unknown') },
      jobs: await jobs.counts(filter),
    };
  });
  app.get(
    '/stats',
    { onRequest, schema: { ...hide, querystring: queries.originQuery.extend({ since: z.iso.date().optional() }) } },
    async ({ query }) => {
      const { since } = query;
      const days = await packages.days({ ...queries.originOf(query), ...given({ since }) });
      return days.map((day) => ({ ...day, release: day.release ?? null }));
    },
  );
  app.get('/meta/distributions', { onRequest, schema: hide }, () => packages.distributions());
  const ofDistribution = { onRequest, schema: { ...hide, params: z.object({ distribution: name }) } };
  app.get('/meta/distributions/:distribution/releases', ofDistribution, async ({ params }) =>
    (await packages.releases(params.distribution)).map((release) => release ?? null),
  );
  app.get('/meta/distributions/:distribution/architectures', ofDistribution, ({ params }) =>
    packages.architectures(params.distribution),
  );
  app.get(
    '/meta/distributions/:distribution/releases/:release/architectures',
    { onRequest, schema: { ...hide, params: z.object({ distribution: name, release: name }) } },
    ({ params }) => packages.architectures(params.distribution, params.release === '-' ? null : params.release),
  );
}
