import path from 'node:path';
import { onTestFinished } from 'vitest';
import { type LiveLogs, openLiveLogs } from '../../rebuilder/live-logs.ts';
import {
  createServer,
  openPieces,
  type RouteGroup,
  registerApi,
  type Server,
  type ServerLimits,
  type ServerOptions,
} from '../../rebuilder/server/index.ts';
import type { Role } from '../../rebuilder/store/access/types.ts';
import type { Database } from '../../rebuilder/store/database.ts';
import { type BlobStore, createServiceStore, openBlobs, type ServiceStore } from '../../rebuilder/store/index.ts';
import { openSqlite } from '../../rebuilder/store/sqlite.ts';
import { type Clock, standingClock } from '../contract/service-database.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A server over a real store in a folder. */
export type ServiceLab = {
  readonly folder: string;
  readonly clock: Clock;
  readonly database: Database;
  readonly store: ServiceStore;
  readonly blobs: BlobStore;
  readonly liveLogs: LiveLogs;
  readonly server: Server;
  /** What the server logged. */
  readonly logged: { readonly level: string; readonly message: string; readonly facts?: unknown }[];
  /** A new token's header. */
  readonly bearer: (role: Role) => Promise<{ readonly authorization: string }>;
  /** Listens on loopback, and gives the address with the base path. */
  readonly listen: () => Promise<string>;
};

export type LabOptions = {
  readonly limits?: Partial<ServerLimits>;
  readonly server?: Partial<
    Pick<ServerOptions, 'basePath' | 'publicUrl' | 'publicReading' | 'trustedProxies' | 'errorPages'>
  >;
  readonly groups?: readonly RouteGroup[];
  /** How long live logs may get; 1 MiB when not given. */
  readonly liveLogBytes?: number;
};

/** A lab for one test. */
export async function openServiceLab(options: LabOptions = {}): Promise<ServiceLab> {
  const lab = await startServiceLab(await temporaryFolder(), options);
  onTestFinished(lab.close);
  return lab;
}

/** A lab in a folder, for as long as its caller wants it. */
export async function startServiceLab(
  folder: string,
  options: LabOptions = {},
): Promise<ServiceLab & { readonly close: () => Promise<void> }> {
  const clock = standingClock();
  const database = await openSqlite(path.join(folder, 'service.sqlite3'), { now: clock.now });
  const store = createServiceStore(database);
  const blobs = await openBlobs(path.join(folder, 'blobs'));
  const liveLogs = await openLiveLogs(path.join(folder, 'live'), { maxBytes: options.liveLogBytes ?? 1024 ** 2 });
  const pieces = await openPieces(path.join(folder, 'pieces'), blobs);
  const logged: ServiceLab['logged'] = [];
  const basePath = options.server?.basePath ?? '';
  const server = await createServer(
    {
      store,
      blobs,
      pieces,
      liveLogs,
      now: clock.now,
      log: (line) => void logged.push(line),
      version: '1.2.3',
      publicReading: true,
      ...options.server,
      basePath,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    },
    [registerApi, ...(options.groups ?? [])],
  );
  return {
    close: async () => {
      await server.close();
      await pieces.close();
      await liveLogs.close();
      await database.close();
    },
    folder,
    clock,
    database,
    store,
    blobs,
    liveLogs,
    server,
    logged,
    bearer: async (role) => {
      const { secret } = await store.access.createToken({ name: `a ${role}`, role });
      return { authorization: `Bearer ${secret}` };
    },
    listen: async () => `${await server.listen({ host: '127.0.0.1', port: 0 })}${basePath}`,
  };
}

/** The code of an error's answer. */
export function codeOf(answer: { readonly body: string }): unknown {
  return (JSON.parse(answer.body) as { error?: { code?: unknown } }).error?.code;
}
