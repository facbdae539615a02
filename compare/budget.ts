import { ReproofError } from '../model/index.ts';
import type { ByteSource } from './byte-source.ts';

/** Upper limits of one explanation. What is passed ends the explanation there, never the verdict. */
export type CompareLimits = {
  /** Bytes read and unpacked, both sides and every pass together. */
  readonly bytes: number;
  /** Members listed, both sides together. */
  readonly members: number;
  /** Nodes of the difference tree. */
  readonly nodes: number;
  /** Wrappers and containers inside each other. */
  readonly depth: number;
  /** Bytes of differing members held in memory at a time; larger ones are read again from their container. */
  readonly heldBytes: number;
  /** Bytes of a text, per side, that is compared by lines. */
  readonly textBytes: number;
  /** Wall time of one run of an outside program, in seconds. */
  readonly programSeconds: number;
};

export const DEFAULT_COMPARE_LIMITS: CompareLimits = {
  bytes: 64 * 2 ** 30,
  members: 1_000_000,
  nodes: 2_000,
  depth: 16,
  heldBytes: 32 * 2 ** 20,
  textBytes: 4 * 2 ** 20,
  programSeconds: 1_800,
};

/** What is left of the limits. Shared by a whole walk; spending past a limit throws ARCHIVE_LIMIT. */
export class Budget {
  readonly limits: CompareLimits;
  readonly signal: AbortSignal | undefined;
  readonly #spent = { bytes: 0, members: 0, nodes: 0 };

  constructor(limits: CompareLimits, signal?: AbortSignal) {
    this.limits = limits;
    this.signal = signal;
  }

  /** Throws ARCHIVE_LIMIT (context `limit`) past a limit, INTERRUPTED when the signal was given. */
  spend(what: 'bytes' | 'members' | 'nodes', amount: number): void {
    if (this.signal?.aborted) throw new ReproofError('INTERRUPTED', 'comparing: interrupted');
    this.#spent[what] += amount;
    if (this.#spent[what] > this.limits[what]) {
      throw new ReproofError('ARCHIVE_LIMIT', `comparing: the limit of ${this.limits[what]} ${what} was reached`, {
        context: { limit: what, value: this.limits[what] },
      });
    }
  }

  /** True, and one node spent, while there is one left. */
  takeNode(): boolean {
    if (this.#spent.nodes >= this.limits.nodes) return false;
    this.spend('nodes', 1);
    return true;
  }

  /** The same source, with every byte that is read from it counted. */
  metered(source: ByteSource): ByteSource {
    const spend = (bytes: number): void => this.spend('bytes', bytes);
    return {
      name: source.name,
      size: source.size,
      async *open() {
        for await (const chunk of source.open()) {
          spend(chunk.length);
          yield chunk;
        }
      },
    };
  }
}
