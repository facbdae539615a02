import type { ByteSource } from './byte-source.ts';
import { escapeText } from './escape.ts';

/** Bytes in memory, given in one piece. */
export function bufferSource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name: escapeText(name),
    size: bytes.length,
    seekable: true,
    memory: bytes,
    random: () => ({
      read: (into, position) => {
        const piece = bytes.subarray(position, position + into.length);
        into.set(piece);
        return piece.length;
      },
      close: () => {},
    }),
    cheaperAt: (_from, to) => to <= bytes.length,
    async *open(start = 0) {
      if (start < bytes.length) yield start === 0 ? bytes : bytes.subarray(start);
    },
  };
}
