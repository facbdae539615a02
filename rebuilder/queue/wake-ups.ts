import type { JobStore } from '../store/jobs/types.ts';

/** Tells workers of this process that there may be work, so that they need not wait for their next look. */
export interface WakeUps {
  wake(): void;
  /** Gives a function that ends the listening. */
  onWake(listener: () => void): () => void;
}

export function createWakeUps(): WakeUps {
  const listeners = new Set<() => void>();
  return {
    wake: () => {
      for (const listener of [...listeners]) listener();
    },
    onWake: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The same queue, which wakes whoever listens when a call may have given them work. */
export function wakingJobs(jobs: JobStore, wakeUps: WakeUps): JobStore {
  const then = async <T>(done: Promise<T>): Promise<T> => {
    const value = await done;
    wakeUps.wake();
    return value;
  };
  return {
    ...jobs,
    ask: (filter, asked) => then(jobs.ask(filter, asked)),
    giveBack: (jobId, lease, notBefore) => then(jobs.giveBack(jobId, lease, notBefore)),
    setState: (state) => then(jobs.setState(state)),
    reap: async () => {
      const ended = await jobs.reap();
      if (ended > 0) wakeUps.wake();
      return ended;
    },
  };
}
