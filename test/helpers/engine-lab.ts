import { join } from 'node:path';
import type { RebuildRecord, TargetRequest } from '../../model/index.ts';
import { connectEngine, type Engine } from '../../rebuilder/engine/client.ts';
import { openRebuilder } from '../../rebuilder/open-rebuilder.ts';
import type { Rebuilder, RebuilderOptions, RebuildOrder } from '../../rebuilder/rebuilder-options.ts';

/** Kept between runs of the tests: bases, fetched packages and indices. Deleting it only costs time. */
export const LAB_FOLDER = join(import.meta.dirname, '..', '..', '.cache', 'engine-tests');

const GIBIBYTE = 1024 ** 3;

/** The engine the tests use, as the launcher finds it. */
export function engineAddress(): string {
  return process.env.DOCKER_HOST ?? '/var/run/docker.sock';
}

export function labEngine(): Promise<Engine> {
  return connectEngine(engineAddress());
}

/** Options of a rebuilder on the real archive (as apt on this machine is set) with the lab's folders. */
export function labOptions(changes: Partial<RebuilderOptions> = {}): RebuilderOptions {
  return {
    dataFolder: join(LAB_FOLDER, 'data'),
    cacheFolder: join(LAB_FOLDER, 'cache'),
    engine: engineAddress(),
    aptFolder: '/etc/apt',
    snapshot: 'http://127.0.0.1:9',
    keyring: '/usr/share/keyrings/debian-archive-keyring.gpg',
    components: ['main'],
    limits: {
      wallSeconds: 1800,
      memoryBytes: 4 * GIBIBYTE,
      processes: 1024,
      diskBytes: 8 * GIBIBYTE,
      logBytes: GIBIBYTE / 8,
    },
    fetch: { concurrency: 8, stallSeconds: 30, tries: 4 },
    renderReport: (record) => `${record.verdict.kind}\n`,
    version: 'test',
    ...changes,
  };
}

export const quiet = { report: () => {}, signal: new AbortController().signal };

/** An order with nothing special about it. */
export function orderFor(target: TargetRequest, changes: Partial<RebuildOrder> = {}): RebuildOrder {
  return { target, only: [], nocheck: false, control: true, allowExpiredRelease: false, ...changes };
}

/** Opens a rebuilder, runs `work` with it and closes it. */
export async function withRebuilder<T>(
  options: RebuilderOptions,
  work: (rebuilder: Rebuilder) => Promise<T>,
): Promise<T> {
  const rebuilder = await openRebuilder(options);
  try {
    return await work(rebuilder);
  } finally {
    await rebuilder.close();
  }
}

/** Rebuilds a .dsc made by a test in trixie's bare build environment. */
export function rebuildDsc(
  path: string,
  options: RebuilderOptions,
  changes: Partial<RebuildOrder> = {},
): Promise<RebuildRecord> {
  return withRebuilder(options, (rebuilder) =>
    rebuilder.rebuild(orderFor({ kind: 'dsc', ecosystem: 'debian', location: path, suite: 'trixie' }, changes), quiet),
  );
}
