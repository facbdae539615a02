import { hash } from 'node:crypto';
import { ReproofError } from '../../model/index.ts';
import { sameBytes } from './strict-text.ts';

/** The root of a tree without leaves: SHA-256 of nothing (RFC 6962, 2.1). */
export const EMPTY_ROOT: Uint8Array = hash('sha256', '', 'buffer');

/** A node over 2^level leaves, the first of which is index · 2^level. All its leaves are in the tree. */
export type Subtree = { readonly level: number; readonly index: number };

/** Leaves from `start` up to and without `end`. */
export type LeafRange = { readonly start: number; readonly end: number };

/** SHA-256(0x00 ‖ entry) (RFC 6962, 2.1). */
export function leafHash(entry: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(entry.length + 1);
  bytes[0] = 0;
  bytes.set(entry, 1);
  return sha256(bytes);
}

/** Out of memory that small buffers share: a hash with memory of its own costs the collector more than hashing does. */
function sha256(bytes: Uint8Array): Uint8Array {
  return Buffer.from(hash('sha256', bytes, 'binary'), 'latin1');
}

/** What a node's hash is over. Hashing is done when nodeHash returns, so one place in memory serves all. */
const NODE = Buffer.alloc(65);
NODE[0] = 1;

/** SHA-256(0x01 ‖ left ‖ right), both of 32 bytes. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  NODE.set(left, 1);
  NODE.set(right, 33);
  return sha256(NODE);
}

/** The largest power of two below `size`, which is 2 or more: where RFC 6962 parts a tree. */
function splitOf(size: number): number {
  const below = 2 ** Math.floor(Math.log2(size - 1));
  // log2 is rounded: it may be one off near powers of two past 2^48.
  return below >= size ? below / 2 : below * 2 < size ? below * 2 : below;
}

/** Complete subtrees whose leaves are a range that RFC 6962 hashes, from the left: each is smaller than the one before. */
export function subtreesOf({ start, end }: LeafRange): readonly Subtree[] {
  const subtrees: Subtree[] = [];
  for (let from = start; from < end; ) {
    const width = end - from === 1 ? 1 : splitOf(end - from + 1);
    subtrees.push({ level: Math.round(Math.log2(width)), index: from / width });
    from += width;
  }
  return subtrees;
}

/** The hash of a range from those of its subtreesOf, in their order. */
export function joinSubtrees(hashes: readonly Uint8Array[]): Uint8Array {
  return hashes.length === 0 ? EMPTY_ROOT : hashes.reduceRight((right, left) => nodeHash(left, right));
}

/** The ranges whose hashes prove a leaf's place in a tree, lowest first (RFC 6962, 2.1.1). Throws INTERNAL out of range. */
export function inclusionRanges(index: number, size: number): readonly LeafRange[] {
  requireOrder(0 <= index && index < size, `leaf ${index} of ${size}`);
  const ranges: LeafRange[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    ranges.push(index < middle ? { start: middle, end } : { start, end: middle });
    if (index < middle) end = middle;
    else start = middle;
  }
  return ranges.toReversed();
}

/** The ranges whose hashes prove that a tree of size `to` begins with that of size `from` (RFC 6962, 2.1.2). */
export function consistencyRanges(from: number, to: number): readonly LeafRange[] {
  requireOrder(0 <= from && from <= to, `sizes ${from} and ${to}`);
  if (from === 0 || from === to) return [];
  const ranges: LeafRange[] = [];
  let start = 0;
  let end = to;
  while (from !== end) {
    const middle = start + splitOf(end - start);
    ranges.push(from <= middle ? { start: middle, end } : { start, end: middle });
    if (from <= middle) end = middle;
    else start = middle;
  }
  // The old tree itself is what is proved, and known.
  if (start > 0) ranges.push({ start, end });
  return ranges.toReversed();
}

function requireOrder(holds: boolean, what: string): void {
  if (!holds) throw new ReproofError('INTERNAL', `proving in a log: there is no proof for ${what}`);
}

/** A leaf's place in a tree, and the hashes that prove it. */
export type Inclusion = {
  readonly index: number;
  readonly size: number;
  readonly leaf: Uint8Array;
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
};

/** Two trees, and the hashes that prove that the second begins with the first. */
export type Consistency = {
  readonly from: { readonly size: number; readonly root: Uint8Array };
  readonly to: { readonly size: number; readonly root: Uint8Array };
  readonly proof: readonly Uint8Array[];
};

/** Verifies that a leaf is in a tree (RFC 9162, 2.1.3.2). Throws LOG_PROOF_INVALID. */
export function verifyInclusion({ index, size, leaf, proof, root }: Inclusion): void {
  if (!isPlace(index) || !isPlace(size) || index >= size) throw refuted(`there is no leaf ${index} in ${size}`);
  const ranges = inclusionRanges(index, size);
  requireProof(proof, ranges.length);
  const found = ranges.reduce((below, { start }, step) => {
    const beside = proof[step] as Uint8Array;
    return start > index ? nodeHash(below, beside) : nodeHash(beside, below);
  }, leaf);
  if (!sameBytes(found, root)) throw refuted(`leaf ${index} is not in the tree of ${size} with this root`);
}

/** Verifies that a tree begins with another (RFC 9162, 2.1.4.2). Throws LOG_PROOF_INVALID. */
export function verifyConsistency({ from, to, proof }: Consistency): void {
  if (!isPlace(from.size) || !isPlace(to.size) || from.size > to.size)
    throw refuted(`a tree of ${to.size} does not begin with one of ${from.size}`);
  const ranges = consistencyRanges(from.size, to.size);
  requireProof(proof, ranges.length);
  if (from.size === 0 && !sameBytes(from.root, EMPTY_ROOT)) throw refuted('the empty tree has another root');
  if (from.size === to.size && !sameBytes(from.root, to.root)) throw refuted(`two trees of ${to.size} differ`);
  if (ranges.length === 0) return;
  // A first range that ends where the old tree does is part of it; without one the old tree is whole in the new.
  const begins = (ranges[0] as LeafRange).end === from.size;
  const seed = begins ? (proof[0] as Uint8Array) : from.root;
  let before = seed;
  let after = seed;
  for (let step = begins ? 1 : 0; step < ranges.length; step++) {
    const beside = proof[step] as Uint8Array;
    const isLeft = (ranges[step] as LeafRange).end <= from.size;
    if (isLeft) before = nodeHash(beside, before);
    after = isLeft ? nodeHash(beside, after) : nodeHash(after, beside);
  }
  if (!sameBytes(before, from.root) || !sameBytes(after, to.root))
    throw refuted(`the tree of ${to.size} with this root does not begin with that of ${from.size}`);
}

function requireProof(proof: readonly Uint8Array[], length: number): void {
  if (proof.length !== length) throw refuted(`the proof has ${proof.length} hashes in place of ${length}`);
  if (proof.some((each) => each.length !== 32)) throw refuted('the proof holds what is no hash');
}

function isPlace(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function refuted(why: string): ReproofError {
  return new ReproofError('LOG_PROOF_INVALID', `verifying a proof of a log: ${why}`);
}
