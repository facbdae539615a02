import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ERROR_EXIT_STATUS, type ErrorCode, ReproofError } from '../../../model/index.ts';
import type { PieceTask } from './make-pieces.ts';
import type { ThreadAnswer } from './thread.ts';

/** A thread that makes pieces, one task after the other. It is begun when it is needed, and ends when it was idle. */
export type PieceThread = {
  /** Throws what the task threw, by code and message; FORMAT_LIMIT where it took too long or too much memory. */
  readonly run: (task: PieceTask) => Promise<void>;
  readonly close: () => Promise<void>;
};

export type ThreadLimits = {
  readonly taskSeconds: number;
  readonly idleSeconds: number;
  readonly memoryMebibytes: number;
  /** Tasks that may wait. */
  readonly waiting: number;
};

/** Makes the thread's handle; nothing runs yet. */
export function pieceThread(limits: ThreadLimits): PieceThread {
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let closed = false;

  const stop = async (): Promise<void> => {
    clearTimeout(idle);
    const ending = worker;
    worker = undefined;
    await ending?.terminate();
  };
  const begin = (): Worker => {
    clearTimeout(idle);
    worker ??= new Worker(join(import.meta.dirname, `thread${extname(import.meta.filename)}`), {
      resourceLimits: { maxOldGenerationSizeMb: limits.memoryMebibytes },
    });
    return worker;
  };
  const perform = async (task: PieceTask): Promise<void> => {
    if (closed) throw new ReproofError('INTERRUPTED', 'making pieces: the service stops');
    const answer = await ask(begin(), task, limits.taskSeconds);
    if (answer === 'gone') {
      await stop();
      throw new ReproofError('FORMAT_LIMIT', 'making pieces: it took too long or too much memory');
    }
    idle = setTimeout(() => void stop(), limits.idleSeconds * 1000);
    idle.unref();
    if (answer.kind === 'failed')
      throw new ReproofError(
        Object.hasOwn(ERROR_EXIT_STATUS, answer.code) ? (answer.code as ErrorCode) : 'INTERNAL',
        answer.message,
      );
  };

  return {
    run: async (task) => {
      if (waiting >= limits.waiting)
        throw new ReproofError('SERVER_UNAVAILABLE', 'making pieces: too much is being made ready already');
      waiting++;
      const mine = last.catch(() => {}).then(() => perform(task));
      last = mine;
      try {
        await mine;
      } finally {
        waiting--;
      }
    },
    close: async () => {
      closed = true;
      await stop();
    },
  };
}

function ask(worker: Worker, task: PieceTask, seconds: number): Promise<ThreadAnswer | 'gone'> {
  return new Promise((resolve) => {
    const done = (answer: ThreadAnswer | 'gone'): void => {
      clearTimeout(late);
      worker.off('message', done).off('error', gone).off('exit', gone);
      resolve(answer);
    };
    const gone = (): void => done('gone');
    const late = setTimeout(gone, seconds * 1000);
    worker.on('message', done).on('error', gone).on('exit', gone);
    worker.postMessage(task);
  });
}
