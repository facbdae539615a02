import { isReproofError, ReproofError } from '../model/index.ts';
import type { ByteSource, RandomReader } from './byte-source.ts';

/** Upper limits of one explanation. What is passed ends the explanation there, never the verdict. */
export type CompareLimits = {
  /** Bytes read and unpacked, both sides and every pass together. */
  readonly bytes: number;
  /** Members listed, both sides together; one whose name takes more than 256 bytes counts as several. */
  readonly members: number;
  /** Bytes of memory for what is known of the members of archives that are looked into, estimated, both sides together. */
  readonly listedBytes: number;
  /** Nodes of the difference tree. */
  readonly nodes: number;
  /** Wrappers and containers inside each other. */
  readonly depth: number;
  /** Bytes of differing members held in memory at a time; larger ones are read again from their container. */
  readonly heldBytes: number;
  /** Bytes of a text or of anything else that is read whole to be explained, per side. */
  readonly textBytes: number;
  /** Bytes of one node's `diff`. */
  readonly diffBytes: number;
  /** Bytes of all `diff`s together. */
  readonly reportBytes: number;
  /** Wall time of one run of an outside program, in seconds. */
  readonly programSeconds: number;
  /** Bytes that one run of an outside program may print. */
  readonly programBytes: number;
  /** Runs of outside programs, versions asked for not counted. */
  readonly programRuns: number;
  /** Bytes of memory that one run of an outside program may write to. */
  readonly programMemoryBytes: number;
  /** Bytes of one copy that is written to disk, for an outside program or to be read from anywhere. */
  readonly copyBytes: number;
  /** Runs of diffoscope for single members, where it is asked, too. */
  readonly diffoscopeRuns: number;
  /** Equal lines that are shown around lines that differ. */
  readonly contextLines: number;
};

export const DEFAULT_COMPARE_LIMITS: CompareLimits = {
  bytes: 64 * 2 ** 30,
  members: 1_000_000,
  listedBytes: 320 * 2 ** 20,
  nodes: 100_000,
  depth: 32,
  heldBytes: 32 * 2 ** 20,
  textBytes: 8 * 2 ** 20,
  diffBytes: 256 * 2 ** 10,
  reportBytes: 40 * 2 ** 20,
  programSeconds: 1_800,
  programBytes: 64 * 2 ** 20,
  programRuns: 500,
  programMemoryBytes: 2 * 2 ** 30,
  copyBytes: 4 * 2 ** 30,
  diffoscopeRuns: 20,
  contextLines: 3,
};

const MEMORY_PIECE_BYTES = 64 * 1024;

/** What is left of the limits. Shared by a whole walk; spending past a limit throws ARCHIVE_LIMIT. */
export class Budget {
  readonly limits: CompareLimits;
  readonly signal: AbortSignal | undefined;
  /** What ends a program that runs: either signal. */
  readonly ending: AbortSignal | undefined;
  /** How often a program was not run, or not to its end, because of a limit. */
  refusedRuns = 0;
  readonly #enough: AbortSignal | undefined;
  readonly #spent = {
    bytes: 0,
    members: 0,
    listedBytes: 0,
    nodes: 0,
    reportBytes: 0,
    programRuns: 0,
    diffoscopeRuns: 0,
  };

  /** `signal` ends everything with INTERRUPTED; `enough` ends only the looking: what was found by then is given. */
  constructor(limits: CompareLimits, signal?: AbortSignal, enough?: AbortSignal) {
    this.limits = limits;
    this.signal = signal;
    this.#enough = enough;
    const signals = [signal, enough].filter((one) => one !== undefined);
    this.ending = signals.length === 0 ? undefined : AbortSignal.any(signals);
  }

  /** Throws ARCHIVE_LIMIT (context `limit`) past a limit or when told enough, INTERRUPTED when the signal was given. */
  spend(what: 'bytes' | 'members' | 'listedBytes', amount: number): void {
    if (this.signal?.aborted) throw new ReproofError('INTERRUPTED', 'comparing: interrupted');
    if (this.#enough?.aborted) throw endedEarly();
    this.#spent[what] += amount;
    if (this.#spent[what] > this.limits[what]) {
      throw new ReproofError('ARCHIVE_LIMIT', `comparing: the limit of ${this.limits[what]} ${what} was reached`, {
        context: { limit: what, value: this.limits[what] },
      });
    }
  }

  /** What was spent for as long as something was held, which is let go. */
  giveBack(what: 'listedBytes', amount: number): void {
    this.#spent[what] -= amount;
  }

  /**
   * True, and one node spent, while there is one left: what was found is told even when told enough. Taken before what is
   * inside is looked at, which may use up all that are left.
   */
  takeNode(): boolean {
    if (this.#spent.nodes >= this.limits.nodes) return false;
    this.#spent.nodes++;
    return true;
  }

  /** One that was taken for what turned out to be nothing. */
  giveBackNode(): void {
    this.#spent.nodes--;
  }

  /** True, and the bytes spent, while the report has room for them. */
  takeReportBytes(bytes: number): boolean {
    if (this.#spent.reportBytes + bytes > this.limits.reportBytes) return false;
    this.#spent.reportBytes += bytes;
    return true;
  }

  /** True, and one run spent, while outside programs may still be run. */
  takeProgramRun(): boolean {
    return this.#takeRun('programRuns');
  }

  /** The same of diffoscope for a single member. */
  takeDiffoscopeRun(): boolean {
    return this.#takeRun('diffoscopeRuns');
  }

  /** Counts one that is not run, or not to its end, for a limit on size or output: what it would show is missing, too. */
  refuseRun(): void {
    this.refusedRuns++;
  }

  #takeRun(what: 'programRuns' | 'diffoscopeRuns'): boolean {
    if (this.#enough?.aborted) return false;
    if (this.#spent[what] >= this.limits[what]) {
      this.refusedRuns++;
      return false;
    }
    this.#spent[what]++;
    return true;
  }

  /** What became of a run that was ended: where that was only told enough, it is a limit like another. */
  reasonOf(error: unknown): unknown {
    const enough = isReproofError(error, 'INTERRUPTED') && this.#enough?.aborted && this.signal?.aborted !== true;
    return enough ? endedEarly() : error;
  }

  /** True when nothing more can be looked at: unpacking on is of no use. */
  get exhausted(): boolean {
    return this.#enough?.aborted === true || this.#spent.bytes >= this.limits.bytes;
  }

  /** The same source, with every byte that is read from it counted. */
  metered(source: ByteSource): ByteSource {
    const spend = (bytes: number): void => this.spend('bytes', bytes);
    const { random, memory } = source;
    const meteredRandom = (): RandomReader => {
      const reader = (random as () => RandomReader)();
      const read = (into: Uint8Array, position: number): number => {
        const count = reader.read(into, position);
        spend(count);
        return count;
      };
      return { read, close: () => reader.close() };
    };
    return {
      ...source,
      ...(random === undefined ? {} : { random: meteredRandom }),
      async *open(start = 0, chunks, end) {
        // What is in memory comes whole, of which a reader may want little.
        for (let at = start; memory !== undefined && at < memory.length; at += MEMORY_PIECE_BYTES) {
          const piece = memory.subarray(at, at + MEMORY_PIECE_BYTES);
          spend(piece.length);
          yield piece;
        }
        if (memory !== undefined) return;
        for await (const chunk of source.open(start, chunks, end)) {
          spend(chunk.length);
          yield chunk;
        }
      },
    };
  }
}

function endedEarly(): ReproofError {
  return new ReproofError('ARCHIVE_LIMIT', 'comparing: ended early as asked', { context: { limit: 'time' } });
}
