import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ByteSource } from './byte-source.ts';
import { escapeText } from './escape.ts';

const CHUNK_BYTES = 1024 * 1024;

/** A regular file on disk; its name is the path's last part. Throws Node's own error when it cannot be read. */
export async function fileSource(path: string): Promise<ByteSource> {
  const { size } = await stat(path);
  const open = (start = 0): AsyncIterable<Uint8Array> => createReadStream(path, { start, highWaterMark: CHUNK_BYTES });
  return { name: escapeText(basename(path)), size, seekable: true, open };
}
