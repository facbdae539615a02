import type { Difference } from '../model/index.ts';
import type { LeafFindings } from './leaf.ts';
import type { DifferingPair } from './pairing.ts';

/** The node of a member: its digests and header beside what its content says. */
export function mergeNodes(shallow: Difference, deep: Difference): Difference {
  const fields = [...(shallow.fields ?? []), ...(deep.fields ?? [])];
  const reasons = [...(shallow.reasons ?? []), ...(deep.reasons ?? [])];
  return {
    ...deep,
    left: { ...deep.left, ...shallow.left },
    right: { ...deep.right, ...shallow.right },
    ...(fields.length === 0 ? {} : { fields }),
    ...(reasons.length === 0 ? {} : { reasons }),
    notes: [...shallow.notes, ...deep.notes],
  };
}

/** A member whose contents turned out equal: what is left is how the container stores it. */
export function packedOtherwise(shallow: Difference, packing: LeafFindings | undefined): Difference {
  const fields = [...(shallow.fields ?? []), ...(packing?.fields ?? [])];
  const equal = { kind: 'compression' as const, evidence: 'the unpacked content is equal' };
  return {
    ...shallow,
    ...(fields.length === 0 ? {} : { fields }),
    notes: [...shallow.notes, ...(packing?.notes ?? [])],
    truncated: shallow.truncated || packing?.truncated === true,
    detail: 'equal content, stored otherwise',
    reasons: [...(shallow.reasons ?? []), equal, ...(packing?.reasons ?? [])],
  };
}

/** By the earlier place of the two, then the later: in the order of either side as far as they have the same. */
function byPlace(one: DifferingPair, other: DifferingPair): number {
  const first = ({ left, right }: DifferingPair): number => Math.min(left.index, right.index);
  const last = ({ left, right }: DifferingPair): number => Math.max(left.index, right.index);
  return first(one) - first(other) || last(one) - last(other);
}

/** Pairs that are looked into together. */
export type Batch = { readonly held: boolean; readonly pairs: readonly DifferingPair[] };

/** One pair may take more than this, all that is held together. */
const BATCH_BYTES = 4 * 2 ** 20;

/** A larger pair is not held where both can be read from anywhere. */
const SMALL_BYTES = 2 ** 20;

/**
 * Runs of pairs that fit in memory together, then those that do not fit, each alone and read from its container: what is in
 * a large one may use up what is left of the limits.
 */
export function* batchesOf(
  pairs: readonly DifferingPair[],
  heldBytes: number,
  isAtHand: (pair: DifferingPair) => boolean = () => false,
): Generator<Batch> {
  const alone: DifferingPair[] = [];
  let batch: DifferingPair[] = [];
  let bytes = 0;
  for (const pair of pairs.toSorted((one, other) => byPlace(one, other) || one.index - other.index)) {
    const size = (pair.left.size ?? Number.POSITIVE_INFINITY) + (pair.right.size ?? Number.POSITIVE_INFINITY);
    if (size > heldBytes || (size > SMALL_BYTES && isAtHand(pair))) {
      alone.push(pair);
      continue;
    }
    if (batch.length > 0 && bytes + size > Math.min(heldBytes, BATCH_BYTES)) {
      yield { held: true, pairs: batch };
      batch = [];
      bytes = 0;
    }
    batch.push(pair);
    bytes += size;
  }
  if (batch.length > 0) yield { held: true, pairs: batch };
  for (const pair of alone) yield { held: false, pairs: [pair] };
}

/** Gives each pair in turn its share of all their bytes. */
export function sharesOf(pairs: readonly DifferingPair[]): (pair: DifferingPair) => { from: number; to: number } {
  const weight = ({ left, right }: DifferingPair): number => 1 + (left.size ?? 0) + (right.size ?? 0);
  const total = pairs.reduce((sum, pair) => sum + weight(pair), 0);
  let before = 0;
  return (pair) => {
    const from = before / total;
    before += weight(pair);
    return { from, to: before / total };
  };
}
