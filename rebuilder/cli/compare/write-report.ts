import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ReproofError } from '../../../model/index.ts';
import type { Output } from '../output.ts';

/** Characters that are gathered before they are written. */
const PIECE_CHARACTERS = 64 * 1024;

/** Writes a report to a file, or for `-` to standard output, piece by piece. Throws STORE_FAILED. */
export async function writeReport(target: string, pieces: Iterable<string>, stdout: Output): Promise<void> {
  if (target === '-') {
    for (const piece of gathered(pieces)) if (!(await stdout.write(piece))) return;
    return;
  }
  try {
    await pipeline(Readable.from(gathered(pieces)), createWriteStream(target));
  } catch (error) {
    throw new ReproofError('STORE_FAILED', `writing ${target}: ${(error as Error).message}`, { cause: error });
  }
}

function* gathered(pieces: Iterable<string>): Generator<string> {
  let held: string[] = [];
  let characters = 0;
  for (const piece of pieces) {
    held.push(piece);
    characters += piece.length;
    if (characters < PIECE_CHARACTERS) continue;
    yield held.join('');
    held = [];
    characters = 0;
  }
  if (characters > 0) yield held.join('');
}
