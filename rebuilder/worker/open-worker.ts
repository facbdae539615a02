import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sha256 } from '../../model/index.ts';
import { openDispatcher, type ProxySettings } from '../fetch/proxy.ts';
import type { Executor } from '../queue/index.ts';
import { keyIdOf } from '../signed-request/index.ts';
import { type BlobStore, openBlobs } from '../store/index.ts';
import type { Capabilities } from '../store/jobs/types.ts';
import { openConnection } from './connection.ts';
import { workerKey } from './key.ts';
import { openOutbox } from './outbox.ts';
import type { Patience } from './persist.ts';
import { type RemoteWorkerEvent, runWorker } from './run-worker.ts';
import { serverAddress } from './server-address.ts';

export type WorkerSettings = {
  /** The server's address. */
  readonly server: string;
  readonly dataFolder: string;
  /** A file with an Ed25519 private key in PEM, made when it is not there; undefined: one of the data folder, for this server alone. */
  readonly keyFile?: string;
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly signupSecret?: string;
  /** Builds at a time. */
  readonly builds: number;
  readonly proxy?: ProxySettings;
  /** Makes what runs the jobs: its blobs are what the results name. */
  readonly openExecutor: (blobs: BlobStore) => Promise<Executor>;
  /** Told before a blob of an answered result is removed from the data folder. */
  readonly beforeForgetting?: (sha256: Sha256) => Promise<void>;
  readonly onEvent: (event: RemoteWorkerEvent) => void;
  readonly now: () => Date;
  /** How long a stop may take; 30 when not given. */
  readonly stopSeconds?: number;
  /** How long is waited between tries; for tests. */
  readonly patience?: Patience;
};

/**
 * Works for a server until the signal aborts; docs/worker-protocol.md. Key and results on their way lie in
 * `workers/` of the data folder, in a folder for each server. Throws SETTINGS_INVALID, STORE_FAILED, ACCESS_REQUIRED,
 * ACCESS_DENIED, what opening the executor throws, and INTERRUPTED when the signal comes before the worker is registered.
 */
export async function workFor(settings: WorkerSettings, signal: AbortSignal): Promise<void> {
  const { base, folderName } = serverAddress(settings.server);
  const folder = join(settings.dataFolder, 'workers', folderName);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const key = await workerKey(settings.keyFile ?? join(folder, 'key.pem'));
  const blobs = await openBlobs(join(settings.dataFolder, 'blobs'));
  const outbox = await openOutbox(join(folder, 'outbox'));
  const executor = await settings.openExecutor(blobs);
  const connection = openConnection({ base, key, dispatcher: openDispatcher(settings.proxy ?? {}), now: settings.now });
  try {
    await runWorker({ ...settings, executor, connection, blobs, outbox, keyId: keyIdOf(key) }, signal);
  } finally {
    await connection.close();
  }
}
