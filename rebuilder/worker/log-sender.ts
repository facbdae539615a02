import { setTimeout as pause } from 'node:timers/promises';
import { isReproofError } from '../../model/index.ts';
import type { Patience } from './persist.ts';

/** Sends one piece. */
export type SendPiece = (offset: number, bytes: Uint8Array, signal: AbortSignal) => Promise<void>;

/** The log of a running build on its way to a server. A slow server never holds a build up. */
export type LogSender = {
  readonly write: (chunk: Uint8Array) => void;
  /** Sends what is left, for some seconds at most, and ends. */
  readonly end: () => Promise<void>;
};

export type LogSenderOptions = {
  readonly pieceBytes: number;
  /** What waits at most; the oldest is left out past it: the whole log goes with the result. */
  readonly waitingBytes: number;
  /** How long to gather before a piece that is not full is sent. */
  readonly gatherMillis: number;
  readonly endMillis: number;
  readonly patience: Patience;
};

export const LOG_SENDER: Omit<LogSenderOptions, 'patience'> = {
  pieceBytes: 128 * 1024,
  waitingBytes: 8 * 1024 * 1024,
  gatherMillis: 500,
  endMillis: 5000,
};

/** Opens a sender. What the server refuses for good (a lease that is lost) ends it in silence. */
export function openLogSender(send: SendPiece, options: LogSenderOptions): LogSender {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  /** Of the first byte that waits. */
  let offset = 0;
  let ended = false;
  let wake: () => void = () => {};
  const stop = new AbortController();

  const take = (): Buffer => {
    const all = Buffer.concat(waiting);
    const piece = all.subarray(0, options.pieceBytes);
    const rest = all.subarray(piece.length);
    waiting = rest.length === 0 ? [] : [rest];
    bytes = rest.length;
    return piece;
  };
  const gather = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, options.gatherMillis);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const run = async (): Promise<void> => {
    for (;;) {
      if (bytes < options.pieceBytes && !ended) await gather();
      if (bytes === 0 && ended) return;
      if (bytes === 0) continue;
      const piece = take();
      const start = offset;
      offset += piece.length;
      await sendWhole(start, piece);
    }
  };
  const sendWhole = async (start: number, piece: Uint8Array): Promise<void> => {
    for (let failures = 0; ; failures++) {
      try {
        await send(start, piece, stop.signal);
        return;
      } catch (error) {
        if (!isReproofError(error) || error.context.passes !== true) throw error;
        const { firstMillis, longestMillis } = options.patience;
        await pause(Math.min(firstMillis * 2 ** Math.min(failures, 20), longestMillis), undefined, {
          signal: stop.signal,
        });
      }
    }
  };
  let running = true;
  const done = run()
    .catch(() => {})
    .finally(() => {
      running = false;
      waiting = [];
    });

  return {
    write: (chunk) => {
      if (ended || !running) return;
      waiting.push(chunk);
      bytes += chunk.length;
      while (bytes > options.waitingBytes) {
        const dropped = waiting.shift()?.length ?? 0;
        bytes -= dropped;
        offset += dropped;
      }
      if (bytes >= options.pieceBytes) wake();
    },
    end: async () => {
      ended = true;
      wake();
      const timer = setTimeout(() => stop.abort(), options.endMillis);
      await done;
      clearTimeout(timer);
    },
  };
}
