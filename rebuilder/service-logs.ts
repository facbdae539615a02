import type { LiveLog, LiveLogs } from './live-logs.ts';
import type { BuildLogs } from './queue/index.ts';
import type { ServerLog } from './server/index.ts';

/** Lines that come within so long are written together. */
const TOGETHER_MILLISECONDS = 100;

/** Live logs as builds in this process write them: by text, without waiting. */
export function textLogs(liveLogs: LiveLogs, log: ServerLog): BuildLogs {
  const open = new Map<
    number,
    { readonly live: Promise<LiveLog>; text: string[]; timer: NodeJS.Timeout | undefined }
  >();
  const failed = (error: unknown): void =>
    log({ level: 'warn', message: 'writing a live log failed', facts: { error: String(error) } });
  const flush = (jobId: number): void => {
    const entry = open.get(jobId);
    if (entry === undefined) return;
    clearTimeout(entry.timer);
    entry.timer = undefined;
    const text = entry.text.join('');
    entry.text = [];
    if (text !== '') entry.live.then((live) => live.write(Buffer.from(text))).catch(failed);
  };
  return {
    append: (jobId, text) => {
      const entry = open.get(jobId) ?? { live: liveLogs.begin(jobId), text: [], timer: undefined };
      open.set(jobId, entry);
      entry.text.push(text);
      entry.timer ??= setTimeout(() => flush(jobId), TOGETHER_MILLISECONDS);
    },
    end: (jobId) => {
      flush(jobId);
      const entry = open.get(jobId);
      open.delete(jobId);
      entry?.live.then((live) => live.end()).catch(failed);
    },
  };
}
