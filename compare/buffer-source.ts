import type { ByteSource } from './byte-source.ts';
import { escapeText } from './escape.ts';

/** Bytes in memory, given in one piece. */
export function bufferSource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name: escapeText(name),
    size: bytes.length,
    seekable: true,
    async *open(start = 0) {
      if (start < bytes.length) yield start === 0 ? bytes : bytes.subarray(start);
    },
  };
}
