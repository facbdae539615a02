import type { Difference, DifferenceSide } from '../model/index.ts';
import type { Budget } from './budget.ts';
import type { ListedMember, Listing } from './members.ts';
import { differenceNode, type MemberHeader } from './types.ts';

/** Members of both sides whose contents differ. `index` is their node's place among the children. */
export type DifferingPair = { readonly index: number; readonly left: ListedMember; readonly right: ListedMember };

/** What two listings say before any member is opened. */
export type Pairing = {
  readonly notes: readonly string[];
  readonly children: readonly Difference[];
  readonly differing: readonly DifferingPair[];
  readonly truncated: boolean;
};

/** As many members with the same header fields differing are told one by one; more are told in one note. */
const HEADERS_TOLD_APART = 3;

/** Pairs members by key: gone, new, differing in content or only in their headers, and in another order. */
export function pairMembers(left: Listing, right: Listing, kind: string, budget: Budget): Pairing {
  const notes: string[] = [];
  const children: Difference[] = [];
  const differing: DifferingPair[] = [];
  const headerOnly = new Map<string, { readonly left: ListedMember; readonly right: ListedMember }[]>();
  let unlisted = 0;
  const add = (node: Difference): boolean => {
    if (!budget.takeNode()) {
      unlisted++;
      return false;
    }
    children.push(node);
    return true;
  };
  for (const [key, old] of left.members) {
    const now = right.members.get(key);
    if (now === undefined) {
      add({ ...differenceNode(old.name, kind, { left: sideOf(old) }), detail: 'only in the published file' });
      continue;
    }
    const fields = changedFields(old.header, now.header);
    if (old.sha256 !== now.sha256 || old.size !== now.size) {
      const node = {
        ...differenceNode(old.name, kind, { left: sideOf(old), right: sideOf(now) }),
        detail: 'content differs',
      };
      const told = fields.length === 0 ? [] : [headerText(old.header, now.header)];
      if (add({ ...node, notes: told })) differing.push({ index: children.length - 1, left: old, right: now });
    } else if (fields.length > 0) {
      const group = headerOnly.get(fields.join(', ')) ?? [];
      group.push({ left: old, right: now });
      headerOnly.set(fields.join(', '), group);
    }
  }
  for (const [key, now] of right.members)
    if (!left.members.has(key))
      add({ ...differenceNode(now.name, kind, { right: sideOf(now) }), detail: 'only in the rebuilt file' });
  for (const [fields, pairs] of headerOnly) {
    if (pairs.length > HEADERS_TOLD_APART) {
      const one = pairs[0] as (typeof pairs)[number];
      const example = `${one.left.name}: ${headerText(one.left.header, one.right.header)}`;
      notes.push(`${pairs.length} members of equal content differ in ${fields}, such as ${example}`);
      continue;
    }
    for (const pair of pairs) {
      const node = differenceNode(pair.left.name, kind, { left: sideOf(pair.left), right: sideOf(pair.right) });
      add({ ...node, detail: `equal content; ${headerText(pair.left.header, pair.right.header)}` });
    }
  }
  const order = orderNote(left, right);
  if (order !== undefined) notes.push(order);
  if (unlisted > 0)
    notes.push(
      `${unlisted} more differing members are not listed: the limit of ${budget.limits.nodes} nodes was reached`,
    );
  return { notes, children, differing, truncated: unlisted > 0 };
}

/** Where two headers differ, in words; an absent field is empty. */
export function headerText(left: MemberHeader, right: MemberHeader): string {
  const shown = (header: MemberHeader, field: string): string => header[field] || 'none';
  return changedFields(left, right)
    .map((field) => `${field} ${shown(left, field)} against ${shown(right, field)}`)
    .join(', ');
}

function changedFields(left: MemberHeader, right: MemberHeader): readonly string[] {
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].filter(
    (field) => (left[field] ?? '') !== (right[field] ?? ''),
  );
}

function orderNote(left: Listing, right: Listing): string | undefined {
  const old = [...left.members.keys()].filter((key) => right.members.has(key));
  const now = [...right.members.keys()].filter((key) => left.members.has(key));
  const index = old.findIndex((key, position) => key !== now[position]);
  if (index < 0) return undefined;
  const name = (listing: Listing, key: string | undefined): string => listing.members.get(key ?? '')?.name ?? '';
  const [one, other] = [name(left, old[index]), name(right, now[index])];
  return `members in another order: after ${index} in common, ${one} against ${other}`;
}

function sideOf(member: ListedMember): DifferenceSide {
  return { size: member.size, sha256: member.sha256 };
}
