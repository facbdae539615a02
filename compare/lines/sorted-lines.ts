import type { ByteSource } from '../byte-source.ts';

/** What two sorted lists of lines differ in, without holding either. Lines are bytes as latin1, without their ends. */
export type SortedChanges = {
  /** The first `limit` lines that one side has more often. */
  readonly left: readonly string[];
  readonly right: readonly string[];
  /** All of those lines. */
  readonly leftCount: number;
  readonly rightCount: number;
};

const NEWLINE = 0x0a;
/** A longer line that differs is no entry of a list; a much longer one is not even held. */
const LINE_BYTES = 64 * 1024;
const HELD_BYTES = 16 * 2 ** 20;

/**
 * Steps through two long texts whose lines stand in the order of their bytes, as LC_ALL=C sort leaves them. Undefined
 * where a line that differs is out of order, or a line is too long. Memory is a chunk of either side.
 */
export async function sortedChanges(
  left: ByteSource,
  right: ByteSource,
  limit: number,
): Promise<SortedChanges | undefined> {
  const [old, now] = [new Lines(left), new Lines(right)];
  const found = { left: [] as string[], right: [] as string[], leftCount: 0, rightCount: 0 };
  try {
    for (;;) {
      const [one, other] = [await old.fill(), await now.fill()];
      if (!one || !other) return undefined;
      passEqual(old, now);
      const [a, b] = [old.line(), now.line()];
      // Nothing but a whole line is compared: of a side that has only a piece of one, more is read.
      if ((a === undefined && !old.ended) || (b === undefined && !now.ended)) continue;
      if (a === undefined && b === undefined) return found;
      const order = a === undefined ? 1 : b === undefined ? -1 : Buffer.compare(a, b);
      if (order <= 0 && !old.take(a as Buffer)) return undefined;
      if (order >= 0 && !now.take(b as Buffer)) return undefined;
      if (order < 0 && ++found.leftCount <= limit) found.left.push((a as Buffer).toString('latin1'));
      if (order > 0 && ++found.rightCount <= limit) found.right.push((b as Buffer).toString('latin1'));
    }
  } finally {
    await old.close();
    await now.close();
  }
}

/** Passes over the lines that both sides hold alike from here on, as far as they have been read. */
function passEqual(old: Lines, now: Lines): void {
  const size = Math.min(old.held.length - old.at, now.held.length - now.at);
  let [low, high] = [0, size];
  const equal = (length: number): boolean =>
    old.held.compare(now.held, now.at, now.at + length, old.at, old.at + length) === 0;
  if (equal(size)) low = size;
  // Where the first difference is, found by halves.
  while (low < high && low < size) {
    const middle = (low + high + 1) >> 1;
    if (old.held.compare(now.held, now.at + low, now.at + middle, old.at + low, old.at + middle) === 0) low = middle;
    else high = middle - 1;
  }
  const end = old.held.lastIndexOf(NEWLINE, old.at + low - 1);
  if (low === 0 || end < old.at) return;
  const passed = end + 1 - old.at;
  old.pass(passed);
  now.pass(passed);
}

class Lines {
  readonly #chunks: AsyncIterator<Uint8Array>;
  held: Buffer = Buffer.alloc(0);
  at = 0;
  ended = false;
  #last: Buffer | undefined;

  constructor(source: ByteSource) {
    this.#chunks = source.open()[Symbol.asyncIterator]();
  }

  /** Reads on while there is no whole line; false for one that is too long. */
  async fill(): Promise<boolean> {
    while (!this.ended && this.held.indexOf(NEWLINE, this.at) < 0) {
      if (this.held.length - this.at > HELD_BYTES) return false;
      const next = await this.#chunks.next();
      if (next.done) this.ended = true;
      else this.held = Buffer.concat([this.held.subarray(this.at), next.value]);
      this.at = next.done ? this.at : 0;
    }
    return true;
  }

  /** The next whole line, or what stands at the end without one. */
  line(): Buffer | undefined {
    const end = this.held.indexOf(NEWLINE, this.at);
    if (end >= 0) return this.held.subarray(this.at, end);
    return this.ended && this.at < this.held.length ? this.held.subarray(this.at) : undefined;
  }

  /** Passes over that line; false where it is too long, or stands before the one that was taken last. */
  take(line: Buffer): boolean {
    const sorted = this.#last === undefined || Buffer.compare(this.#last, line) <= 0;
    this.#last = Buffer.from(line);
    this.at = Math.min(this.held.length, this.at + line.length + 1);
    return sorted && line.length <= LINE_BYTES;
  }

  pass(bytes: number): void {
    this.at += bytes;
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
