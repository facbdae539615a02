import type { FieldChange, Reason } from '../../model/index.ts';
import { byBytes } from '../by-bytes.ts';
import { longestRising } from '../lines/anchors.ts';
import type { ListedMember } from '../members.ts';
import type { MemberPair } from './match-members.ts';

export type OrderChange = { readonly fields: readonly FieldChange[]; readonly reason: Reason };

/**
 * How members that both sides have stand in another order: the first that does, how many would have to move at least,
 * and which side is sorted by name. Undefined where the order is the same. `whole` says that all members were listed:
 * without it nothing is counted. Time n log n.
 */
export function orderChange(pairs: readonly MemberPair[], whole: boolean): OrderChange | undefined {
  const old = pairs.toSorted((one, other) => one.left.index - other.left.index);
  const now = pairs.toSorted((one, other) => one.right.index - other.right.index);
  const first = old.findIndex((pair, index) => pair !== now[index]);
  if (first < 0) return undefined;
  const moved = pairs.length - longestRising(old.map((pair) => pair.right.index)).length;
  const fields = [
    {
      name: whole ? `member after ${first} in common` : 'first member that stands elsewhere',
      left: (old[first] as MemberPair).left.name,
      right: (now[first] as MemberPair).right.name,
    },
  ];
  if (!whole) return { fields, reason: { kind: 'order', evidence: 'members in another order' } };
  const sorted = { left: isSorted(old.map((pair) => pair.left)), right: isSorted(now.map((pair) => pair.right)) };
  if (sorted.left !== sorted.right)
    fields.push({ name: 'members sorted by name', left: yesOrNo(sorted.left), right: yesOrNo(sorted.right) });
  return {
    fields,
    reason: { kind: 'order', evidence: `members in another order: ${moved} of ${pairs.length} moved` },
  };
}

function isSorted(members: readonly ListedMember[]): boolean {
  return members.every(
    (member, index) => index === 0 || byBytes((members[index - 1] as ListedMember).name, member.name) <= 0,
  );
}

function yesOrNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
