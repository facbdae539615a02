import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { sha256Of } from '../../model/index.ts';
import { type LiveLogs, openLiveLogs } from '../../rebuilder/live-logs.ts';
import {
  createServer,
  openPieces,
  type RouteGroup,
  type Server,
  type ServerOptions,
} from '../../rebuilder/server/index.ts';
import { type WorkerRoutesOptions, workerRoutes } from '../../rebuilder/server/worker/index.ts';
import { keyIdOf, signRequest } from '../../rebuilder/signed-request/index.ts';
import type { Database } from '../../rebuilder/store/database.ts';
import { type BlobStore, createServiceStore, openBlobs, type ServiceStore } from '../../rebuilder/store/index.ts';
import { openSqlite } from '../../rebuilder/store/sqlite.ts';
import { signupProof } from '../../rebuilder/worker-protocol/index.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const SIGNUP = 'a secret for signing up';
const NO_RETRY = { baseHours: 24, limits: { buildFailures: 0, ourFailures: 0, differing: 0 } } as const;

/** What a served folder is opened with. */
export type LabOptions = {
  readonly folder?: string;
  readonly port?: number;
  readonly routes?: Partial<WorkerRoutesOptions>;
  readonly server?: Partial<ServerOptions>;
  /** Routes beside those of workers. */
  readonly groups?: readonly RouteGroup[];
  readonly now?: () => Date;
};

/** A real server over a real SQLite file that workers can speak to. */
export type WorkerLab = {
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  readonly store: ServiceStore;
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly liveLogs: LiveLogs;
  readonly server: Server;
  readonly close: () => Promise<void>;
};

/** Serves a folder on loopback until the test ends, or `close`. */
export async function serveWorkers(options: LabOptions = {}): Promise<WorkerLab> {
  const folder = options.folder ?? (await temporaryFolder());
  const now = options.now ?? (() => new Date());
  const database = await openSqlite(join(folder, 'service.sqlite3'), { now });
  const store = createServiceStore(database);
  const blobs = await openBlobs(join(folder, 'blobs'));
  const pieces = await openPieces(join(folder, 'pieces'), blobs);
  const liveLogs = await openLiveLogs(join(folder, 'live'), { maxBytes: 1024 * 1024 });
  const server = await createServer(
    {
      store,
      blobs,
      pieces,
      liveLogs,
      now,
      log: () => {},
      version: 'test',
      basePath: '',
      publicReading: true,
      ...options.server,
    },
    [workerRoutes({ signupSecret: SIGNUP, retry: NO_RETRY, ...options.routes }), ...(options.groups ?? [])],
  );
  const url = await server.listen({ host: '127.0.0.1', port: options.port ?? 0 });
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= (async () => {
      await server.close();
      await pieces.close();
      await liveLogs.close();
      await database.close();
    })();
    return closed;
  };
  onTestFinished(close);
  return { url, port: Number(new URL(url).port), folder, store, database, blobs, liveLogs, server, close };
}

/** A request by hand, so that a test can make it wrong. */
export type HandRequest = {
  readonly method?: 'POST' | 'PUT';
  readonly path: string;
  readonly body?: unknown;
  readonly bytes?: Uint8Array;
  readonly created?: number;
  readonly nonce?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export type HandAnswer = {
  readonly status: number;
  readonly body: { readonly error?: { readonly code: string; readonly message: string } } & Record<string, unknown>;
};

export function newKey(): KeyObject {
  return generateKeyPairSync('ed25519').privateKey;
}

/** The headers and body of a signed request. */
export function signedByHand(key: KeyObject, wanted: HandRequest) {
  const { method = 'POST', path } = wanted;
  const bytes = wanted.bytes ?? Buffer.from(JSON.stringify(wanted.body ?? {}));
  const created = wanted.created ?? Math.floor(Date.now() / 1000);
  const nonce = wanted.nonce ?? randomBytes(18).toString('base64url');
  const signature = signRequest({ method, target: path, bodySha256: sha256Of(bytes) }, key, { created, nonce });
  const type = wanted.bytes === undefined ? 'application/json' : 'application/octet-stream';
  return { method, path, bytes, headers: { ...signature, 'content-type': type, ...wanted.headers } };
}

/** Sends what was signed, or what a test made of it. */
export async function sendByHand(
  url: string,
  { method, path, bytes, headers }: ReturnType<typeof signedByHand>,
): Promise<HandAnswer> {
  const answer = await fetch(`${url}${path}`, { method, headers, body: Buffer.from(bytes) });
  return { status: answer.status, body: (await answer.json()) as HandAnswer['body'] };
}

/** Signs and sends. */
export function ask(url: string, key: KeyObject, wanted: HandRequest): Promise<HandAnswer> {
  return sendByHand(url, signedByHand(key, wanted));
}

/** Registers a new key with the signup secret, and gives the key and the worker's id. */
export async function registered(url: string): Promise<{ readonly key: KeyObject; readonly id: number }> {
  const key = newKey();
  const proof = signupProof(SIGNUP, keyIdOf(key));
  const body = { name: 'builder', capabilities: { architectures: ['amd64', 'all'] }, proof };
  const answer = await ask(url, key, { path: '/api/worker/register', body });
  if (answer.status !== 200) throw new Error(`registering: ${JSON.stringify(answer.body)}`);
  return { key, id: Number(answer.body.id) };
}
