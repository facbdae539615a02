import { explain, fileSource } from '../../compare/index.ts';
import { ReproofError } from '../../model/index.ts';
import type { ExplainAnswer, ExplainTask } from './types.ts';

// A program: one ExplainTask as JSON on standard input, one ExplainAnswer on standard output.
if (import.meta.main) {
  const chunks: Uint8Array[] = await Array.fromAsync(process.stdin);
  const { left, right, path, limits } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as ExplainTask;
  const answer = await Promise.all([fileSource(left), fileSource(right)])
    .then((sides) => explain(...sides, { path, limits }))
    .then(
      (difference): ExplainAnswer => ({ kind: 'done', difference }),
      (error: unknown): ExplainAnswer => ({
        kind: 'failed',
        code: error instanceof ReproofError ? error.code : 'INTERNAL',
        message: error instanceof Error ? error.message : String(error),
      }),
    );
  process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));
}
