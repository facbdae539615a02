import { createReadStream } from 'node:fs';

/** A file's bytes in order, told as they are read: how many so far, of `all`. */
export async function* fileBytes(
  path: string,
  all: number,
  onProgress?: (done: number, all: number) => void,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    done += chunk.length;
    onProgress?.(done, all);
    yield chunk;
  }
}
