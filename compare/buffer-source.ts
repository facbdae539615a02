import { escapeText } from './escape.ts';
import type { ByteSource } from './types.ts';

/** Bytes in memory, given in one piece. */
export function bufferSource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name: escapeText(name),
    size: bytes.length,
    async *open() {
      if (bytes.length > 0) yield bytes;
    },
  };
}
