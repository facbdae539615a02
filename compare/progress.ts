import type { ByteSource } from './byte-source.ts';

/** How far a comparison is. `done` is a share of 1 that never falls; `at` names what is looked at, escaped, outermost first. */
export type ProgressStep = {
  readonly done: number;
  readonly at: readonly string[];
  /** Bytes read and unpacked so far. */
  readonly bytes: number;
};

/** Told at every step and every piece that is read: whoever shows it chooses how often. */
export type OnProgress = (step: ProgressStep) => void;

/** Reading both sides for the verdict is this share of the whole; the rest is looking into them. */
const READING = 0.2;

/** Where a comparison is: looking into members is a share of the looking into what holds them, by their bytes. */
export class Progress {
  readonly #report: OnProgress | undefined;
  readonly #at: string[] = [];
  #done = 0;
  #from = READING;
  #to = 1;
  #bytes = 0;

  constructor(report: OnProgress | undefined) {
    this.#report = report;
  }

  /** Both sides were read up to `bytes` of `total`. */
  reading(bytes: number, total: number | undefined): void {
    this.#bytes = bytes;
    this.#tell(total === undefined || total === 0 ? 0 : READING * Math.min(1, bytes / total));
  }

  /** More bytes were read in looking. */
  read(bytes: number): void {
    this.#bytes += bytes;
    this.#tell(this.#done);
  }

  /** Looks into `name`, which is the stretch from share `from` to share `to` of what it is in. */
  async within<Result>(
    { name, from, to }: { readonly name: string; readonly from: number; readonly to: number },
    work: () => Promise<Result>,
  ): Promise<Result> {
    const outer = [this.#from, this.#to] as const;
    const span = this.#to - this.#from;
    [this.#from, this.#to] = [outer[0] + span * from, outer[0] + span * to];
    this.#at.push(name);
    this.#tell(this.#from);
    try {
      return await work();
    } finally {
      this.#tell(this.#to);
      this.#at.pop();
      [this.#from, this.#to] = outer;
    }
  }

  /** The same source, told of as it is read. */
  watched(source: ByteSource): ByteSource {
    if (this.#report === undefined) return source;
    const read = (bytes: number): void => this.read(bytes);
    return {
      ...source,
      async *open(start = 0, chunks, end) {
        for await (const chunk of source.open(start, chunks, end)) {
          read(chunk.length);
          yield chunk;
        }
      },
    };
  }

  #tell(done: number): void {
    this.#done = Math.max(this.#done, done);
    this.#report?.({ done: this.#done, at: this.#at, bytes: this.#bytes });
  }
}
