import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ReproofError } from '../model/index.ts';
import { removeLeftovers, temporaryName } from './store/temporary.ts';
import { openTurns } from './turns.ts';

/** What followers at the end of a log read from memory; earlier bytes come from the disk. */
const TAIL_BYTES = 64 * 1024;
/** Pieces end at multiples of this, so that followers that are behind come to stand at the same places. */
const PIECE_BYTES = 64 * 1024;
/** How many pieces of a log are shared. */
const SHARED_PIECES = 32;
/** How many followers get a piece before anybody else has a turn. */
const PIECES_A_TURN = 8;
const LONGEST_CHARACTER = 4;
const NOTHING = new Uint8Array(0);

/**
 * A piece of a log: `offset` is that of its first byte. It ends with a whole character of UTF-8, unless the log ends in
 * the middle of one. Followers that stand at the same place get the same object: what is made of it can be kept by it.
 */
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
  /** What a running job's log ends with now: its last 64 KiB at most. Undefined when no such job runs here. */
  recent(jobId: number): LogPiece | undefined;
  /** Ends all. */
  close(): Promise<void>;
}

type OpenLog = {
  readonly handle: FileHandle;
  readonly file: string;
  readonly waiting: Set<() => void>;
  /** By where they begin and end, the oldest first. */
  readonly shared: Map<string, Promise<LogPiece>>;
  size: number;
  tail: Buffer;
  ended: boolean;
  readers: number;
};

/**
 * Opens live logs over a folder, which several servers may share: files have no name once they are open, so that nothing
 * of them is left whatever a process dies of. Throws STORE_FAILED.
 */
export async function openLiveLogs(folder: string, limits: { readonly maxBytes: number }): Promise<LiveLogs> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await removeLeftovers(folder);
  } catch (cause) {
    throw new ReproofError('STORE_FAILED', `making the folder ${folder}: ${(cause as Error).message}`, { cause });
  }
  const logs = new Map<number, OpenLog>();
  const turn = openTurns(PIECES_A_TURN);

  const discard = async (log: OpenLog): Promise<void> => {
    if (!log.ended || log.readers > 0) return;
    await log.handle.close();
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
      const file = join(folder, temporaryName());
      const handle = await open(file, 'wx+', 0o600);
      await rm(file, { force: true });
      const log: OpenLog = {
        handle,
        file,
        waiting: new Set(),
        shared: new Map(),
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
      return log === undefined ? undefined : followLog(log, options, { discard, turn });
    },
    recent: (jobId) => {
      const log = logs.get(jobId);
      if (log === undefined) return undefined;
      // Not within a character: what is left of one is passed over.
      let begin = 0;
      while (begin < LONGEST_CHARACTER && ((log.tail[begin] ?? 0) & 0xc0) === 0x80) begin++;
      const bytes = log.tail.subarray(begin, wholeCharacters(log.tail));
      return { offset: log.size - log.tail.length + begin, bytes };
    },
    close: async () => {
      await Promise.all([...logs].map(([jobId, log]) => end(jobId, log)));
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
  { discard, turn }: { readonly discard: (log: OpenLog) => Promise<void>; readonly turn: () => Promise<void> },
): AsyncGenerator<LogPiece> {
  let offset = Math.min(options.from, log.size);
  log.readers += 1;
  try {
    while (!options.signal.aborted) {
      if (offset < log.size) await turn();
      const { size, ended } = log;
      const piece = offset < size ? await pieceAt(log, offset) : { offset, bytes: NOTHING };
      if (piece.bytes.length > 0) {
        yield piece;
        offset += piece.bytes.length;
      } else if (log.size > size || log.ended !== ended) continue;
      else if (ended) return;
      else if (!(await more(log, options)) && !options.signal.aborted) yield { offset, bytes: NOTHING };
    }
  } finally {
    log.readers -= 1;
    await discard(log);
  }
}

function pieceAt(log: OpenLog, offset: number): Promise<LogPiece> {
  const boundary = (Math.floor((offset + LONGEST_CHARACTER) / PIECE_BYTES) + 1) * PIECE_BYTES;
  const end = Math.min(boundary, log.size);
  const isLast = log.ended && end === log.size;
  const key = `${offset}-${end}${isLast ? '.' : ''}`;
  const known = log.shared.get(key);
  if (known !== undefined) return known;
  const reading = readBytes(log, offset, end).then((bytes) => ({
    offset,
    bytes: isLast ? bytes : bytes.subarray(0, wholeCharacters(bytes)),
  }));
  log.shared.set(key, reading);
  if (log.shared.size > SHARED_PIECES) log.shared.delete(log.shared.keys().next().value as string);
  return reading;
}

async function readBytes(log: OpenLog, offset: number, end: number): Promise<Uint8Array> {
  const tailStart = log.size - log.tail.length;
  if (offset >= tailStart) return log.tail.subarray(offset - tailStart, end - tailStart);
  const buffer = Buffer.allocUnsafeSlow(end - offset);
  for (let have = 0; have < buffer.length; ) {
    const { bytesRead } = await log.handle.read(buffer, have, buffer.length - have, offset + have);
    if (bytesRead === 0)
      throw new ReproofError('STORE_FAILED', `reading ${log.file}: it is shorter than what was written`);
    have += bytesRead;
  }
  return buffer;
}

/** How many bytes end with a whole character of UTF-8. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(LONGEST_CHARACTER - 1, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
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
