import type { LiveLog, LiveLogs } from '../../live-logs.ts';
import { leaseKey, type NamedLease } from './held-job.ts';

type OpenLog = { readonly log: Promise<LiveLog>; length: number; lastAt: number; last: Promise<void> };

/** Logs of builds on other machines, as their pieces come. */
export type RemoteLogs = {
  /**
   * Adds what is new of a piece that begins at `offset`; what was there is passed over, and what never came is told in the
   * log. Gives how long the log is now.
   */
  readonly append: (held: NamedLease, offset: number, bytes: Uint8Array) => Promise<number>;
  /** Notes that a lease's holder lives, though its build may say nothing. */
  readonly alive: (held: NamedLease) => void;
  /** Ends the log of a lease. */
  readonly end: (held: NamedLease) => Promise<void>;
  /** Ends those whose holders are gone. */
  readonly endSilent: () => Promise<void>;
};

/** Opens remote logs over live ones. A holder is gone that gave no sign for `silentSeconds`. */
export function openRemoteLogs(
  live: LiveLogs,
  options: { readonly silentSeconds: number; readonly now: () => Date },
): RemoteLogs {
  const logs = new Map<string, OpenLog>();
  const now = (): number => options.now().getTime();
  const endOf = async (key: string): Promise<void> => {
    const open = logs.get(key);
    if (open === undefined) return;
    logs.delete(key);
    await open.last.catch(() => {});
    await (await open.log).end();
  };
  return {
    append: (held, offset, bytes) => {
      let open = logs.get(leaseKey(held));
      if (open === undefined) {
        open = { log: live.begin(held.jobId), length: 0, lastAt: now(), last: Promise.resolve() };
        logs.set(leaseKey(held), open);
      }
      const log = open;
      log.lastAt = now();
      // One after the other: two pieces that come at once would see the same length.
      const appended = log.last.then(async () => {
        const gap = offset - log.length;
        const fresh = gap < 0 ? bytes.subarray(-gap) : bytes;
        if (fresh.length > 0) {
          if (gap > 0) await (await log.log).write(Buffer.from(`[${gap} bytes of this log did not come here]\n`));
          await (await log.log).write(fresh);
        }
        log.length = Math.max(log.length, offset + bytes.length);
      });
      log.last = appended.catch(() => {});
      return appended.then(() => log.length);
    },
    alive: (held) => {
      const log = logs.get(leaseKey(held));
      if (log !== undefined) log.lastAt = now();
    },
    end: (held) => endOf(leaseKey(held)),
    endSilent: async () => {
      const oldest = now() - options.silentSeconds * 1000;
      await Promise.all([...logs].filter(([, { lastAt }]) => lastAt < oldest).map(([key]) => endOf(key)));
    },
  };
}
