import { ftruncateSync, writeSync } from 'node:fs';
import { type ByteSource, rangeSource } from './byte-source.ts';
import { fileSource } from './file-source.ts';
import type { Helpers } from './helpers/helper-runner.ts';
import type { Context } from './types.ts';

/** As much is kept from the start on before anything is found to differ. */
const AT_FIRST_BYTES = 8 * 2 ** 20;
/** Reading on from a file up to here costs less than opening it again. */
const NEAR_BYTES = 2 ** 20;
const NOTHING = new Uint8Array(0);

type ScratchFile = Awaited<ReturnType<Helpers['scratchFile']>>;

/**
 * Unpacked content that is written to disk while it is read for the first time, so that it need not be unpacked again: all
 * of it where it is short or `keep` was called soon, else from where `keep` was called on. Where it would take more than
 * the limit of `copyBytes`, or cannot be written, nothing is kept, and all is as without.
 */
export class KeptContent {
  /** For the first reading, which is kept where it goes to the end. */
  readonly reading: ByteSource;
  /** For all others. */
  readonly source: ByteSource;
  readonly #packed: ByteSource;
  readonly #context: Context;
  #file: ScratchFile | undefined;
  #state: 'at first' | 'kept' | 'let go' | 'given up' = 'at first';
  #from = 0;
  #position = 0;
  #piece: Uint8Array = NOTHING;
  #whole: ByteSource | undefined;

  constructor(packed: ByteSource, context: Context) {
    this.#packed = packed;
    this.#context = context;
    this.reading = { name: packed.name, size: packed.size, open: (_, chunks) => this.#first(chunks) };
    this.source = {
      ...packed,
      open: (start = 0, chunks, end) => this.#again(start, chunks, end),
      cheaperAt: (from, to) =>
        this.#whole === undefined || to < this.#from
          ? packed.cheaperAt?.(from, to) === true
          : to - from > NEAR_BYTES && to <= (this.#whole.size ?? 0),
    };
  }

  /** From now on all is kept, from `position` on, where the reader of the first reading stands. */
  keep(position: number): void {
    if (this.#state === 'at first') this.#state = 'kept';
    if (this.#state !== 'let go') return;
    this.#state = 'kept';
    this.#from = Math.max(position, this.#position);
    this.#write(this.#piece.subarray(this.#from - this.#position), this.#from);
  }

  /** A range of what is kept, to be read from anywhere; undefined where not all of it is. */
  range(name: string, offset: number, size: number): ByteSource | undefined {
    if (this.#whole === undefined || offset < this.#from) return undefined;
    return rangeSource(this.#whole, { name, offset, size });
  }

  async close(): Promise<void> {
    this.#whole = undefined;
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close();
    await file?.remove();
  }

  async *#first(chunks?: 'lent'): AsyncGenerator<Uint8Array> {
    try {
      this.#file = await this.#context.helpers.scratchFile();
    } catch {
      // Such as a temporary folder that cannot be written to: keeping is only quicker.
      this.#state = 'given up';
    }
    for await (const piece of this.#packed.open(0, chunks)) {
      this.#piece = piece;
      if (this.#state === 'at first' && this.#position + piece.length > AT_FIRST_BYTES) this.#letGo('let go');
      if (this.#state === 'at first' || this.#state === 'kept') this.#write(piece, this.#position);
      yield piece;
      this.#position += piece.length;
      this.#piece = NOTHING;
    }
    const kept = this.#state === 'at first' || this.#state === 'kept';
    if (kept && this.#file !== undefined && this.#position > this.#from)
      this.#whole = { ...(await fileSource(this.#file.path)), name: this.#packed.name };
  }

  async *#again(start: number, chunks?: 'lent', end?: number): AsyncGenerator<Uint8Array> {
    const whole = this.#whole;
    if (whole === undefined) {
      yield* this.#packed.open(start, chunks, end);
      return;
    }
    const { name } = this.#packed;
    if (start < this.#from)
      yield* rangeSource(this.#packed, { name, offset: start, size: this.#from - start }).open(0, chunks);
    yield* whole.open(Math.max(start, this.#from), chunks);
  }

  /** Where it stands in the content it stands in the file: what is before it takes no room there. */
  #write(bytes: Uint8Array, position: number): void {
    const { fd } = (this.#file as ScratchFile).handle;
    try {
      if (position + bytes.length - this.#from > this.#context.budget.limits.copyBytes) this.#letGo('given up');
      else for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, position + at);
    } catch {
      this.#letGo('given up');
    }
  }

  #letGo(state: 'let go' | 'given up'): void {
    this.#state = state;
    ftruncateSync((this.#file as ScratchFile).handle.fd, 0);
  }
}
