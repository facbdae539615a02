import { ReproofError } from '../../model/index.ts';
import { performSync, type SyncTask } from './perform-sync.ts';
import type { SyncOutcome } from './types.ts';

/** What the child says at its end: one line of JSON on standard output. */
export type SyncAnswer =
  | { readonly kind: 'done'; readonly outcome: SyncOutcome }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

// A program: one SyncTask as JSON on standard input, one SyncAnswer on standard output. See sync-in-child.ts.
if (import.meta.main) {
  const chunks: Uint8Array[] = await Array.fromAsync(process.stdin);
  const task = JSON.parse(Buffer.concat(chunks).toString('utf8')) as SyncTask;
  const answer = await performSync(task, { signal: new AbortController().signal }).then(
    (outcome): SyncAnswer => ({ kind: 'done', outcome }),
    (error: unknown): SyncAnswer => ({
      kind: 'failed',
      code: error instanceof ReproofError ? error.code : 'INTERNAL',
      message: error instanceof Error ? error.message : String(error),
    }),
  );
  process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));
}
