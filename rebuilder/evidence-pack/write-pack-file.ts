import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type PackContent, writePack } from '../../attest/pack/index.ts';
import { ReproofError } from '../../model/index.ts';

/** Writes a pack to a file, which is there whole or not at all. Throws STORE_FAILED, and what reading artifacts throws. */
export async function writePackFile(content: PackContent, file: string): Promise<void> {
  const draft = `${file}.part-${process.pid}`;
  try {
    await pipeline(Readable.from(writePack(content), { objectMode: false }), createWriteStream(draft, { flags: 'wx' }));
    await rename(draft, file);
  } catch (cause) {
    await rm(draft, { force: true });
    if (cause instanceof ReproofError) throw cause;
    throw new ReproofError('STORE_FAILED', `writing ${file}: ${(cause as Error).message}`, { cause });
  }
}
