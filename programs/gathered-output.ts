import type { Readable } from 'node:stream';

/** What is given at once: as much as stays in a processor's cache. */
const PIECE_BYTES = 256 * 1024;
/** The most that Node reads from a program at once. */
const READ_BYTES = 64 * 1024;

/**
 * What a program writes, in large pieces, each of which is overwritten once the next is asked for. Programs that unpack
 * write a few kilobytes at a time: a turn of everything that reads them for each would cost more than what is done there.
 */
export async function* gathered(output: Readable): AsyncGenerator<Buffer> {
  // One is filled while the other is looked at.
  let filling = Buffer.allocUnsafeSlow(PIECE_BYTES);
  let given = Buffer.allocUnsafeSlow(PIECE_BYTES);
  let filled = 0;
  let ended = false;
  let failure: Error | undefined;
  let wake = (): void => {};
  const end = (error?: Error): void => {
    ended = true;
    failure ??= error;
    wake();
  };
  const isFull = (): boolean => filled + READ_BYTES > PIECE_BYTES;
  output.on('data', (chunk: Buffer) => {
    if (filled + chunk.length > filling.length) filling = Buffer.concat([filling.subarray(0, filled), chunk]);
    else chunk.copy(filling, filled);
    filled += chunk.length;
    if (!isFull()) return;
    output.pause();
    wake();
  });
  output
    .once('end', () => end())
    .once('close', () => end())
    .once('error', end);
  try {
    for (;;) {
      while (!isFull() && !ended)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      if (failure !== undefined) throw failure;
      if (filled === 0) return;
      const piece = filling.subarray(0, filled);
      [filling, given] = [given, filling];
      filled = 0;
      output.resume();
      yield piece;
    }
  } finally {
    output.destroy();
  }
}
