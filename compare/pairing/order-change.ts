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
  const [there, here] = [(old[first] as MemberPair).left, (now[first] as MemberPair).right];
  const fields = [
    {
      name: whole ? `member after ${first} in common` : 'first member that stands elsewhere',
      left: there.name === here.name ? withDigest(there) : there.name,
      right: there.name === here.name ? withDigest(here) : here.name,
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

/**
 * Pairs whose places say something: where an archive calls members otherwise than they are paired (`path`), such as by
 * their digests, and both sides are sorted by that, those with another path stand elsewhere because of it.
 */
export function placedAlike(pairs: readonly MemberPair[]): readonly MemberPair[] {
  const moved = pairs.filter(({ left, right }) => left.header.path !== right.header.path);
  const sorted = (['left', 'right'] as const).every((side) => {
    const members = moved.map((pair) => pair[side]).sort((one, other) => one.index - other.index);
    return isSorted(members, ({ header, name }) => header.path ?? name);
  });
  return moved.length > 0 && sorted ? pairs.filter(({ left, right }) => left.header.path === right.header.path) : pairs;
}

function isSorted(members: readonly ListedMember[], nameOf = ({ name }: ListedMember): string => name): boolean {
  return members.every(
    (member, index) => index === 0 || byBytes(nameOf(members[index - 1] as ListedMember), nameOf(member)) <= 0,
  );
}

/** One of several of a name, which its content tells from the others. */
function withDigest({ name, sha256 }: ListedMember): string {
  return sha256 === undefined ? name : `${name} (SHA-256 ${sha256.slice(0, 16)}…)`;
}

function yesOrNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
