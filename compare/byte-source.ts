/** Bytes that can be read again, as often as asked, from any offset. */
export interface ByteSource {
  /** For people: what it is called, escaped. */
  readonly name: string;
  /** Bytes; undefined where only reading tells, as for a compressed file's content. */
  readonly size: number | undefined;
  /** The bytes from `start` on, 0 when absent; nothing when the content ends before. */
  open(start?: number): AsyncIterable<Uint8Array>;
  /**
   * How the content is stored, where pieces of it can be reached alone and be told equal without unpacking them: in
   * order, without gaps, all of it. Undefined where it is not stored so.
   */
  blocks?(): Promise<readonly StoredBlock[] | undefined>;
  /** True where beginning anywhere costs nothing: a file, a buffer, a range of either. */
  readonly seekable?: boolean;
}

/** `size` bytes of content at `offset`. Blocks of one `id` and one size hold the same bytes. */
export type StoredBlock = { readonly offset: number; readonly size: number; readonly id: string };

/** `size` bytes of `parent` from `offset` on, as a source of their own. */
export function rangeSource(parent: ByteSource, range: { name: string; offset: number; size: number }): ByteSource {
  const { name, offset, size } = range;
  return {
    name,
    size,
    seekable: parent.seekable === true,
    async *open(start = 0) {
      let left = size - start;
      if (left <= 0) return;
      for await (const chunk of parent.open(offset + start)) {
        if (chunk.length >= left) {
          yield chunk.subarray(0, left);
          return;
        }
        left -= chunk.length;
        yield chunk;
      }
    },
  };
}

/** `stream` without its first `count` bytes. */
export async function* dropBytes(stream: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array> {
  let left = count;
  for await (const chunk of stream) {
    if (chunk.length > left) yield left > 0 ? chunk.subarray(left) : chunk;
    left = Math.max(0, left - chunk.length);
  }
}
