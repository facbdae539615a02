/**
 * Reads a stream of chunks by counts of bytes, whatever the chunks' sizes. Nothing is read ahead of what was asked for
 * but the chunk that holds it. At the end of the stream it gives fewer bytes: the caller says what is missing.
 */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #position = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** Bytes given or skipped so far: the offset of the next one. */
  get position(): number {
    return this.#position;
  }

  /** The next `count` bytes as they come, in pieces; fewer only at the end of the stream. */
  async *stream(count: number): AsyncGenerator<Uint8Array> {
    let left = count;
    while (left > 0) {
      const piece = await this.#take(left);
      if (piece === undefined) return;
      left -= piece.length;
      yield piece;
    }
  }

  /** The next `count` bytes in one buffer, which the caller has bounded; fewer only at the end of the stream. */
  async read(count: number): Promise<Buffer> {
    if (count <= this.#chunk.length) {
      const piece = this.#chunk.subarray(0, count);
      this.#chunk = this.#chunk.subarray(count);
      this.#position += count;
      return Buffer.from(piece);
    }
    const pieces: Uint8Array[] = [];
    for await (const piece of this.stream(count)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** Passes over `count` bytes and gives how many there were. */
  async skip(count: number): Promise<number> {
    const start = this.#position;
    for (let left = count; left > 0; left = count - (this.#position - start))
      if ((await this.#take(left)) === undefined) break;
    return this.#position - start;
  }

  /** Tells the stream that no more is wanted. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #take(atMost: number): Promise<Uint8Array | undefined> {
    while (this.#chunk.length === 0) {
      const next = await this.#chunks.next();
      if (next.done) return undefined;
      this.#chunk = next.value;
    }
    const piece = this.#chunk.subarray(0, atMost);
    this.#chunk = this.#chunk.subarray(piece.length);
    this.#position += piece.length;
    return piece;
  }
}
