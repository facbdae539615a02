import { rmSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addAbortSignal, Readable } from 'node:stream';
import { ReproofError } from '../../model/index.ts';
import type { ByteSource } from '../byte-source.ts';
import { escapeText } from '../escape.ts';
import { fileSource } from '../file-source.ts';

export type SpoolOptions = {
  /** What the source is called. */
  readonly name: string;
  /** Bytes past which ARCHIVE_LIMIT is thrown; 16 GiB when absent. */
  readonly limitBytes?: number;
  readonly signal?: AbortSignal;
};

/** A source that holds disk space until it is closed. */
export type SpooledSource = ByteSource & { close(): Promise<void> };

const DEFAULT_LIMIT_BYTES = 16 * 2 ** 30;

/**
 * A stream that can be read only once, as a source that can be read again: it is written to a private temporary file,
 * which close() removes, and the end of the process at the latest. Throws ARCHIVE_LIMIT, INTERRUPTED, I/O errors.
 */
export async function spool(stream: AsyncIterable<Uint8Array>, options: SpoolOptions): Promise<SpooledSource> {
  const { name, limitBytes = DEFAULT_LIMIT_BYTES, signal } = options;
  const folder = await mkdtemp(join(tmpdir(), 'reproof-input-'));
  const removeNow = (): void => rmSync(folder, { recursive: true, force: true });
  process.on('exit', removeNow);
  const close = async (): Promise<void> => {
    process.off('exit', removeNow);
    await rm(folder, { recursive: true, force: true });
  };
  const path = join(folder, 'input');
  if (signal !== undefined && stream instanceof Readable) addAbortSignal(signal, stream);
  try {
    const handle = await open(path, 'wx', 0o600);
    try {
      let size = 0;
      for await (const chunk of stream) {
        signal?.throwIfAborted();
        size += chunk.length;
        if (size > limitBytes)
          throw new ReproofError('ARCHIVE_LIMIT', `reading ${name}: more than ${limitBytes} bytes`, {
            context: { limit: 'input', value: limitBytes },
          });
        await handle.writeFile(chunk);
      }
    } finally {
      await handle.close();
    }
    return { ...(await fileSource(path)), name: escapeText(name), close };
  } catch (error) {
    await close();
    if (signal?.aborted) throw new ReproofError('INTERRUPTED', `reading ${name}: interrupted`, { cause: error });
    throw error;
  }
}
