import { createHash } from 'node:crypto';
import { type PackedStreamFormat, packedStream } from '../../../formats/index.ts';
import { dropBytes } from '../../byte-source.ts';
import type { ByteSource, MemberHeader } from '../../types.ts';

/** The field that says what stands behind a stream. */
export const TRAILING = 'trailing bytes';

/** Ends of streams that were read to there anyway. */
const ends = new WeakMap<ByteSource, number>();

/** A file's packed stream without what follows it. */
export function packedOnly(source: ByteSource, format: PackedStreamFormat): ByteSource {
  return { name: source.name, size: undefined, open: (start = 0) => dropBytes(streamOf(source, format), start) };
}

async function* streamOf(source: ByteSource, format: PackedStreamFormat): AsyncGenerator<Uint8Array> {
  ends.set(source, yield* packedStream(source.open(), format));
}

/** Where what follows a file's packed stream begins; undefined where nothing does. */
export async function packedEnd(source: ByteSource, format: PackedStreamFormat): Promise<number | undefined> {
  if (!ends.has(source)) for await (const _ of streamOf(source, format));
  const end = ends.get(source) as number;
  for await (const piece of source.open(end)) if (piece.length > 0) return end;
  return undefined;
}

/** How many bytes follow a file's packed stream, and which; nothing where none do. */
export async function trailingFields(source: ByteSource, format: PackedStreamFormat): Promise<MemberHeader> {
  const end = await packedEnd(source, format);
  if (end === undefined) return {};
  const hash = createHash('sha256');
  let [size, zero] = [0, true];
  for await (const piece of source.open(end)) {
    hash.update(piece);
    size += piece.length;
    zero &&= piece.every((byte) => byte === 0);
  }
  return { [TRAILING]: zero ? `${size} bytes of zero` : `${size} bytes, sha256 ${hash.digest('hex')}` };
}
