import type { DifferingPair } from './pairing.ts';

/** Pairs that are explained after each other; `held` says that their contents are read together. */
export type Batch = { readonly held: boolean; readonly pairs: readonly DifferingPair[] };

/** Runs of pairs that fit in memory together; a pair that does not fit is alone, and read from its container. */
export function* batches(pairs: readonly DifferingPair[], heldBytes: number): Generator<Batch> {
  let batch: DifferingPair[] = [];
  let bytes = 0;
  for (const pair of pairs.toSorted((one, other) => one.left.index - other.left.index)) {
    const size = (pair.left.size ?? Number.POSITIVE_INFINITY) + (pair.right.size ?? Number.POSITIVE_INFINITY);
    if (size > heldBytes) {
      yield { held: false, pairs: [pair] };
      continue;
    }
    if (bytes + size > heldBytes) {
      yield { held: true, pairs: batch };
      batch = [];
      bytes = 0;
    }
    batch.push(pair);
    bytes += size;
  }
  if (batch.length > 0) yield { held: true, pairs: batch };
}
