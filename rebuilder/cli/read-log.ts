import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ReproofError } from '../../model/index.ts';
import { escapeTerminal } from './terminal-text.ts';

/** A line longer than this is printed in pieces, so that memory stays bounded. In UTF-16 units. */
const LONGEST_PIECE = 16_384;

/** Decompresses a stored log (gzip, RFC 1952). Throws BLOB_CORRUPT when it is no gzip, is cut, or is longer than `bytes`. */
export async function* readLog(compressed: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  const feeding = pipeline(Readable.from(compressed, { objectMode: false }), gunzip);
  feeding.catch(() => {});
  let total = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      total += chunk.length;
      if (total > bytes)
        throw new ReproofError('BLOB_CORRUPT', `reading a build log: it is longer than the recorded ${bytes} bytes`);
      yield chunk;
    }
    await feeding;
  } catch (cause) {
    if (cause instanceof ReproofError) throw cause;
    throw new ReproofError('BLOB_CORRUPT', `decompressing a build log after ${total} bytes: ${messageOf(cause)}`, {
      cause,
    });
  } finally {
    gunzip.destroy();
  }
}

/** The same text as lines a terminal can take: UTF-8 where it is that, everything a terminal acts on escaped. */
export async function* escapeLog(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  let lineIsOpen = false;
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (lines.length > 0) {
      yield lines.map((line) => `${escapeTerminal(line)}\n`).join('');
      lineIsOpen = false;
    }
    if (rest.length > LONGEST_PIECE) {
      yield escapeTerminal(rest);
      rest = '';
      lineIsOpen = true;
    }
  }
  rest += decoder.decode();
  if (rest !== '' || lineIsOpen) yield `${escapeTerminal(rest)}\n`;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
