import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { type LinkSigner, readLinkKey, rebuildLink, signLink, writeLinkKey } from '../../attest/index.ts';
import { openLiveLogs } from '../../rebuilder/live-logs.ts';
import { createServer, openPieces, registerRebuilderd } from '../../rebuilder/server/index.ts';
import type { Role } from '../../rebuilder/store/access/types.ts';
import type { Database } from '../../rebuilder/store/database.ts';
import { type BlobStore, createServiceStore, openBlobs, type ServiceStore } from '../../rebuilder/store/index.ts';
import { openSqlite } from '../../rebuilder/store/sqlite.ts';
import { type Clock, standingClock } from '../contract/service-database.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const SIGNUP_SECRET = 'SIGNUPSECRET';

/** Some JSON, whose shape a test knows and its expectations prove. */
export type LabJson = ReturnType<typeof JSON.parse>;

/** An answer of the lab's server: `body` is its JSON, or its text where it is none. */
export type LabAnswer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: LabJson;
};

type Asked = {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as rebuildctl and workers of 0.25 and later send it. */
  readonly zstd?: boolean;
};

/** A server that listens on loopback and speaks rebuilderd's protocol, over a store in an empty folder. */
export type RebuilderdLab = {
  /** Where it listens, without the base path. */
  readonly address: string;
  readonly database: Database;
  readonly store: ServiceStore;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly signer: LinkSigner;
  readonly ask: (method: string, path: string, asked?: Asked) => Promise<LabAnswer>;
  /** The header of a new token, as rebuildctl sends its cookie. */
  readonly cookie: (role: Role) => Promise<Readonly<Record<string, string>>>;
};

export async function openRebuilderdLab(
  options: { readonly basePath?: string; readonly signupSecret?: string | null } = {},
): Promise<RebuilderdLab> {
  const folder = await temporaryFolder();
  const clock = standingClock();
  const database = await openSqlite(path.join(folder, 'service.sqlite3'), { now: clock.now });
  const store = createServiceStore(database);
  const blobs = await openBlobs(path.join(folder, 'blobs'));
  const pieces = await openPieces(path.join(folder, 'pieces'), blobs);
  const liveLogs = await openLiveLogs(path.join(folder, 'live'), { maxBytes: 1024 });
  const signer = readLinkKey(writeLinkKey(Buffer.alloc(32, 1)));
  const signupSecret = options.signupSecret === undefined ? SIGNUP_SECRET : options.signupSecret;
  const server = await createServer(
    {
      store,
      blobs,
      pieces,
      liveLogs,
      now: clock.now,
      log: () => {},
      version: '1.2.3',
      basePath: options.basePath ?? '',
      publicReading: true,
    },
    [
      registerRebuilderd({
        signer,
        retry: { baseHours: 24, limits: {} },
        ...(signupSecret === null ? {} : { signupSecret }),
      }),
    ],
  );
  const address = await server.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    await server.close();
    await pieces.close();
    await liveLogs.close();
    await database.close();
  });
  return {
    address,
    database,
    store,
    blobs,
    clock,
    signer,
    ask: (method, place, asked = {}) => ask(`${address}${options.basePath ?? ''}${place}`, method, asked),
    cookie: async (role) => {
      const { secret } = await store.access.createToken({ name: `a ${role}`, role });
      return { 'x-auth-cookie': secret };
    },
  };
}

async function ask(url: string, method: string, { body, headers, zstd = false }: Asked): Promise<LabAnswer> {
  const json = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const answer = await fetch(url, {
    method,
    headers: {
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(zstd ? { 'content-encoding': 'zstd' } : {}),
      ...headers,
    },
    ...(json === undefined ? {} : { body: new Uint8Array(zstd ? zstdCompressSync(json) : json) }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, body: parsed(text) as LabJson };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A worker's key, and the header it shows it in. */
export function labWorker(number: number) {
  const key = readLinkKey(writeLinkKey(Buffer.alloc(32, number)));
  const text = Buffer.from(key.publicKey).toString('base64');
  return { key, headers: { 'x-worker-key': text, 'x-signup-secret': SIGNUP_SECRET } };
}

/** A link for a file as a worker signs it. */
export function labLink(fileName: string, sha256: string, signer: LinkSigner): string {
  return JSON.stringify(signLink(rebuildLink(fileName, { sha256 }), signer));
}

/** Bytes as a list of numbers, packed or not: how reports carry texts. */
export function numbers(text: string, pack: 'zstd' | 'as it is' = 'zstd'): number[] {
  return [...(pack === 'zstd' ? zstdCompressSync(Buffer.from(text)) : Buffer.from(text))];
}

/** A captured body. */
export async function captured(name: string): Promise<LabJson> {
  return JSON.parse(await readFile(new URL(`../fixtures/rebuilderd/${name}`, import.meta.url), 'utf8')) as LabJson;
}

/** A time as clients read it. */
export const NAIVE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}$/;
