import { describe, expect, it, onTestFinished } from 'vitest';
import { openService, type ServiceOptions } from '../../rebuilder/open-service.ts';
import type { Executor } from '../../rebuilder/queue/index.ts';
import type { RebuilderOptions } from '../../rebuilder/rebuilder-options.ts';
import { openServiceStore } from '../../rebuilder/store/index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const AT = '2026-01-01T00:00:00.000Z';

/** Finds every package reproducible, with a line of log. */
const agreeing: Executor = {
  run: async ({ input }, watch) => {
    watch.stage('build');
    watch.log(`building ${input.source}`);
    return {
      origin: 'ours',
      startedAt: AT,
      builtAt: AT,
      status: 'GOOD',
      verdict: 'reproducible',
      decides: true,
      artifacts: input.files.map((file) => ({
        name: file.name,
        version: file.version,
        architecture: file.architecture,
        fileName: file.fileName,
        verdict: 'identical',
        status: 'GOOD',
        checkedHere: true,
      })),
    };
  },
};

async function start(dataFolder: string, given: Partial<ServiceOptions> = {}) {
  const service = await openService({
    dataFolder,
    database: dataFolder,
    host: '127.0.0.1',
    port: 0,
    server: { basePath: '/amd64', publicReading: true, log: () => {}, now: () => new Date(), version: '1.2.3' },
    workers: 2,
    // The executor given is what runs: no engine is reached.
    rebuilder: undefined as unknown as RebuilderOptions,
    executor: agreeing,
    profiles: [],
    syncTask: () => {
      throw new Error('nothing is synced here');
    },
    retry: { baseHours: 24, limits: {} },
    graceSeconds: 0,
    webhooksToOwnNetworks: false,
    ...given,
  });
  const json = async (path: string) =>
    (await fetch(`${service.address}/amd64${path}`)).json() as Promise<{ total: number; records: unknown[] }>;
  return { service, json };
}

async function seed(dataFolder: string): Promise<void> {
  const store = await openServiceStore(dataFolder);
  const source = (name: string) => ({
    distribution: 'debian',
    release: 'trixie',
    component: 'main',
    name,
    version: '1',
    architecture: 'amd64',
    files: [
      {
        name,
        version: '1',
        architecture: 'amd64',
        component: 'main',
        url: `https://deb.example.org/${name}_1_amd64.deb`,
        fileName: `${name}_1_amd64.deb`,
        sha256: Buffer.from(name).toString('hex').padEnd(64, '0'),
        size: 1,
      },
    ],
  });
  await store.packages.import({ profile: 'main', distribution: 'debian', kind: 'whole' }, ['a', 'b', 'c'].map(source));
  await store.close();
}

describe('a service', () => {
  it('builds what is queued, keeps what came out, and shows it', async () => {
    const folder = await temporaryFolder();
    await seed(folder);
    const { service, json } = await start(folder);
    onTestFinished(service.stop);
    await expect.poll(async () => (await json('/api/rebuilds')).total, { timeout: 10_000 }).toBe(3);
    expect((await json('/api/targets?status=GOOD')).total).toBe(3);
    expect((await json('/api/queue')).total).toBe(0);
    expect((await json('/api/workers')).records).toMatchObject([{ kind: 'local' }]);
  });

  it('hands back what runs when it stops, and the next one builds it', async () => {
    const folder = await temporaryFolder();
    await seed(folder);
    const begun: string[] = [];
    const endless: Executor = {
      run: ({ input }, watch) =>
        new Promise((_, reject) => {
          begun.push(input.source);
          watch.signal.addEventListener('abort', () => reject(watch.signal.reason));
        }),
    };
    const first = await start(folder, { executor: endless });
    await expect.poll(() => begun.length, { timeout: 10_000 }).toBe(2);
    expect((await first.json('/api/queue?state=leased')).total).toBe(2);
    await first.service.stop();
    await expect(fetch(first.service.address)).rejects.toThrow();
    const store = await openServiceStore(folder);
    expect((await store.jobs.jobs({}, {})).records.map(({ state }) => state)).toEqual(['queued', 'queued', 'queued']);
    expect((await store.results.results({}, {})).total).toBe(0);
    await store.close();
    const second = await start(folder);
    onTestFinished(second.service.stop);
    await expect.poll(async () => (await second.json('/api/rebuilds')).total, { timeout: 10_000 }).toBe(3);
  });

  it('says when it cannot listen, and leaves nothing open', async () => {
    const folder = await temporaryFolder();
    const { service } = await start(folder, { workers: 0 });
    onTestFinished(service.stop);
    const port = Number(new URL(service.address).port);
    await expect(start(folder, { port })).rejects.toMatchObject({ code: 'LISTEN_FAILED' });
    expect((await fetch(`${service.address}/amd64/readyz`)).status).toBe(200);
  });
});
