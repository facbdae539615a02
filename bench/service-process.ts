/** The server of service-http.ts, in a process of its own: node bench/service-process.ts FOLDER DATABASE. */
import { openService } from '../rebuilder/open-service.ts';

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

process.on('message', async (message) => {
  if (message === 'stop') {
    await service.stop();
    process.disconnect();
    return;
  }
  const { user, system } = process.cpuUsage();
  const rss = process.memoryUsage.rss();
  process.send?.({ cpu: (user + system) / 1000, rss, peak: Math.max(peak, rss) });
  peak = rss;
});
process.send?.({ address: service.address });
