/** A piece of a running build's log. `id` grows by one with each; `skippedBytes` were written before it and are not kept any more. */
export type LogPiece = { readonly id: number; readonly text: string; readonly skippedBytes: number };

export type LiveLogLimits = {
  /** Most that is kept of one log, in bytes of UTF-8 and in pieces; the oldest go first. */
  readonly keepBytes: number;
  readonly keepPieces: number;
  /** A piece is closed at this size, or after this time. */
  readonly pieceBytes: number;
  readonly pieceMilliseconds: number;
};

export const LIVE_LOG_LIMITS: LiveLogLimits = {
  keepBytes: 256 * 1024,
  keepPieces: 2000,
  pieceBytes: 32 * 1024,
  pieceMilliseconds: 100,
};

/**
 * Logs of builds in progress, for whoever follows them. Memory is bounded by the number of logs: a follower holds no
 * text, only its place, and one that is slower than the build is told how much it missed.
 */
export interface LiveLogs {
  /** Adds to a job's log, which begins with its first text. Text is as the package wrote it: hostile. */
  append(jobId: number, text: string): void;
  /** Ends a job's log: its followers get the rest, and end. */
  end(jobId: number): void;
  /** What is kept and what comes, from after the piece `after`; undefined for a job that writes no log here. */
  follow(
    jobId: number,
    options: { readonly signal: AbortSignal; readonly after?: number },
  ): AsyncIterable<LogPiece> | undefined;
}

/** `start` is where it begins in the whole log. Ids in a row have no gaps. */
type Kept = { readonly id: number; readonly text: string; readonly start: number; readonly bytes: number };

type Log = {
  pieces: Kept[];
  keptBytes: number;
  /** Id of the last piece, and bytes of all up to its end. */
  last: number;
  bytes: number;
  pending: string[];
  pendingBytes: number;
  timer: NodeJS.Timeout | undefined;
  ended: boolean;
  /** Called once, at the next piece or the end. */
  waiting: Set<() => void>;
};

export function createLiveLogs(limits: LiveLogLimits = LIVE_LOG_LIMITS): LiveLogs {
  const logs = new Map<number, Log>();
  return {
    append: (jobId, text) => {
      if (text === '') return;
      const log = logs.get(jobId) ?? newLog();
      logs.set(jobId, log);
      // Cut so that no single text is more than is kept.
      for (let start = 0; start < text.length; start += limits.pieceBytes) {
        const part = text.slice(start, start + limits.pieceBytes);
        log.pending.push(part);
        log.pendingBytes += Buffer.byteLength(part);
        if (log.pendingBytes >= limits.pieceBytes) closePiece(log, limits);
      }
      if (log.pendingBytes > 0)
        log.timer ??= setTimeout(() => closePiece(log, limits), limits.pieceMilliseconds).unref();
    },
    end: (jobId) => {
      const log = logs.get(jobId);
      if (log === undefined) return;
      logs.delete(jobId);
      log.ended = true;
      closePiece(log, limits);
    },
    follow: (jobId, options) => {
      const log = logs.get(jobId);
      return log === undefined ? undefined : followLog(log, options.after ?? 0, options.signal);
    },
  };
}

function newLog(): Log {
  return {
    pieces: [],
    keptBytes: 0,
    last: 0,
    bytes: 0,
    pending: [],
    pendingBytes: 0,
    timer: undefined,
    ended: false,
    waiting: new Set(),
  };
}

function closePiece(log: Log, limits: LiveLogLimits): void {
  clearTimeout(log.timer);
  log.timer = undefined;
  if (log.pendingBytes > 0) {
    log.last += 1;
    log.pieces.push({ id: log.last, text: log.pending.join(''), start: log.bytes, bytes: log.pendingBytes });
    log.bytes += log.pendingBytes;
    log.keptBytes += log.pendingBytes;
    log.pending = [];
    log.pendingBytes = 0;
    while (log.pieces.length > 1 && (log.keptBytes > limits.keepBytes || log.pieces.length > limits.keepPieces))
      log.keptBytes -= (log.pieces.shift() as Kept).bytes;
  }
  const waiting = [...log.waiting];
  log.waiting.clear();
  for (const wake of waiting) wake();
}

async function* followLog(log: Log, after: number, signal: AbortSignal): AsyncGenerator<LogPiece> {
  // An id from another log's life is no place in this one.
  let last = Math.max(0, Math.min(after, log.last));
  let seen = last === 0 ? 0 : endOf(log, last);
  while (!signal.aborted) {
    const [oldest] = log.pieces;
    const piece = oldest && log.pieces[Math.max(0, last + 1 - oldest.id)];
    if (piece !== undefined) {
      last = piece.id;
      const skippedBytes = seen === undefined ? 0 : piece.start - seen;
      seen = piece.start + piece.bytes;
      yield { id: piece.id, text: piece.text, skippedBytes };
    } else if (log.ended) return;
    else await nextPiece(log, signal);
  }
}

/** Undefined for a piece that is not kept any more. */
function endOf(log: Log, id: number): number | undefined {
  const piece = log.pieces[id - (log.pieces[0]?.id ?? 0)];
  return piece === undefined ? undefined : piece.start + piece.bytes;
}

// A promise of its own for each wait: a race with one that lives as long as the follower would keep what every wait left.
function nextPiece(log: Log, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      log.waiting.delete(wake);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    log.waiting.add(wake);
    signal.addEventListener('abort', wake, { once: true });
  });
}
