import type { Difference, DifferenceSide, FieldChange } from '../model/index.ts';
import type { Budget } from './budget.ts';
import type { ListedMember, Listing } from './members.ts';
import { differenceNode, type MemberHeader } from './types.ts';

/** Members of both sides whose contents differ, or may: `known` says that they do. `index` is their node's place. */
export type DifferingPair = {
  readonly index: number;
  readonly left: ListedMember;
  readonly right: ListedMember;
  readonly known: boolean;
};

/** What two listings say before any member is opened. */
export type Pairing = Pick<Difference, 'fields' | 'reasons' | 'notes' | 'children' | 'truncated'> & {
  readonly differing: readonly DifferingPair[];
};

/** As many members with the same header fields differing are told one by one; more are told in one note. */
const HEADERS_TOLD_APART = 3;

type Pair = { readonly left: ListedMember; readonly right: ListedMember };

/** Pairs members by key: gone, new, differing in content or only in their headers, and in another order. */
export function pairMembers(left: Listing, right: Listing, kind: string, budget: Budget): Pairing {
  const notes: string[] = [];
  const children: Difference[] = [];
  const differing: DifferingPair[] = [];
  const headerOnly = new Map<string, Pair[]>();
  const fields = [...changedFields(left.facts, right.facts)];
  let unlisted = 0;
  const add = (node: Difference): boolean => {
    if (!budget.takeNode()) {
      unlisted++;
      return false;
    }
    children.push(node);
    return true;
  };
  for (const key of [...new Set([...left.members.keys(), ...right.members.keys()])].sort(byBytes)) {
    const [old, now] = [left.members.get(key), right.members.get(key)];
    if (old === undefined || now === undefined) {
      const one = (old ?? now) as ListedMember;
      const sides = old === undefined ? { right: sideOf(one) } : { left: sideOf(one) };
      add({ ...differenceNode(one.name, kind, sides), detail: 'only on one side' });
      continue;
    }
    const changed = changedFields(old.header, now.header);
    if (old.identity !== now.identity) {
      const known = !old.encoded && !now.encoded;
      const node = {
        ...differenceNode(old.name, kind, { left: sideOf(old), right: sideOf(now) }),
        ...(known ? { detail: 'content differs' } : {}),
      };
      const told = changed.length === 0 ? node : { ...node, fields: changed };
      if (add(told)) differing.push({ index: children.length - 1, left: old, right: now, known });
    } else if (changed.length > 0) {
      const names = changed.map((field) => field.name).join(', ');
      headerOnly.set(names, [...(headerOnly.get(names) ?? []), { left: old, right: now }]);
    }
  }
  for (const [names, pairs] of headerOnly) {
    if (pairs.length > HEADERS_TOLD_APART) {
      const one = pairs[0] as Pair;
      notes.push(`${pairs.length} members of equal content differ in ${names}, such as ${one.left.name}`);
      fields.push(
        ...changedFields(one.left.header, one.right.header).map((field) => ({
          ...field,
          name: `${one.left.name} ${field.name}`,
        })),
      );
      continue;
    }
    for (const { left: old, right: now } of pairs) {
      const node = differenceNode(old.name, kind, { left: sideOf(old), right: sideOf(now) });
      add({ ...node, detail: 'equal content, other header', fields: changedFields(old.header, now.header) });
    }
  }
  const order = orderChange(left, right);
  if (order !== undefined) fields.push(order);
  if (unlisted > 0)
    notes.push(
      `${unlisted} more differing members are not listed: the limit of ${budget.limits.nodes} nodes was reached`,
    );
  const reasons = order === undefined ? [] : [{ kind: 'order' as const, evidence: 'members in another order' }];
  return { fields, reasons, notes, children, differing, truncated: unlisted > 0 };
}

/** Where two headers differ; an absent or empty field is left out of its side. */
export function changedFields(left: MemberHeader, right: MemberHeader): readonly FieldChange[] {
  return [...new Set([...Object.keys(left), ...Object.keys(right)])]
    .filter((name) => (left[name] ?? '') !== (right[name] ?? ''))
    .sort(byBytes)
    .map((name) => ({
      name,
      ...(left[name] ? { left: left[name] } : {}),
      ...(right[name] ? { right: right[name] } : {}),
    }));
}

/** The first member, of those both sides have, that stands elsewhere. */
function orderChange(left: Listing, right: Listing): FieldChange | undefined {
  const old = [...left.members.keys()].filter((key) => right.members.has(key));
  const now = [...right.members.keys()].filter((key) => left.members.has(key));
  const index = old.findIndex((key, position) => key !== now[position]);
  if (index < 0) return undefined;
  const name = (listing: Listing, key: string | undefined): string => listing.members.get(key ?? '')?.name ?? '';
  return { name: `member after ${index} in common`, left: name(left, old[index]), right: name(right, now[index]) };
}

function sideOf(member: ListedMember): DifferenceSide {
  return {
    ...(member.size === undefined ? {} : { size: member.size }),
    ...(member.sha256 === undefined ? {} : { sha256: member.sha256 }),
  };
}

/** By code unit: the same in any locale, whichever side is left. */
export function byBytes(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
