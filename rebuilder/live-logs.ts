import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ReproofError } from '../model/index.ts';
import { removeLeftovers, temporaryName } from './store/temporary.ts';

/** What followers at the end of a log read from memory; earlier bytes come from the disk. */
const TAIL_BYTES = 64 * 1024;
const PIECE_BYTES = 64 * 1024;

/** A piece of a log: `offset` is that of its first byte. */
export type LogPiece = { readonly offset: number; readonly bytes: Uint8Array };

/** The log of a build that runs. */
export type LiveLog = {
  /** Adds to it; past the limit nothing is kept any more. */
  readonly write: (chunk: Uint8Array) => Promise<void>;
  /** Ends it: followers read what is left, and end. Safe to call twice. */
  readonly end: () => Promise<void>;
};

/** Logs of builds that run in this service, by job, for any number of followers. Nothing of them outlives the build. */
export interface LiveLogs {
  /** Begins the log of a job; what was there of an earlier lease ends. */
  begin(jobId: number): Promise<LiveLog>;
  /**
   * The log from a byte on, as it grows, until it ends or `signal` aborts. Undefined when no such job runs here.
   * `idleMillis`: an empty piece is given whenever nothing came for so long.
   */
  follow(
    jobId: number,
    options: { readonly from: number; readonly idleMillis: number; readonly signal: AbortSignal },
  ): AsyncIterable<LogPiece> | undefined;
  /** Ends all. */
  close(): Promise<void>;
}

type OpenLog = {
  readonly handle: FileHandle;
  readonly file: string;
  readonly waiting: Set<() => void>;
  size: number;
  tail: Buffer;
  ended: boolean;
  readers: number;
};

/**
 * Opens live logs over a folder, in one of its own inside it, for other services may use the same. What dead processes
 * left is removed. Throws STORE_FAILED.
 */
export async function openLiveLogs(folder: string, limits: { readonly maxBytes: number }): Promise<LiveLogs> {
  const own = join(folder, temporaryName());
  try {
    await mkdir(own, { recursive: true, mode: 0o700 });
    await removeLeftovers(folder);
  } catch (cause) {
    throw new ReproofError('STORE_FAILED', `making the folder ${own}: ${(cause as Error).message}`, { cause });
  }
  const logs = new Map<number, OpenLog>();
  let begun = 0;

  const discard = async (log: OpenLog): Promise<void> => {
    if (!log.ended || log.readers > 0) return;
    await log.handle.close();
    await rm(log.file, { force: true });
  };
  const end = async (jobId: number, log: OpenLog): Promise<void> => {
    if (log.ended) return;
    log.ended = true;
    if (logs.get(jobId) === log) logs.delete(jobId);
    wake(log);
    await discard(log);
  };

  return {
    begin: async (jobId) => {
      const earlier = logs.get(jobId);
      if (earlier !== undefined) await end(jobId, earlier);
      const file = join(own, `${++begun}.log`);
      const log: OpenLog = {
        handle: await open(file, 'wx+', 0o600),
        file,
        waiting: new Set(),
        size: 0,
        tail: Buffer.alloc(0),
        ended: false,
        readers: 0,
      };
      logs.set(jobId, log);
      let writing = Promise.resolve();
      return {
        write: (chunk) => {
          writing = writing.then(() => append(log, chunk.subarray(0, Math.max(0, limits.maxBytes - log.size))));
          return writing;
        },
        end: () => writing.then(() => end(jobId, log)),
      };
    },
    follow: (jobId, options) => {
      const log = logs.get(jobId);
      return log === undefined ? undefined : followLog(log, options, discard);
    },
    close: async () => {
      await Promise.all([...logs].map(([jobId, log]) => end(jobId, log)));
      await rm(own, { recursive: true, force: true });
    },
  };
}

async function append(log: OpenLog, chunk: Uint8Array): Promise<void> {
  if (log.ended || chunk.length === 0) return;
  await log.handle.write(chunk, 0, chunk.length, log.size);
  log.size += chunk.length;
  log.tail = Buffer.concat([log.tail, chunk]).subarray(-TAIL_BYTES);
  wake(log);
}

function wake(log: OpenLog): void {
  for (const resolve of log.waiting) resolve();
  log.waiting.clear();
}

async function* followLog(
  log: OpenLog,
  options: { readonly from: number; readonly idleMillis: number; readonly signal: AbortSignal },
  discard: (log: OpenLog) => Promise<void>,
): AsyncGenerator<LogPiece> {
  let offset = Math.min(options.from, log.size);
  log.readers += 1;
  try {
    while (!options.signal.aborted) {
      if (offset < log.size) {
        const bytes = await readPiece(log, offset);
        yield { offset, bytes };
        offset += bytes.length;
      } else if (log.ended) return;
      else if (!(await more(log, options)) && !options.signal.aborted) yield { offset, bytes: new Uint8Array(0) };
    }
  } finally {
    log.readers -= 1;
    await discard(log);
  }
}

async function readPiece(log: OpenLog, offset: number): Promise<Uint8Array> {
  const tailStart = log.size - log.tail.length;
  if (offset >= tailStart) return log.tail.subarray(offset - tailStart);
  const length = Math.min(PIECE_BYTES, log.size - offset);
  const { bytesRead, buffer } = await log.handle.read(Buffer.allocUnsafe(length), 0, length, offset);
  if (bytesRead === 0)
    throw new ReproofError('STORE_FAILED', `reading ${log.file}: it is shorter than what was written`);
  return buffer.subarray(0, bytesRead);
}

/** Waits until there is more, or the log ended: true; nothing came for long, or nobody waits any more: false. */
function more(log: OpenLog, options: { readonly idleMillis: number; readonly signal: AbortSignal }): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (grew: boolean): void => {
      clearTimeout(timer);
      log.waiting.delete(onMore);
      options.signal.removeEventListener('abort', onAbort);
      resolve(grew);
    };
    const onMore = (): void => done(true);
    const onAbort = (): void => done(false);
    const timer = setTimeout(() => done(false), options.idleMillis);
    log.waiting.add(onMore);
    options.signal.addEventListener('abort', onAbort);
  });
}
