import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { constants, zstdCompressSync } from 'node:zlib';
import { ReproofError, type Sha256 } from '../../../model/index.ts';
import { type IndexLimits, TreeIndexer } from './difference-index.ts';
import { writeIndex } from './index-layout.ts';
import { TextBlocks } from './text-blocks.ts';

/** What a blob is read as. */
export type PieceKind = 'tree' | 'record' | 'text';

/** What is to be made: of a blob's file a file of pieces, by way of a temporary one beside it. */
export type PieceTask = {
  readonly kind: PieceKind;
  readonly sha256: Sha256;
  readonly blob: string;
  readonly temporary: string;
  readonly file: string;
  readonly limits: IndexLimits & { readonly textBytes: number };
};

const READ_BYTES = 1024 ** 2;

/**
 * Makes the pieces of one blob. It blocks, and is run in a thread of its own. Memory: a chunk of the blob, and of a tree
 * its index. Throws BLOB_CORRUPT for bytes that are not the ones named, FORMAT_MALFORMED, FORMAT_LIMIT.
 */
export async function makePieces(task: PieceTask): Promise<void> {
  const out = openSync(task.temporary, 'wx', 0o600);
  try {
    const write = (bytes: Uint8Array): void => writeAll(out, bytes);
    if (task.kind === 'text') await makeText(task, write);
    else for (const bytes of writeIndex(indexBlob(task, task.kind))) write(bytes);
    closeSync(out);
    renameSync(task.temporary, task.file);
  } catch (error) {
    rmSync(task.temporary, { force: true });
    throw error;
  }
}

function indexBlob({ blob, sha256, limits }: PieceTask, kind: 'tree' | 'record') {
  const indexer = new TreeIndexer(kind, limits);
  const hash = createHash('sha256');
  const input = openSync(blob, 'r');
  try {
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    for (let got = readSync(input, buffer); got > 0; got = readSync(input, buffer)) {
      const chunk = buffer.subarray(0, got);
      hash.update(chunk);
      indexer.push(chunk);
    }
  } finally {
    closeSync(input);
  }
  if (hash.digest('hex') !== sha256)
    throw new ReproofError('BLOB_CORRUPT', `reading blob ${sha256}: its bytes are others`);
  return indexer.finish();
}

async function makeText({ blob, limits }: PieceTask, write: (bytes: Uint8Array) => void): Promise<void> {
  // What unpacks is loaded only where it is needed.
  const { unpacked } = await import('../unpacked.ts');
  const blocks = new TextBlocks(
    (bytes) => zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
    write,
  );
  const handle = await open(blob, 'r');
  let bytes = 0;
  for await (const chunk of unpacked(handle.createReadStream({ highWaterMark: READ_BYTES }))) {
    bytes += chunk.length;
    if (bytes > limits.textBytes)
      throw new ReproofError('FORMAT_LIMIT', `reading a text: it has more than ${limits.textBytes} bytes`);
    blocks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
  }
  blocks.finish();
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}
