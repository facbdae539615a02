import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLinkKey } from '../attest/index.ts';
import { connectEngine } from './engine/client.ts';
import { openPoster } from './fetch/index.ts';
import { openLiveLogs } from './live-logs.ts';
import { openRebuilder } from './open-rebuilder.ts';
import {
  type BuildLogs,
  createWakeUps,
  type Executor,
  type LocalWorker,
  type Reverification,
  rebuilderExecutor,
  startLocalWorker,
  startSchedule,
  type WakeUps,
  wakingJobs,
} from './queue/index.ts';
import type { RebuilderOptions } from './rebuilder-options.ts';
import {
  createServer,
  type RouteGroup,
  registerApi,
  registerRebuilderd,
  runWebhooks,
  type ServerOptions,
} from './server/index.ts';
import { textLogs } from './service-logs.ts';
import { openBlobs, openServiceStore, type ServiceStore } from './store/index.ts';
import type { RetryPolicy } from './store/results/types.ts';
import {
  type ScheduledProfile,
  type SyncProfile,
  type SyncTask,
  startSyncSchedule,
  syncInChild,
} from './sync/index.ts';

export type ServiceOptions = {
  readonly dataFolder: string;
  /** The data folder, or postgres://…. */
  readonly database: string;
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly server: Pick<
    ServerOptions,
    'basePath' | 'publicUrl' | 'publicReading' | 'trustedProxies' | 'tls' | 'limits' | 'log' | 'now' | 'version'
  >;
  /** What rebuilderd's workers register with. Undefined: none can. */
  readonly signupSecret?: string;
  /** Routes beside our own API and rebuilderd's: those of workers. */
  readonly groups?: readonly RouteGroup[];
  /** Builds at a time in this process; 0: none, and no engine is needed. */
  readonly workers: number;
  readonly rebuilder: RebuilderOptions;
  /** What runs jobs here, instead of the rebuilder. */
  readonly executor?: Executor;
  readonly profiles: readonly ScheduledProfile[];
  readonly syncTask: (profile: SyncProfile) => SyncTask;
  readonly reverify?: Reverification;
  readonly retry: RetryPolicy;
  /** How long the leases of builds in this process last after each heartbeat, and how often leases that ended are looked for. */
  readonly leases?: { readonly seconds: number; readonly heartbeatSeconds: number; readonly reapSeconds: number };
  /** How long builds may go on when the service stops, before they are handed back. */
  readonly graceSeconds: number;
  /** Whether webhooks may be addresses of this machine and its own network. */
  readonly webhooksToOwnNetworks: boolean;
};

/** A service that runs. `stop` ends it in good order: nothing is lost. */
export type Service = { readonly address: string; readonly stop: () => Promise<void> };

/** Of the database, in memory: what lists read lies all over it. */
const CACHE_KIBIBYTES = 32 * 1024;
const LIVE_LOG_BYTES = 512 * 1024 ** 2;
const LEASES = { seconds: 120, heartbeatSeconds: 20, reapSeconds: 15 };
const POLL_SECONDS = 5;
const PAUSE_SECONDS = 30;
const STOP_SECONDS = 30;
const REVERIFY_SECONDS = 600;
const DAY_NOTED_SECONDS = 900;
const WEBHOOK_PAUSE_MILLISECONDS = 5_000;
const WEBHOOK_TIMEOUT_SECONDS = 20;
/** What a machine builds for beside its own architecture. */
const ALSO_BUILDS: Readonly<Record<string, readonly string[]>> = { amd64: ['i386'], arm64: ['armhf', 'armel'] };

/**
 * Opens everything a service is made of, and listens last. Throws ENGINE_UNAVAILABLE, STORE_*, DATABASE_UNAVAILABLE,
 * LISTEN_FAILED; what was opened is closed then.
 */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { log } = options.server;
  const closers: (() => Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.toReversed())
      await close().catch((error: unknown) =>
        log({ level: 'error', message: 'closing failed', facts: { error: String(error) } }),
      );
  };
  const keep = <Opened extends { close(): Promise<void> }>(opened: Opened): Opened => {
    closers.push(() => opened.close());
    return opened;
  };
  try {
    const opened = keep(await openServiceStore(options.database, { cacheKibibytes: CACHE_KIBIBYTES }));
    const wakeUps = createWakeUps();
    const store: ServiceStore = { ...opened, jobs: wakingJobs(opened.jobs, wakeUps) };
    const blobs = await openBlobs(join(options.dataFolder, 'blobs'));
    const liveLogs = keep(await openLiveLogs(join(options.dataFolder, 'live'), { maxBytes: LIVE_LOG_BYTES }));
    const poster = keep(
      openPoster({ allowOwnNetworks: options.webhooksToOwnNetworks, timeoutSeconds: WEBHOOK_TIMEOUT_SECONDS }),
    );
    const server = await createServer({ ...options.server, store, blobs, liveLogs }, [
      registerApi,
      registerRebuilderd({
        signer: await openLinkKey(options.dataFolder),
        retry: options.retry,
        ...(options.signupSecret === undefined ? {} : { signupSecret: options.signupSecret }),
      }),
      ...(options.groups ?? []),
    ]);
    closers.push(server.close);
    if (options.workers > 0) {
      const executor = options.executor ?? (await openExecutor(options, { keep, blobs }));
      const worker = await startWorker(options, { store, executor, logs: textLogs(liveLogs, log), wakeUps });
      closers.push(() => worker.stop({ graceSeconds: options.graceSeconds, stopSeconds: STOP_SECONDS }));
    }
    await warmCounts(store);
    const address = await server.listen(options);
    closers.push(startBackground(options, { store, poster }));
    return { address, stop: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** Counts and names that lists need are read once, which takes a second or two of a million results. */
async function warmCounts({ packages, results }: ServiceStore): Promise<void> {
  await results.results({}, { limit: 1 });
  await packages.counts({});
  await packages.sourcePackages({ search: 'names' }, { limit: 1 });
  await packages.sourcePackages({}, { limit: 1 });
}

async function openExecutor(
  { rebuilder: given, server }: ServiceOptions,
  parts: {
    readonly keep: <Opened extends { close(): Promise<void> }>(opened: Opened) => Opened;
    readonly blobs: Awaited<ReturnType<typeof openBlobs>>;
  },
): Promise<Executor> {
  const rebuilder = parts.keep(await openRebuilder(given));
  return rebuilderExecutor({
    rebuilder,
    blobs: parts.blobs,
    now: server.now,
    nocheck: false,
    control: true,
    checkedHere: true,
  });
}

async function startWorker(
  options: ServiceOptions,
  parts: {
    readonly store: ServiceStore;
    readonly executor: Executor;
    readonly logs: BuildLogs;
    readonly wakeUps: WakeUps;
  },
): Promise<LocalWorker> {
  const { store } = parts;
  const { log, now } = options.server;
  const { seconds: leaseSeconds, heartbeatSeconds } = options.leases ?? LEASES;
  const place = createHash('sha256').update(`${hostname()}\0${options.dataFolder}`).digest('hex').slice(0, 32);
  const architecture =
    options.executor === undefined ? (await connectEngine(options.rebuilder.engine)).architecture : '*';
  const capabilities = { architectures: [architecture, ...(ALSO_BUILDS[architecture] ?? []), 'all'] };
  const { id } = await store.access.registerWorker({
    name: `local ${hostname()}`,
    key: `local:${place}`,
    kind: 'local',
    capabilities,
  });
  return startLocalWorker({
    jobs: store.jobs,
    results: store.results,
    executor: parts.executor,
    worker: { id, capabilities },
    builds: options.workers,
    retry: options.retry,
    leaseSeconds,
    heartbeatSeconds,
    pollSeconds: POLL_SECONDS,
    pauseSeconds: PAUSE_SECONDS,
    wakeUps: parts.wakeUps,
    logs: parts.logs,
    now,
    onEvent: (event) => {
      const facts = 'leased' in event ? { job: event.leased.job.id, source: event.leased.job.source } : {};
      if (event.kind === 'trouble')
        log({ level: 'error', message: event.doing, facts: { error: String(event.error) } });
      else log({ level: 'info', message: `a build: ${event.kind}`, facts });
    },
  });
}

/** What nobody asks for: syncs, leases that ended, old verdicts, days, webhooks. Gives what stops it all. */
function startBackground(
  options: ServiceOptions,
  { store, poster }: { readonly store: ServiceStore; readonly poster: ReturnType<typeof openPoster> },
): () => Promise<void> {
  const { log, now } = options.server;
  const stopping = new AbortController();
  const { signal } = stopping;
  const failed = (message: string) => (error: unknown) =>
    log({ level: 'error', message, facts: { error: error instanceof Error ? error.message : String(error) } });
  const schedule = startSchedule({
    jobs: store.jobs,
    ...(options.reverify === undefined ? {} : { reverify: options.reverify }),
    reapSeconds: (options.leases ?? LEASES).reapSeconds,
    reverifySeconds: REVERIFY_SECONDS,
    now,
    onError: failed('the schedule of the queue failed'),
  });
  const syncs = startSyncSchedule({
    profiles: options.profiles,
    packages: store.packages,
    run: (profile, until) => syncInChild(options.syncTask(profile), until),
    report: (event) =>
      log({
        level: event.kind === 'failed' ? 'warn' : 'info',
        message: `a sync ${event.kind}`,
        facts: { profile: event.profile, ...(event.kind === 'failed' ? { error: String(event.error) } : {}) },
      }),
    now,
    signal,
  });
  const days = (async () => {
    while (!signal.aborted) {
      await store.packages.noteDay().catch(failed("noting the day's counts failed"));
      await sleep(DAY_NOTED_SECONDS * 1000, undefined, { signal }).catch(() => {});
    }
  })();
  const webhooks = runWebhooks({ store, poster, now, log, pauseMilliseconds: WEBHOOK_PAUSE_MILLISECONDS }, signal);
  return async () => {
    stopping.abort();
    await Promise.all([schedule.stop(), syncs.stopped.catch(failed('the schedule of syncs failed')), days, webhooks]);
  };
}
