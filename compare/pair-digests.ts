import { createHash, type Hash } from 'node:crypto';
import type { Sha256 } from '../model/index.ts';

/** Whether two sides are equal, and what they are: sizes in bytes. */
export type EndedDigests = {
  readonly identical: boolean;
  readonly left: { readonly size: number; readonly sha256: Sha256 };
  readonly right: { readonly size: number; readonly sha256: Sha256 };
};

/** Digests of two sides that are read in step. While they are equal, one hash is that of both. */
export class PairDigests {
  readonly #old = createHash('sha256');
  #now: Hash | undefined;
  #oldSize = 0;
  #nowSize = 0;

  /** Of both sides, so far. */
  get bytes(): number {
    return this.#oldSize + this.#nowSize;
  }

  add(old: Uint8Array, now: Uint8Array, equal: boolean): void {
    if (!equal) this.#now ??= this.#old.copy();
    this.#oldSize += old.length;
    this.#nowSize += now.length;
    this.#old.update(old);
    this.#now?.update(now);
  }

  ended(): EndedDigests {
    const sha256 = this.#old.digest('hex');
    return {
      identical: this.#now === undefined,
      left: { size: this.#oldSize, sha256 },
      right: { size: this.#nowSize, sha256: this.#now?.digest('hex') ?? sha256 },
    };
  }
}
