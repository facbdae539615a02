import { createInflateRaw } from 'node:zlib';
import type { ByteReader } from './byte-reader.ts';

/**
 * One deflated stream, RFC 1951, unpacked from where the reader stands; behind its last byte the reader stands after.
 * Throws what `refused` makes of zlib's message, also where the stream ends early.
 */
export async function* inflateFrom(reader: ByteReader, refused: (why: string) => Error): AsyncGenerator<Uint8Array> {
  const inflated = createInflateRaw();
  let given = 0;
  let last: Uint8Array = new Uint8Array(0);
  let over = false;
  let inputError: unknown;
  const feed = async (): Promise<void> => {
    try {
      for await (const piece of reader.stream(Number.POSITIVE_INFINITY)) {
        given += piece.length;
        last = piece;
        await new Promise<void>((done) => inflated.write(piece, () => done()));
        // What is left over of a piece says that the stream has ended before it.
        if (over || inflated.bytesWritten < given) return;
      }
      inflated.end();
    } catch (error) {
      inputError = error;
      inflated.destroy(new Error('its input failed'));
    }
  };
  const fed = feed();
  try {
    for await (const chunk of inflated) yield chunk as Buffer;
    await fed;
  } catch (error) {
    if (inputError !== undefined) throw inputError;
    throw error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
      ? refused(error.message)
      : error;
  } finally {
    over = true;
    inflated.destroy();
  }
  const left = given - inflated.bytesWritten;
  if (left > 0) reader.unread(last.subarray(last.length - left));
}
