import { mirrorsFor } from '../ecosystem/debian/mirrors.ts';
import { openFetcher, type ProxySettings } from '../fetch/index.ts';
import { openPackages } from '../store/index.ts';
import { runSync } from './run-sync.ts';
import type { SyncOutcome, SyncProfile, SyncProgress } from './types.ts';

/** A sync with all that it needs of this machine: plain JSON, so that another process can be told of it. */
export type SyncTask = {
  readonly profile: SyncProfile;
  /** Whose store is written: a data folder, or postgres://…. */
  readonly data: string;
  readonly cache: string;
  readonly keyring: string;
  readonly aptFolder: string;
  readonly mirror?: string | undefined;
  readonly securityMirror?: string | undefined;
  readonly snapshot: string;
  readonly fetch: { readonly concurrency: number; readonly stallSeconds: number; readonly tries: number };
  readonly proxy?: ProxySettings | undefined;
};

/** Runs a sync in this process, with connections of its own that are closed at its end. Throws as runSync. */
export async function performSync(
  task: SyncTask,
  { report, signal }: { readonly report?: (progress: SyncProgress) => void; readonly signal: AbortSignal },
): Promise<SyncOutcome> {
  const now = new Date();
  const { mirror, aptFolder, snapshot: snapshotBase, securityMirror } = task;
  const { mirrors } = await mirrorsFor({ mirror, aptFolder, snapshotBase, now });
  const packages = await openPackages(task.data);
  const fetcher = openFetcher({
    cacheFolder: task.cache,
    ...task.fetch,
    ...(task.proxy === undefined ? {} : { proxy: task.proxy }),
  });
  try {
    const outcome = await runSync(task.profile, {
      packages,
      fetcher,
      mirrors: securityMirror === undefined ? mirrors : { ...mirrors, 'debian-security': securityMirror },
      keyring: task.keyring,
      now,
      signal,
      ...(report === undefined ? {} : { report }),
    });
    if (outcome.kind === 'synced') await packages.noteDay();
    return outcome;
  } finally {
    await fetcher.close();
    await packages.close();
  }
}
