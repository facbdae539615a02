import { onTestFinished } from 'vitest';
import { type RemoteWorkerEvent, type WorkerSettings, workFor } from '../../rebuilder/worker/index.ts';
import { type FakeBuild, fakeExecutor } from './fake-executor.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { SIGNUP } from './worker-lab.ts';

/** A worker in this process, and what it told. */
export type RunningWorker = {
  readonly events: readonly RemoteWorkerEvent[];
  /** Settles when an event of this kind came, also before. */
  readonly told: (kind: RemoteWorkerEvent['kind'], times?: number) => Promise<void>;
  readonly done: Promise<void>;
  readonly stop: () => Promise<void>;
  readonly dataFolder: string;
};

/** Runs a worker with fake builds until it is stopped, at the latest when the test ends. */
export async function startWorker(
  server: string,
  options: Partial<WorkerSettings> & { readonly build?: FakeBuild } = {},
): Promise<RunningWorker> {
  const dataFolder = options.dataFolder ?? (await temporaryFolder());
  const events: RemoteWorkerEvent[] = [];
  const waiting = new Set<() => void>();
  const stopping = new AbortController();
  const done = workFor(
    {
      server,
      dataFolder,
      name: 'builder',
      capabilities: { architectures: ['amd64', 'all'] },
      signupSecret: SIGNUP,
      builds: 1,
      openExecutor: async (blobs) => fakeExecutor(blobs, options.build ?? { millis: 0 }),
      onEvent: (event) => {
        events.push(event);
        for (const look of [...waiting]) look();
      },
      now: () => new Date(),
      stopSeconds: 5,
      patience: { firstMillis: 20, longestMillis: 200 },
      ...options,
    },
    stopping.signal,
  );
  done.catch(() => {});
  const stop = async (): Promise<void> => {
    stopping.abort();
    await done.catch(() => {});
  };
  onTestFinished(stop);
  const told = (kind: RemoteWorkerEvent['kind'], times = 1): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (events.filter((event) => event.kind === kind).length < times) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      done.then(() => reject(new Error(`the worker ended before it told ${kind}`)), reject);
      look();
    });
  return { events, told, done, stop, dataFolder };
}
