import { ByteReader } from './byte-reader.ts';

/** Small pieces are given out together, in about so many bytes. */
const TOGETHER_BYTES = 64 * 1024;

/** A stream that is given out again while it is looked at. Small pieces go out with the next large one. */
export class Taken {
  readonly reader: ByteReader;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #end = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.reader = new ByteReader(source);
  }

  /** Where the last byte that belongs to what is given out ends. */
  get end(): number {
    return this.#end;
  }

  /** `count` bytes, which `through` or `keep` make part of what is given out; fewer only at the end of the file. */
  async take(count: number): Promise<Buffer> {
    const bytes = await this.reader.read(count);
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    return bytes;
  }

  /** All that was taken is part of what is given out. */
  keep(): void {
    this.#end = this.reader.position;
  }

  /** What was taken, and `count` bytes more; true when there were so many. */
  async *through(count: number): AsyncGenerator<Uint8Array, boolean> {
    const start = this.reader.position;
    if (this.#heldBytes + count < TOGETHER_BYTES) await this.take(count);
    else
      for await (const piece of this.reader.stream(count)) {
        yield this.#held.length === 0 ? piece : Buffer.concat([...this.#held, piece]);
        this.#held = [];
        this.#heldBytes = 0;
      }
    this.keep();
    return this.reader.position - start === count;
  }

  /** What was not given out yet of what is to be. */
  *rest(): Generator<Uint8Array> {
    const bytes = Buffer.concat(this.#held);
    const kept = bytes.length - (this.reader.position - this.#end);
    if (kept > 0) yield bytes.subarray(0, kept);
  }
}
