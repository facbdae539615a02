import { parentPort } from 'node:worker_threads';
import { ReproofError } from '../../../model/index.ts';
import { makePieces, type PieceTask } from './make-pieces.ts';

/** What the thread says of each task. */
export type ThreadAnswer =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

// A thread's program: tasks come one at a time, and each is answered. See run-in-thread.ts.
parentPort?.on('message', (task: PieceTask) => {
  makePieces(task).then(
    () => parentPort?.postMessage({ kind: 'done' } satisfies ThreadAnswer),
    (error: unknown) =>
      parentPort?.postMessage({
        kind: 'failed',
        code: error instanceof ReproofError ? error.code : 'INTERNAL',
        message: error instanceof Error ? error.message : String(error),
      } satisfies ThreadAnswer),
  );
});
