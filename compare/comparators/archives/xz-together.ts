import { createHash } from 'node:crypto';
import { xzStored } from '../../../formats/index.ts';
import { bufferSource } from '../../buffer-source.ts';
import { isNote } from '../../error-notes.ts';
import type { ByteSource, Context, SourceInMemory, UnwrappedInTurn } from '../../types.ts';
import { runXz } from './xz-unpacking.ts';

/** A source in memory whose index says how much it holds. */
export type Sized = { readonly source: SourceInMemory; readonly contentBytes: number };

/** Contents are in memory, one at a time: those of more are left out. */
const CONTENT_BYTES = 4 * 2 ** 20;
const NOTHING = new Uint8Array(0);

/**
 * Files one after the other are a file of several streams, of which xz gives all contents, one after the other: xz(1). It
 * begins when the first is asked for, and unpacks ahead while that one is looked at. After each file comes a mark, the
 * digest of all of them, which none of them can hold: where it follows as much as the index says, xz has verified the
 * file up to its end.
 */
export class XzTogether implements UnwrappedInTurn {
  readonly #sized: readonly Sized[];
  readonly #places: ReadonlyMap<ByteSource, number>;
  readonly #context: Context;
  readonly #mark: Buffer;
  #pieces: AsyncIterator<Uint8Array> | undefined;
  #piece: Uint8Array = NOTHING;
  #memory = Buffer.alloc(0);
  #next = 0;

  constructor(sized: readonly Sized[], context: Context) {
    this.#sized = sized.filter(({ contentBytes }) => contentBytes > 0 && contentBytes <= CONTENT_BYTES);
    this.#places = new Map(this.#sized.map(({ source }, place) => [source, place]));
    this.#context = context;
    const digest = createHash('sha256');
    for (const { source } of this.#sized) digest.update(source.memory);
    this.#mark = digest.digest();
  }

  async content(source: ByteSource): Promise<ByteSource | undefined> {
    const place = this.#places.get(source);
    if (place === undefined || place < this.#next) return undefined;
    try {
      this.#pieces ??= runXz({ input: this.#input(), chunks: 'lent' }, this.#context)[Symbol.asyncIterator]();
      while (this.#next <= place) {
        const { contentBytes } = this.#sized[this.#next++] as Sized;
        const taken = await this.#take(contentBytes + this.#mark.length);
        if (taken?.subarray(contentBytes).equals(this.#mark) !== true) break;
        if (this.#next > place) return bufferSource(source.name, taken.subarray(0, contentBytes));
      }
    } catch (error) {
      if (!isNote(error)) throw error;
    }
    // One of them is not as it should be: which one, and how, shows when each is unpacked alone.
    this.#next = this.#sized.length;
    await this.close();
    return undefined;
  }

  async close(): Promise<void> {
    await this.#pieces?.return?.();
    this.#pieces = undefined;
    this.#piece = NOTHING;
  }

  /** The next bytes, in memory; undefined where there are fewer. */
  async #take(size: number): Promise<Buffer | undefined> {
    if (this.#memory.length < size) this.#memory = Buffer.allocUnsafeSlow(size);
    for (let at = 0; at < size; ) {
      const piece = this.#piece.length > 0 ? this.#piece : await this.#nextPiece();
      if (piece === undefined) return undefined;
      const taken = piece.subarray(0, size - at);
      this.#memory.set(taken, at);
      this.#piece = piece.subarray(taken.length);
      at += taken.length;
    }
    return this.#memory.subarray(0, size);
  }

  async #nextPiece(): Promise<Uint8Array | undefined> {
    const { done, value } = (await this.#pieces?.next()) ?? { done: true };
    if (done === true) return undefined;
    this.#context.budget.spend('bytes', value.length);
    return value;
  }

  async *#input(): AsyncGenerator<Uint8Array> {
    const mark = xzStored(this.#mark);
    for (const { source } of this.#sized) {
      yield* source.open(0, 'lent');
      yield mark;
    }
  }
}
