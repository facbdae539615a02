import { openService } from '../../rebuilder/open-service.ts';
import type { RebuilderOptions } from '../../rebuilder/rebuilder-options.ts';
import { workerRoutes } from '../../rebuilder/server/index.ts';

/**
 * A service in a process of its own that only workers of other processes build for: data folder, database, port, signup
 * secret, seconds of a lease. Tells where it listens, and what it logs as errors, line by line.
 */
const [dataFolder = '', database = '', port = '0', signupSecret = '', lease = '120'] = process.argv.slice(2);
const leaseSeconds = Number(lease);
const retry = { baseHours: 24, limits: {} };

const service = await openService({
  dataFolder,
  database,
  host: '127.0.0.1',
  port: Number(port),
  server: {
    basePath: '',
    publicReading: true,
    log: ({ level, message, facts }) => {
      if (level === 'error') process.stderr.write(`${message} ${JSON.stringify(facts)}\n`);
    },
    now: () => new Date(),
    version: '1.2.3',
  },
  groups: [workerRoutes({ signupSecret, retry, limits: { leaseSeconds } })],
  workers: 0,
  // Nothing is built here.
  rebuilder: undefined as unknown as RebuilderOptions,
  profiles: [],
  syncTask: () => {
    throw new Error('nothing is synced here');
  },
  retry,
  leases: { seconds: leaseSeconds, heartbeatSeconds: leaseSeconds / 4, reapSeconds: 0.2 },
  graceSeconds: 0,
  webhooksToOwnNetworks: false,
});
process.stdout.write(`${service.address}\n`);
process.on('SIGTERM', () => void service.stop().then(() => process.exit(0)));
