import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  type EnvironmentLock,
  type Origin,
  type Published,
  type RebuildPlan,
  type RebuildRecord,
  ReproofError,
} from '../model/index.ts';
import { type Mirrors, mirrorsFor } from './ecosystem/debian/mirrors.ts';
import { ecosystems } from './ecosystem/index.ts';
import { connectEngine, type Engine } from './engine/client.ts';
import { storeIdentity } from './engine/ownership.ts';
import { sweepOrphans } from './engine/sweep.ts';
import type { EnvironmentContext, EnvironmentMemory } from './environment/index.ts';
import { type EvidenceKeeper, leaveEvidence, openDataEvidence } from './evidence/index.ts';
import { explainHere } from './explain/index.ts';
import { openFetcher } from './fetch/index.ts';
import { rebuild } from './pipeline.ts';
import { realStages } from './pipeline-stages.ts';
import type { Rebuilder, RebuilderOptions, RebuildOrder, Watch } from './rebuilder-options.ts';
import { readReplay } from './replay.ts';
import { checkBuildFolder } from './sandbox/build-folder.ts';
import { dockerSandbox } from './sandbox/docker.ts';
import { type OpenedStore, openBlobs, openStore, type RebuildRequest, writeEvidence } from './store/index.ts';

const MEBIBYTE = 1024 * 1024;

/**
 * Opens everything a rebuild works with, and removes what killed runs left on the engine. The engine is reached first:
 * without one nothing is begun. `signing` is what the caller has open for it, and closes; own: what is in the data folder;
 * none: another signs what is found.
 * Throws ENGINE_UNAVAILABLE, STORE_*, FETCH_*.
 */
export async function openRebuilder(
  options: RebuilderOptions,
  signing: EvidenceKeeper | 'own' | 'none' = 'own',
): Promise<Rebuilder> {
  await mkdir(options.dataFolder, { recursive: true, mode: 0o700 });
  const [engine, store] = await Promise.all([
    connectEngine(options.engine),
    openStore(options.database ?? options.dataFolder),
  ]);
  const blobs = await openBlobs(join(options.dataFolder, 'blobs'));
  const fetcher = openFetcher({
    cacheFolder: options.cacheFolder,
    ...options.fetch,
    ...(options.proxy === undefined ? {} : { proxy: options.proxy }),
  });
  const now = (): Date => new Date();
  const own =
    signing === 'own' ? openDataEvidence({ dataFolder: options.dataFolder, now, ...options.evidence }) : undefined;
  const evidence = signing === 'own' || signing === 'none' ? own : signing;
  const chosen = await mirrorsFor({
    mirror: options.mirror,
    aptFolder: options.aptFolder,
    snapshotBase: options.snapshot,
    now: now(),
  });
  const mirrors =
    options.securityMirror === undefined
      ? chosen.mirrors
      : { ...chosen.mirrors, 'debian-security': options.securityMirror };
  const storeId = await storeIdentity(options.dataFolder);
  const environments = await store.environments.environments();
  await sweepOrphans(engine, storeId, new Set(environments.map((made) => made.imageId)));

  const environment = (watch: Watch): EnvironmentContext => ({
    engine,
    fetcher,
    memory: environmentMemory(store),
    store: storeId,
    addresses: (origin) => addressesOf(origin, mirrors, options.snapshot),
    ...watch,
  });

  const run = (id: string, request: RebuildRequest, watch: Watch): Promise<RebuildRecord> =>
    rebuild({
      id,
      request,
      store,
      stages: realStages({
        id,
        sandbox: dockerSandbox(engine, storeId),
        environment: environment(watch),
        fetcher,
        blobs,
        explain: options.explain ?? explainHere,
        locate: async (asked) => {
          // A .buildinfo says itself where it was made, and is asked first.
          if (asked.target.kind !== 'buildinfo') checkMachine(asked.target.architecture, engine);
          const found = await ecosystems[asked.target.ecosystem].locate(asked.target, {
            fetcher,
            mirrors,
            snapshotBase: options.snapshot,
            keyring: options.keyring,
            allowExpired: asked.allowExpiredRelease,
            components: options.components,
            only: asked.only,
            now: now(),
            hostArchitecture: engine.architecture,
            signal: watch.signal,
          });
          if (!('kind' in found)) checkMachine(found.target.architecture, engine);
          return found;
        },
        plan: (published, lock, asked) => plan(published, lock, { asked, engine, options }),
        saveEvidence: async (record, planned) => {
          await writeEvidence(
            join(options.dataFolder, 'rebuilds'),
            { record, plan: planned, lock: planned?.lock, report: options.renderReport(record) },
            blobs,
          );
        },
        now,
        ...watch,
      }),
      evidence,
      report: watch.report,
      now,
      version: options.version,
    });

  return {
    rebuild: async (order, watch) => {
      const request = requestOf(order);
      return run(await store.createRebuild(request), request, watch);
    },
    resume: async (id, watch) => {
      const summary = await store.rebuild(id);
      const record = await store.record(summary.id);
      if (record === undefined) return run(summary.id, summary.request, watch);
      if (evidence !== undefined)
        await leaveEvidence(record, { id: record.id, store, evidence, now, report: watch.report });
      return record;
    },
    replay: async (source, watch) => {
      const replay = await readReplay(source, store);
      const id = await store.createRebuild(replay.request);
      for (const stage of replay.stages) await store.saveStage(id, stage);
      return run(id, replay.request, watch);
    },
    close: async () => {
      await fetcher.close();
      await own?.close();
      await store.close();
    },
  };
}

/** Machines that also run the programs of another: dpkg's names. */
const ALSO_RUNS: Readonly<Record<string, readonly string[]>> = { amd64: ['i386'], arm64: ['armhf', 'armel'] };

/** Throws PLAN_INVALID when the engine's machine cannot build for `architecture`. */
function checkMachine(architecture: string | undefined, engine: Engine): void {
  const runs = [engine.architecture, ...(ALSO_RUNS[engine.architecture] ?? [])];
  if (architecture === undefined || runs.includes(architecture)) return;
  throw new ReproofError(
    'PLAN_INVALID',
    `planning a build for ${architecture}: this engine's machine is ${engine.architecture}; name an engine on one that runs ${architecture} with --engine`,
  );
}

/** A path is kept whole: a resumed run may begin in another folder. */
function requestOf(order: RebuildOrder): RebuildRequest {
  const { target } = order;
  if (target.kind === 'name' || /^https?:\/\//.test(target.location)) return order;
  return { ...order, target: { ...target, location: resolve(target.location) } };
}

function plan(
  published: Published,
  lock: EnvironmentLock,
  {
    asked,
    engine,
    options,
  }: { readonly asked: RebuildRequest; readonly engine: Engine; readonly options: RebuilderOptions },
): RebuildPlan {
  const { memoryBytes, ...limits } = options.limits;
  const planned = ecosystems[published.target.ecosystem].plan(published, {
    lock,
    checks: !asked.nocheck,
    limits: { ...limits, memoryBytes: memoryBytes ?? Math.floor((engine.memoryBytes * 0.75) / MEBIBYTE) * MEBIBYTE },
    cpus: Math.min(options.cpus ?? engine.cpus, engine.cpus),
    only: asked.only,
  });
  if ('kind' in planned)
    throw new ReproofError(
      'PLAN_INVALID',
      `planning the rebuild of ${published.target.source} ${published.target.version}: ${planned.why}`,
    );
  checkBuildFolder(planned.settings);
  return planned;
}

/** What is remembered of environments, in a store. */
export function environmentMemory(store: OpenedStore): EnvironmentMemory {
  return {
    environment: async (lockDigest, engineId) => {
      const known = await store.environments.environment(lockDigest, engineId);
      if (known !== undefined) await store.environments.touchEnvironment(lockDigest, engineId);
      return known;
    },
    saveEnvironment: async ({ generated, ...made }) => {
      await store.lookups.remember('generated-files', made.rootfsDigest, generated);
      await store.environments.saveEnvironment(made);
    },
    rootfsHistory: async (lockDigest) => {
      const digests = await store.environments.rootfsDigests(lockDigest);
      return Promise.all(
        digests.map(async (rootfsDigest) => ({
          rootfsDigest,
          generated: String((await store.lookups.memo('generated-files', rootfsDigest)) ?? ''),
        })),
      );
    },
    memo: (kind, key) => store.lookups.memo(kind, key),
    remember: (kind, key, value) => store.lookups.remember(kind, key, value),
  };
}

/** Where a file of this origin can be had. A given file has no address: it is in the cache or nowhere. */
function addressesOf(origin: Origin, mirrors: Mirrors, snapshot: string): readonly string[] {
  if (origin.kind === 'snapshot') return [`${snapshot.replace(/\/+$/, '')}/file/${origin.sha1}`];
  if (origin.kind === 'given') return [];
  const root = mirrors[origin.archive as keyof Mirrors];
  // Each part is encoded by itself: a path may hold + and ~, and a mirror may take them as they are.
  return root === undefined
    ? []
    : [
        `${root}/${origin.path
          .split('/')
          .map((part) => encodeURIComponent(part).replaceAll('%2B', '+').replaceAll('%3A', ':'))
          .join('/')}`,
      ];
}
