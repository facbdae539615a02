import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { openLinkKey } from '../attest/index.ts';
import { collectSeldom } from './collect-seldom.ts';
import { connectEngine } from './engine/client.ts';
import { dataKeys, type EvidenceKeeper, openDataEvidence } from './evidence/index.ts';
import { explainInChildren } from './explain/index.ts';
import { openPoster } from './fetch/index.ts';
import { openLiveLogs } from './live-logs.ts';
import { openRebuilder } from './open-rebuilder.ts';
import { logFolder } from './open-transparency-log.ts';
import {
  type BuildLogs,
  createWakeUps,
  type Executor,
  type LocalWorker,
  rebuilderExecutor,
  startLocalWorker,
  type WakeUps,
  wakingJobs,
} from './queue/index.ts';
import {
  createServer,
  evidenceRoutes,
  type Lists,
  listsOf,
  logFileRoutes,
  openDashboard,
  openLists,
  openPieces,
  preparingResults,
  registerApi,
  registerRebuilderd,
  statementRoutes,
} from './server/index.ts';
import { startBackground } from './service-background.ts';
import { notingResults, startServiceEvidence } from './service-evidence.ts';
import { textLogs } from './service-logs.ts';
import type { ServiceOptions } from './service-options.ts';
import { isPostgresAddress, openBlobs, openServiceStore, type ServiceStore, STORE_FILE } from './store/index.ts';

export type { ServiceOptions } from './service-options.ts';

/** A service that runs. `stop` ends it in good order: nothing is lost. */
export type Service = { readonly address: string; readonly stop: () => Promise<void> };

/** Of the database, in memory: what pages read lies all over it. */
const CACHE_KIBIBYTES = 32 * 1024;
/** Whoever builds more than one package at once has them compared one after the other: each takes a processor and 0.3 GB. */
const COMPARISONS_AT_ONCE = 1;
const LIVE_LOG_BYTES = 512 * 1024 ** 2;
const LEASES = { seconds: 120, heartbeatSeconds: 20 };
const POLL_SECONDS = 5;
const PAUSE_SECONDS = 30;
const STOP_SECONDS = 30;
const WEBHOOK_TIMEOUT_SECONDS = 20;
/** What a machine builds for beside its own architecture. */
const ALSO_BUILDS: Readonly<Record<string, readonly string[]>> = { amd64: ['i386'], arm64: ['armhf', 'armel'] };

/**
 * Opens everything a service is made of, and listens last. Throws ENGINE_UNAVAILABLE, STORE_*, DATABASE_UNAVAILABLE,
 * LISTEN_FAILED; what was opened is closed then.
 */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { log } = options.server;
  const collectAsBefore = collectSeldom();
  const closers: (() => Promise<void>)[] = [async () => collectAsBefore()];
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
    const opened = keep(await openServiceStore(options.database, { cacheKibibytes: CACHE_KIBIBYTES, aside: true }));
    const wakeUps = createWakeUps();
    const blobs = await openBlobs(join(options.dataFolder, 'blobs'));
    const pieces = keep(await openPieces(join(options.dataFolder, 'pieces'), blobs));
    const place = { dataFolder: options.dataFolder, now: options.server.now, ...options.evidence };
    const evidence = keep(openDataEvidence(place));
    const parts = { evidence, keys: dataKeys(place), store: opened, blobs };
    const attesting = startServiceEvidence({ ...options, ...options.server, ...parts });
    closers.push(attesting.stop);
    const store: ServiceStore = {
      ...opened,
      jobs: wakingJobs(opened.jobs, wakeUps),
      results: notingResults(preparingResults(opened.results, pieces, log), attesting.note),
      noted: async (change, entryOf) => {
        const value = await opened.noted(change, entryOf);
        wakeUps.wake();
        return value;
      },
    };
    const liveLogs = keep(await openLiveLogs(join(options.dataFolder, 'live'), { maxBytes: LIVE_LOG_BYTES }));
    const poster = keep(
      openPoster({ allowOwnNetworks: options.webhooksToOwnNetworks, timeoutSeconds: WEBHOOK_TIMEOUT_SECONDS }),
    );
    const dashboard = await openDashboard();
    const lists = isPostgresAddress(options.database)
      ? listsOf(store)
      : keep(openLists(join(options.database, STORE_FILE)));
    const shown = { ...options.server, store, lists, blobs, pieces, liveLogs, errorPages: dashboard.errorPages };
    const server = await createServer(shown, [
      registerApi,
      dashboard.routes,
      registerRebuilderd({
        signer: await openLinkKey(options.dataFolder),
        retry: options.retry,
        ...(options.signupSecret === undefined ? {} : { signupSecret: options.signupSecret }),
      }),
      statementRoutes(evidence),
      evidenceRoutes({ dataFolder: options.dataFolder, ...parts }),
      logFileRoutes(logFolder(options.dataFolder)),
      ...(options.groups ?? []),
    ]);
    closers.push(server.close);
    if (options.workers > 0) {
      const executor = options.executor ?? (await openExecutor(options, { keep, blobs, evidence }));
      const worker = await startWorker(options, { store, executor, logs: textLogs(liveLogs, log), wakeUps });
      closers.push(() => worker.stop({ graceSeconds: options.graceSeconds, stopSeconds: STOP_SECONDS }));
    }
    await Promise.all([warmCounts(store), warmLists(store, lists)]);
    await dashboard.warm(shown);
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
  await results.results({ change: ['regression'] }, { limit: 1 });
  await packages.sourcePackages({ search: 'names', maintainerHolds: 'names' }, { limit: 1 });
  await packages.sourcePackages({ regressed: true }, { limit: 1 });
  await packages.sourcePackages({}, { limit: 1 });
}

/** What reads lists has read one, and from then on reads ahead what will be asked for. */
async function warmLists({ packages }: ServiceStore, lists: Lists): Promise<void> {
  const facts = await packages.listFacts('binaries', {});
  await lists.ask({ list: 'targets', filter: {}, page: { limit: 1 }, facts }, { words: 'ours' });
}

async function openExecutor(
  { rebuilder: given, server }: ServiceOptions,
  parts: {
    readonly keep: <Opened extends { close(): Promise<void> }>(opened: Opened) => Opened;
    readonly blobs: Awaited<ReturnType<typeof openBlobs>>;
    readonly evidence: EvidenceKeeper;
  },
): Promise<Executor> {
  const explain = explainInChildren(COMPARISONS_AT_ONCE);
  const rebuilder = parts.keep(await openRebuilder({ explain, ...given }, parts.evidence));
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
