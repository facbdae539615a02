import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { ReproofError } from '../../../model/index.ts';

/** Where a log's files are read from. Paths are as C2SP has them: checkpoint, tile/0/000, tile/entries/000.p/17. */
export interface TileSource {
  /** The bytes of a file, undefined where there is none. Throws where it is longer, or cannot be read. */
  read(path: string, maxBytes: number): Promise<Uint8Array | undefined>;
}

/** A source whose folders can be listed too. */
export interface ListedSource extends TileSource {
  /** The names in a folder, in no order; none where there is no such folder. */
  list(path: string): Promise<readonly string[]>;
}

/** The files of a log in a folder. Throws LOG_CORRUPT for one that is too long, STORE_FAILED for what cannot be read. */
export function folderSource(folder: string): ListedSource {
  return {
    read: (name, maxBytes) => readFileWithin(path.join(folder, name), name, maxBytes),
    list: (name) => readdir(path.join(folder, name)).catch(() => []),
  };
}

async function readFileWithin(file: string, name: string, maxBytes: number): Promise<Uint8Array | undefined> {
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      if (size > maxBytes)
        throw new ReproofError('LOG_CORRUPT', `reading ${name} of a log: it is longer than ${maxBytes} bytes`);
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof ReproofError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new ReproofError('STORE_FAILED', `reading ${name} of a log: ${message}`, { cause });
  }
}
