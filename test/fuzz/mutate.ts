import { withChecksums } from './checksums.ts';
import { withinPacked } from './repack.ts';

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Values that sit at the edges of what a size or a count can hold. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];
const MAX_BYTES = 64 * 1024;

export type Random = () => number;
type Mutation = (bytes: Buffer, random: Random, other: Buffer) => Buffer;

const place = (random: Random, length: number): number => Math.floor(random() * length);

const MUTATIONS: readonly Mutation[] = [
  (bytes, random) => {
    const at = place(random, bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << place(random, 8));
    return bytes;
  },
  (bytes, random) => {
    bytes[place(random, bytes.length)] = place(random, 256);
    return bytes;
  },
  (bytes, random) => {
    const width = [1, 2, 4, 8][place(random, 4)] as number;
    const value = EDGES[place(random, EDGES.length)] as number;
    const at = place(random, bytes.length - width);
    if (at < 0) return bytes;
    const little = random() < 0.5;
    for (let index = 0; index < width; index++) {
      const shift = little ? index : width - 1 - index;
      bytes[at + index] = shift > 3 ? (value === 0xffffffff ? 255 : 0) : (value >>> (8 * shift)) & 255;
    }
    return bytes;
  },
  (bytes, random) => bytes.subarray(0, place(random, bytes.length)),
  (bytes, random) => {
    const [from, to] = [place(random, bytes.length), place(random, bytes.length)].sort((one, two) => one - two);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  (bytes, random) => {
    const [from, to] = [place(random, bytes.length), place(random, bytes.length)].sort((one, two) => one - two);
    const piece = bytes.subarray(from, Math.min(to as number, (from as number) + 512));
    const at = place(random, bytes.length);
    return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
  },
  (bytes, random, other) => {
    const at = place(random, bytes.length);
    const from = place(random, other.length);
    return Buffer.concat([bytes.subarray(0, at), other.subarray(from, from + 512), bytes.subarray(at)]);
  },
  (bytes, random) => {
    const at = place(random, bytes.length);
    const digits = ['0', '9', '-1', '99999999999', '00000000000', '77777777777', '4294967296'];
    const text = digits[place(random, digits.length)] as string;
    bytes.write(text, at, 'latin1');
    return bytes;
  },
];

/** A copy of `bytes` with one to eight changes; now and then the changes are to what is packed in it. */
export function mutate(bytes: Uint8Array, random: Random, other: Uint8Array): Buffer {
  const spare = Buffer.from(other);
  if (random() < 0.2) {
    const repacked = withinPacked(Buffer.from(bytes), random, (content) => changedIn(content, random, spare));
    if (repacked !== undefined) return repacked.subarray(0, MAX_BYTES);
  }
  const changed = changedIn(Buffer.from(bytes), random, spare);
  return random() < 0.7 ? withChecksums(changed) : changed;
}

function changedIn(bytes: Buffer, random: Random, other: Buffer): Buffer {
  let changed = bytes;
  for (let left = 1 + place(random, 8); left > 0 && changed.length > 0; left--) {
    const mutation = MUTATIONS[place(random, MUTATIONS.length)] as Mutation;
    changed = Buffer.from(mutation(changed, random, other).subarray(0, MAX_BYTES));
  }
  return changed;
}
