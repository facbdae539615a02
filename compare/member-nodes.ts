import type { Difference } from '../model/index.ts';
import type { LeafFindings } from './leaf.ts';

/** A member whose contents turned out equal: what is left is how the container stores it. */
export function packedOtherwise(shallow: Difference, packing: LeafFindings | undefined): Difference {
  const fields = [...(shallow.fields ?? []), ...(packing?.fields ?? [])];
  const equal = { kind: 'compression' as const, evidence: 'the unpacked content is equal' };
  return {
    ...shallow,
    ...(fields.length === 0 ? {} : { fields }),
    notes: [...shallow.notes, ...(packing?.notes ?? [])],
    detail: 'equal content, stored otherwise',
    reasons: [...(shallow.reasons ?? []), equal, ...(packing?.reasons ?? [])],
  };
}

/** The node of a member: its digests and header beside what its content says. */
export function merge(shallow: Difference, deep: Difference): Difference {
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
