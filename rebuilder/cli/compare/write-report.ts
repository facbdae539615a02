import { createWriteStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
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

/** Throws USAGE where a report would be written over another, or over what it is made from, by whatever path. */
export async function refuseOverwriting(targets: readonly string[], read: readonly string[]): Promise<void> {
  const inputs = await Promise.all(read.map(identityOf));
  const files = targets.filter((target) => target !== '-' && !target.startsWith('/dev/')).map((path) => resolve(path));
  for (const [index, path] of files.entries())
    if (files.indexOf(path) < index) throw new ReproofError('USAGE', `writing ${path}: two reports cannot be one file`);
  for (const target of targets) {
    const identity = await identityOf(target);
    if (identity !== undefined && (inputs.includes(identity) || (await isInOneOf(read, target))))
      throw new ReproofError('USAGE', `writing ${target}: the report is made from this file, which it would replace`);
  }
}

/** Undefined for what is no file yet, for standard input and output, and for devices, which keep nothing. */
async function identityOf(path: string): Promise<string | undefined> {
  if (path === '-') return undefined;
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found?.isFile() === true ? `${found.dev} ${found.ino}` : undefined;
}

/** Whether one of the paths is a folder that holds the file. */
async function isInOneOf(paths: readonly string[], file: string): Promise<boolean> {
  const place = await realpath(file);
  const folders = paths.filter((path) => path !== '-').map((path) => realpath(path).catch(() => undefined));
  return (await Promise.all(folders)).some((folder) => folder !== undefined && place.startsWith(join(folder, '/')));
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
