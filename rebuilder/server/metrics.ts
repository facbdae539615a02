import type { FastifyReply, FastifyRequest } from 'fastify';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { RouteGroup, ServerContext } from './context.ts';

/** Counting a list of packages takes time, and scrapers come often. */
const COUNTS_MILLISECONDS = 15_000;

/** What is measured: `observe` sees every answer, `routes` shows it. */
export type Metrics = {
  readonly observe: (request: FastifyRequest, reply: FastifyReply) => void;
  readonly routes: RouteGroup;
};

/** `/metrics` for Prometheus, `/healthz` (the process answers) and `/readyz` (so does its database). */
export function createMetrics(context: ServerContext): Metrics {
  const registry = new Registry();
  const durations = new Histogram({
    name: 'reproof_http_request_duration_seconds',
    help: 'How long requests took, by route',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
    registers: [registry],
  });
  const failures = new Counter({
    name: 'reproof_http_failures_total',
    help: 'Requests that failed by our fault',
    registers: [registry],
  });
  const refresh = gauges(registry, context);

  const observe = (request: FastifyRequest, reply: FastifyReply): void => {
    const route = request.routeOptions.url ?? 'none';
    const status = `${Math.floor(reply.statusCode / 100)}xx`;
    durations.observe({ method: request.method, route, status }, reply.elapsedTime / 1000);
    if (reply.statusCode >= 500) failures.inc();
  };
  const plain = (reply: FastifyReply) => reply.header('cache-control', 'no-store').type('text/plain; charset=utf-8');
  const schema = { hide: true };

  return {
    observe,
    routes: (app) => {
      app.get('/metrics', { onRequest: context.access.require('reader'), schema }, async (_request, reply) => {
        await refresh();
        return plain(reply)
          .type(registry.contentType)
          .send(await registry.metrics());
      });
      app.get('/healthz', { schema }, async (_request, reply) => plain(reply).send('ok\n'));
      app.get('/readyz', { schema }, async (_request, reply) => {
        await context.store.jobs.state();
        return plain(reply).send('ready\n');
      });
    },
  };
}

function gauges(registry: Registry, { store, now }: ServerContext): () => Promise<void> {
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  // The names that Arch Linux's own scripts give these two.
  const length = gauge('rebuilderd_queue_length', 'Jobs in the queue');
  const workers = gauge('rebuilderd_workers', 'Workers that are registered');
  const jobs = gauge('reproof_jobs', 'Jobs by state', ['state']);
  const running = gauge('reproof_builds_running', 'Builds that run');
  const paused = gauge('reproof_queue_paused', '1 while no jobs are given out');
  const packages = gauge('reproof_packages', 'Published files by status', [
    'distribution',
    'release',
    'architecture',
    'status',
  ]);
  const ages = gauge('reproof_sync_age_seconds', 'Seconds since the last good sync of a profile', ['profile']);
  const failed = gauge('reproof_sync_failed', '1 where the last sync of a profile failed', ['profile']);
  let countedAt = 0;

  return async () => {
    const [counts, state, registered, profiles] = await Promise.all([
      store.jobs.counts({}),
      store.jobs.state(),
      store.access.workers({ limit: 1 }),
      store.packages.profiles(),
    ]);
    length.set(counts.running + counts.available + counts.pending);
    workers.set(registered.total);
    for (const [name, count] of Object.entries(counts)) jobs.set({ state: name }, count);
    running.set(counts.running);
    paused.set(state.paused || state.draining ? 1 : 0);
    ages.reset();
    failed.reset();
    for (const { name, finishedAt, error } of profiles) {
      if (finishedAt !== undefined) ages.set({ profile: name }, (now().getTime() - Date.parse(finishedAt)) / 1000);
      failed.set({ profile: name }, error === undefined ? 0 : 1);
    }
    if (now().getTime() - countedAt < COUNTS_MILLISECONDS) return;
    countedAt = now().getTime();
    packages.reset();
    for (const { distribution, release = '', architecture, ...rest } of await store.packages.counts({}))
      for (const status of ['good', 'bad', 'fail', 'unknown'] as const)
        packages.inc({ distribution, release, architecture, status }, rest[status]);
  };
}
