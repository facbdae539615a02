import { open } from 'node:fs/promises';

const CHUNK_BYTES = 1024 ** 2;

/** A file's bytes in pieces of up to a mebibyte. Each is memory of its own. */
export async function* readChunks(path: string): AsyncGenerator<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    for (;;) {
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, Math.max(size, 1)));
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, null);
      if (bytesRead === 0) return;
      yield chunk.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
