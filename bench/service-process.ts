/** The server of service-http.ts, in a process of its own: node bench/service-process.ts FOLDER DATABASE. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openService } from '../rebuilder/open-service.ts';
import { openServiceStore } from '../rebuilder/store/open-service-store.ts';
import { LARGE } from './service-data.ts';

const [folder = '', database = ''] = process.argv.slice(2);
const WATCH_MILLISECONDS = 10;

const service = await openService({
  dataFolder: folder,
  database,
  host: '127.0.0.1',
  port: 0,
  server: {
    basePath: '',
    publicReading: true,
    // All requests come from one address.
    limits: { requestsPerMinute: Number.MAX_SAFE_INTEGER },
    log: ({ level, message, facts }) => {
      if (level !== 'info') console.error(message, facts);
    },
    now: () => new Date(),
    version: '0',
  },
  workers: 0,
  rebuilder: {} as never,
  profiles: [],
  syncTask: () => {
    throw new Error('there are no profiles');
  },
  retry: { baseHours: 24, limits: {} },
  graceSeconds: 0,
  webhooksToOwnNetworks: false,
});

let peak = 0;
setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, WATCH_MILLISECONDS).unref();

const store = await openServiceStore(database);
/** What nobody was served in, beside a millisecond that the histogram waits for itself. */
const delays = monitorEventLoopDelay({ resolution: 1 });
delays.enable();

process.on('message', async (message) => {
  if (message === 'record') return void (await recordOne());
  if (message === 'stop') {
    await store.close();
    await service.stop();
    process.disconnect();
    return;
  }
  const { user, system } = process.cpuUsage();
  const rss = process.memoryUsage.rss();
  const delay = [50, 99, 100].map((part) => delays.percentile(part) / 1e6);
  process.send?.({ cpu: (user + system) / 1000, rss, peak: Math.max(peak, rss), delay });
  peak = rss;
  delays.reset();
});

/** What a worker's result changes: another result, and the status of the packages it is of. */
async function recordOne(): Promise<void> {
  const now = new Date().toISOString();
  await store.results.importResult(1 + Math.floor(Math.random() * LARGE.sources), {
    origin: 'imported',
    startedAt: now,
    builtAt: now,
    status: 'FAIL',
    verdict: 'inconclusive',
    reason: 'infrastructure',
    decides: false,
    artifacts: [],
  });
}
process.send?.({ address: service.address });
