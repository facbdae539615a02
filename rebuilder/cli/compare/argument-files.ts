import { readFileSync, statSync } from 'node:fs';
import { ReproofError } from '../../../model/index.ts';

const FILE_BYTES = 2 ** 20;

/** Arguments with each @FILE replaced by the lines of that file, as diffoscope reads them. Throws USAGE. */
export function expandArgumentFiles(argv: readonly string[]): readonly string[] {
  return argv.flatMap((word) => (word.startsWith('@') && word.length > 1 ? linesOf(word.slice(1)) : [word]));
}

function linesOf(path: string): readonly string[] {
  const unreadable = (why: string, cause?: unknown): ReproofError =>
    new ReproofError('USAGE', `reading arguments from ${path}: ${why} (./@NAME is a file of that name)`, { cause });
  try {
    if (statSync(path).size > FILE_BYTES) throw unreadable(`more than ${FILE_BYTES} bytes`);
    const lines = readFileSync(path, 'utf8').split('\n');
    if (lines.at(-1) === '') lines.pop();
    return lines;
  } catch (error) {
    throw error instanceof ReproofError ? error : unreadable((error as Error).message, error);
  }
}
