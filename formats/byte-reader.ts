/** What can be opened at any offset; `cheaperAt` says where doing so costs less than reading on up to there. */
export interface Reopenable {
  /** With `lent` chunks may be overwritten once the next is asked for. */
  open(start?: number, chunks?: 'lent'): AsyncIterable<Uint8Array>;
  /** Never true for an offset past the end. */
  cheaperAt?(from: number, to: number): boolean;
}

const NOTHING = new Uint8Array(0);

/**
 * Reads a stream of chunks by counts of bytes, whatever the chunks' sizes. Nothing is read ahead of what was asked for
 * but the chunk that holds it. At the end of the stream it gives fewer bytes: the caller says what is missing.
 */
export class ByteReader {
  readonly #source: Reopenable | undefined;
  readonly #lent: 'lent' | undefined;
  #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = NOTHING;
  #position = 0;

  /**
   * Of a stream, or of what can be opened again, from `start` on: what is skipped is then not read where it can be. With
   * `lent` what `stream` and `take` give is overwritten once more is read.
   */
  constructor(source: AsyncIterable<Uint8Array> | Reopenable, start = 0, chunks?: 'lent') {
    // Not by `open`: Node's file streams have one of their own.
    const stream = Symbol.asyncIterator in source;
    this.#source = stream ? undefined : source;
    this.#lent = chunks;
    this.#chunks = (stream ? source : source.open(start, chunks))[Symbol.asyncIterator]();
    this.#position = start;
  }

  /** The offset of the next byte: those given or skipped so far, after the `start` that was opened. */
  get position(): number {
    return this.#position;
  }

  /** The next `count` bytes as they come, in pieces; fewer only at the end of the stream. */
  async *stream(count: number): AsyncGenerator<Uint8Array> {
    let left = count;
    while (left > 0) {
      const piece = await this.take(left);
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
    for (let left = count; left > 0; ) {
      const piece = await this.take(left);
      if (piece === undefined) break;
      left -= piece.length;
      pieces.push(this.#lent === undefined ? piece : Buffer.from(piece));
    }
    return Buffer.concat(pieces);
  }

  /** The next bytes into `memory`, as many as it has room for; gives how many there were, fewer only at the end. */
  async readInto(memory: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < memory.length) {
      const piece = await this.take(memory.length - filled);
      if (piece === undefined) break;
      memory.set(piece, filled);
      filled += piece.length;
    }
    return filled;
  }

  /** Passes over `count` bytes and gives how many there were. */
  async skip(count: number): Promise<number> {
    const start = this.#position;
    for (let left = count; left > 0; left = count - (this.#position - start)) {
      if (this.#chunk.length < left && this.#source?.cheaperAt?.(this.#position, start + count) === true) {
        await this.#chunks.return?.();
        this.#chunk = NOTHING;
        this.#position = start + count;
        this.#chunks = this.#source.open(this.#position, this.#lent)[Symbol.asyncIterator]();
        break;
      }
      if ((await this.take(left)) === undefined) break;
    }
    return this.#position - start;
  }

  /** Puts the last bytes that were given back, to be given again. */
  unread(bytes: Uint8Array): void {
    this.#chunk = this.#chunk.length === 0 ? bytes : Buffer.concat([bytes, this.#chunk]);
    this.#position -= bytes.length;
  }

  /** Tells the stream that no more is wanted. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  /** The next bytes in one piece, as many as are at hand, at most so many; undefined at the end of the stream. */
  async take(atMost: number): Promise<Uint8Array | undefined> {
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
