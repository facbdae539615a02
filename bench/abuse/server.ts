/** The service of bench/service-abuse.ts: one build whose log is written when its parent says so. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openService } from '../../rebuilder/open-service.ts';
import type { RebuilderOptions } from '../../rebuilder/rebuilder-options.ts';
import { workerRoutes } from '../../rebuilder/server/index.ts';
import { openServiceStore } from '../../rebuilder/store/index.ts';
import { textLine } from './text.ts';

const [folder = '', logBytes = '0'] = process.argv.slice(2);
const BYTES_PER_SECOND = 400_000;
const STEP_MILLISECONDS = 50;
const SIGNUP = 'a secret of sixteen or more';
const RETRY = { baseHours: 24, limits: {} };

const store = await openServiceStore(folder);
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
      sha256: Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64),
      size: 1,
    },
  ],
});
await store.packages.import(
  { profile: 'main', distribution: 'debian', kind: 'whole' },
  Array.from({ length: 2_000 }, (_, index) => source(`package${index}`)),
);
const { secret: token } = await store.access.createToken({ name: 'abuse', role: 'operator' });

const begin = Promise.withResolvers<void>();
const service = await openService({
  dataFolder: folder,
  database: folder,
  host: '127.0.0.1',
  port: 0,
  server: {
    basePath: '',
    publicReading: true,
    limits: { bodySeconds: 30 },
    log: ({ level, message, facts }) => {
      if (level !== 'info') console.error(level, message, JSON.stringify(facts)?.slice(0, 300));
    },
    now: () => new Date(),
    version: '0.0.0',
  },
  groups: [workerRoutes({ signupSecret: SIGNUP, retry: RETRY })],
  workers: 1,
  rebuilder: undefined as unknown as RebuilderOptions,
  executor: {
    run: async (_leased, watch) => {
      watch.log('begun');
      await begin.promise;
      let written = 0;
      let line = 0;
      const started = performance.now();
      while (written < Number(logBytes)) {
        const due = ((performance.now() - started) / 1000) * BYTES_PER_SECOND;
        for (; written < due && written < Number(logBytes); line++) {
          const text = textLine(line);
          watch.log(text);
          written += text.length + 1;
        }
        await sleep(STEP_MILLISECONDS);
      }
      await new Promise<never>((_resolve, reject) => {
        watch.signal.addEventListener('abort', () => reject(watch.signal.reason), { once: true });
        setTimeout(() => reject(new Error('the log is at its end')), 1_000);
      });
      throw new Error('not reached');
    },
  },
  profiles: [],
  syncTask: () => {
    throw new Error('nothing is synced here');
  },
  retry: RETRY,
  signupSecret: SIGNUP,
  graceSeconds: 0,
  webhooksToOwnNetworks: false,
});
const leased = async (): Promise<number> => {
  for (;;) {
    const [job] = (await store.jobs.jobs({ state: 'leased' }, {})).records;
    if (job !== undefined) return job.id;
    await sleep(50);
  }
};
const job = await leased();
await store.close();
process.send?.({ port: Number(new URL(service.address).port), job, token, signup: SIGNUP });
process.once('disconnect', () => process.exit(0));
process.on('message', async (message: Readonly<Record<string, unknown>>) => {
  if ('write' in message) begin.resolve();
  if ('stop' in message) {
    await service.stop();
    process.disconnect();
  }
});
