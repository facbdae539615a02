import { workFor } from '../../rebuilder/worker/index.ts';
import { fakeExecutor } from './fake-executor.ts';

/**
 * A worker in a process of its own: URL, data folder, signup secret, milliseconds of a build, and the longest wait
 * between tries. Tells events line by line.
 */
const [server = '', dataFolder = '', signupSecret = '', millis = '0', longestMillis] = process.argv.slice(2);
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());

await workFor(
  {
    server,
    dataFolder,
    name: 'child',
    capabilities: { architectures: ['amd64', 'all'] },
    signupSecret,
    builds: 1,
    openExecutor: async (blobs) => fakeExecutor(blobs, { millis: Number(millis) }),
    onEvent: ({ kind }) => process.stdout.write(`${kind}\n`),
    now: () => new Date(),
    ...(longestMillis === undefined ? {} : { patience: { firstMillis: 50, longestMillis: Number(longestMillis) } }),
  },
  stop.signal,
);
process.exit(0);
