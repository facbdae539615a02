import type { ByteSource } from './byte-source.ts';
import { letGo } from './let-go.ts';

/** All bytes of a source; undefined when there are more than `limitBytes`. */
export async function readWhole(source: ByteSource, limitBytes: number): Promise<Buffer | undefined> {
  if (source.size !== undefined && source.size > limitBytes) return undefined;
  letGo();
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of source.open()) {
    size += piece.length;
    if (size > limitBytes) return undefined;
    pieces.push(piece);
  }
  return pieces.length === 1 ? asBuffer(pieces[0] as Uint8Array) : Buffer.concat(pieces);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
