import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sha256Of } from '../../model/index.ts';
import { openService } from '../../rebuilder/open-service.ts';
import type { RebuilderOptions } from '../../rebuilder/rebuilder-options.ts';
import { workerRoutes } from '../../rebuilder/server/index.ts';
import { openBlobs, openDatabase } from '../../rebuilder/store/index.ts';
import { fsck } from '../../rebuilder/store/upkeep/index.ts';
import type { SyncProfile } from '../../rebuilder/sync/index.ts';
import { publishSuite } from '../helpers/debian-archive.ts';
import { fakeBytes } from '../helpers/fake-executor.ts';
import { startServer } from '../helpers/faulty-server.ts';
import { startWorker } from '../helpers/running-worker.ts';
import { SigningKeys } from '../helpers/signing-keys.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { SIGNUP } from '../helpers/worker-lab.ts';

const FILES = ['hello_2.10-3_amd64.deb', 'less_643-1_amd64.deb', 'less-doc_643-1_all.deb'];
const PROFILE: SyncProfile = {
  name: 'trixie',
  distribution: 'debian',
  suites: ['trixie'],
  architectures: ['amd64', 'all'],
  components: ['main'],
  installer: false,
  debug: false,
  include: [],
  exclude: [],
  delaySeconds: 0,
  allowExpired: false,
};

/** A stanza of a file whose bytes are what fake builds make. */
function stanza(fileName: string): string {
  const [name = '', version = '', architecture = ''] = fileName.replace(/\.deb$/, '').split('_');
  const bytes = fakeBytes(fileName);
  return [
    `Package: ${name}`,
    ...(name === 'less-doc' ? ['Source: less'] : []),
    `Version: ${version}`,
    'Maintainer: Ann <ann@example.org>',
    `Architecture: ${architecture}`,
    `Filename: pool/main/${fileName}`,
    `Size: ${bytes.length}`,
    `SHA256: ${sha256Of(bytes)}`,
    '',
  ].join('\n');
}

/** Serves a small archive, signed by a key of its own. */
async function serveArchive(): Promise<{ readonly mirror: string; readonly keyring: string }> {
  const keys = await SigningKeys.make('archive');
  onTestFinished(() => keys.remove());
  const indices = {
    'main/binary-amd64/Packages': FILES.map(stanza).join('\n'),
    'main/binary-all/Packages': stanza('less-doc_643-1_all.deb'),
  };
  const files = await publishSuite('trixie', indices, { keys, user: 'archive' });
  const server = await startServer((request, response) => {
    const bytes = files[(request.url ?? '').replace(/^\/debian/, '')];
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
  });
  onTestFinished(() => server.close());
  return { mirror: `${server.url}/debian`, keyring: await keys.keyring('archive.gpg', 'archive') };
}

/** A service that syncs the archive by its schedule and builds nothing itself. */
async function serve(folder: string, database: string): Promise<{ readonly address: string; readonly log: string[] }> {
  const { mirror, keyring } = await serveArchive();
  const cache = await temporaryFolder();
  const log: string[] = [];
  const retry = { baseHours: 24, limits: {} };
  const service = await openService({
    dataFolder: folder,
    database,
    host: '127.0.0.1',
    port: 0,
    server: {
      basePath: '',
      publicReading: true,
      log: ({ level, message, facts }) => {
        if (level !== 'info') log.push(`${message} ${JSON.stringify(facts)}`);
      },
      now: () => new Date(),
      version: '1.2.3',
    },
    groups: [workerRoutes({ signupSecret: SIGNUP, retry })],
    workers: 0,
    // Nothing is built here.
    rebuilder: undefined as unknown as RebuilderOptions,
    profiles: [{ profile: PROFILE, everySeconds: 3600 }],
    syncTask: (profile) => ({
      profile,
      data: database,
      cache,
      keyring,
      aptFolder: '/nonexistent',
      mirror,
      securityMirror: undefined,
      snapshot: 'http://127.0.0.1:9',
      fetch: { concurrency: 2, stallSeconds: 5, tries: 1 },
    }),
    retry,
    graceSeconds: 0,
    webhooksToOwnNetworks: false,
  });
  onTestFinished(service.stop);
  return { address: service.address, log };
}

/** The whole of the service over a database: each implementation of the stores passes it. */
export function describeEndToEnd(name: string, makeDatabase: (folder: string) => Promise<string>): void {
  describe(`${name}: from a signed archive to every API`, () => {
    it('syncs, queues, builds on another machine, records, and shows it to all clients', async () => {
      const folder = await temporaryFolder();
      const place = await makeDatabase(folder);
      const { address, log } = await serve(folder, place);
      const json = async (at: string) => (await fetch(`${address}${at}`)).json();
      const list = (at: string) => json(at) as Promise<{ total: number; records: Record<string, unknown>[] }>;
      const waiting = { timeout: 60_000, interval: 100 };
      await expect.poll(async () => (await list('/api/queue')).total, waiting).toBe(2);

      const worker = await startWorker(address);
      await worker.told('recorded', 2);
      expect((await list('/api/queue')).total).toBe(0);
      const rebuilds = await list('/api/rebuilds');
      expect(rebuilds.records.map(({ source, status, verdict }) => [source, status, verdict]).sort()).toEqual([
        ['hello', 'GOOD', 'reproducible'],
        ['less', 'GOOD', 'reproducible'],
      ]);
      expect((await list('/api/targets?status=GOOD')).total).toBe(3);
      const [rebuild] = rebuilds.records;
      const logOf = await fetch(`${address}/api/rebuilds/${rebuild?.id}/log`);
      expect(await logOf.text()).toBe(`building ${rebuild?.source}\ndone\n`);

      const old = (await json('/api/v0/pkgs/list')) as { name: string; status: string; has_attestation: boolean }[];
      expect(old.map(({ name: group, status }) => [group, status]).sort()).toEqual([
        ['hello', 'GOOD'],
        ['less', 'GOOD'],
        ['less-doc', 'GOOD'],
      ]);
      const binaries = await list('/api/v1/packages/binary');
      expect(binaries.total).toBe(3);
      expect(binaries.records.map(({ status }) => status)).toEqual(['GOOD', 'GOOD', 'GOOD']);
      const builds = await list('/api/v1/builds');
      expect(builds.total).toBe(2);
      for (const { id } of builds.records) {
        const artifacts = (await json(`/api/v1/builds/${id}/artifacts`)) as { id: number }[];
        for (const artifact of artifacts)
          expect(await json(`/api/v1/builds/${id}/artifacts/${artifact.id}/attestation`)).toMatchObject({
            signatures: [expect.anything()],
          });
      }

      const database = await openDatabase(place);
      onTestFinished(() => database.close());
      const blobs = await openBlobs(path.join(folder, 'blobs'));
      expect(await fsck({ database, blobs }, { quick: false })).toMatchObject({ ok: true, orphaned: 0 });
      expect(log).toEqual([]);
    }, 120_000);
  });
}
