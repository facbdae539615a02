import { logResponse } from '../worker-protocol/index.ts';
import type { Connection } from './connection.ts';
import { LOG_SENDER, type LogSender, openLogSender } from './log-sender.ts';
import type { Patience } from './persist.ts';

/** Logs of running builds, on their way to the server's followers. */
export type RemoteLogs = {
  readonly append: (jobId: number, text: string) => void;
  /** Sends what is left, and ends. */
  readonly end: (jobId: number) => void;
};

/** Opens the way. `leaseOf` gives the lease that this worker has of a job. */
export function remoteLogs(options: {
  readonly connection: Connection;
  readonly patience: Patience;
  readonly leaseOf: (jobId: number) => number | undefined;
}): RemoteLogs {
  const senders = new Map<number, LogSender>();
  return {
    append: (jobId, text) => {
      const lease = options.leaseOf(jobId);
      if (lease === undefined) return;
      const sender = senders.get(jobId) ?? open(options, { jobId, lease });
      senders.set(jobId, sender);
      sender.write(Buffer.from(text));
    },
    end: (jobId) => {
      const sender = senders.get(jobId);
      senders.delete(jobId);
      void sender?.end();
    },
  };
}

function open(
  { connection, patience }: { readonly connection: Connection; readonly patience: Patience },
  { jobId, lease }: { readonly jobId: number; readonly lease: number },
): LogSender {
  return openLogSender(
    async (offset, bytes, signal) => {
      await connection.send({
        doing: `sending the log of job ${jobId}`,
        method: 'POST',
        path: `/api/worker/jobs/${jobId}/log?lease=${lease}&offset=${offset}`,
        body: { kind: 'bytes', bytes },
        answer: logResponse,
        signal,
      });
    },
    { ...LOG_SENDER, patience },
  );
}
