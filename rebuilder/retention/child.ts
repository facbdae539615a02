import { join } from 'node:path';
import { ReproofError } from '../../model/index.ts';
import { openBlobs, openDatabase, type Pruned, prune } from '../store/index.ts';
import type { RetentionAnswer, RetentionTask } from './types.ts';

async function perform({ dataFolder, database: place, rules }: RetentionTask): Promise<Pruned> {
  const database = await openDatabase(place);
  try {
    const blobs = await openBlobs(join(dataFolder, 'blobs'));
    return await prune({ data: dataFolder, database, blobs }, rules, { really: true });
  } finally {
    await database.close();
  }
}

// A program: one RetentionTask as JSON on standard input, one RetentionAnswer on standard output.
if (import.meta.main) {
  const chunks: Uint8Array[] = await Array.fromAsync(process.stdin);
  const task = JSON.parse(Buffer.concat(chunks).toString('utf8')) as RetentionTask;
  const answer = await perform(task).then(
    (pruned): RetentionAnswer => ({ kind: 'done', pruned }),
    (error: unknown): RetentionAnswer => ({
      kind: 'failed',
      code: error instanceof ReproofError ? error.code : 'INTERNAL',
      message: error instanceof Error ? error.message : String(error),
    }),
  );
  process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));
}
