import type { Difference, DifferenceSide, FieldChange, Reason } from '../model/index.ts';
import type { Budget } from './budget.ts';
import { byBytes } from './by-bytes.ts';
import { escapeBoth } from './escape.ts';
import type { ListedMember, Listing } from './members.ts';
import { alikeInHeaders, causesInHeaders, type HeaderChange, headerReasons } from './pairing/header-changes.ts';
import { differInBuildId } from './pairing/masked-names.ts';
import { type Matching, type MemberPair, matchMembers, type Substitution } from './pairing/match-members.ts';
import { orderChange, placedAlike } from './pairing/order-change.ts';
import { SwappedContents } from './pairing/swapped-contents.ts';
import { differenceNode, type MemberHeader } from './types.ts';

export { byBytes } from './by-bytes.ts';

/** Members of both sides whose contents differ, or may: `known` says that they do. `index` is their node's place. */
export type DifferingPair = {
  readonly index: number;
  readonly left: ListedMember;
  readonly right: ListedMember;
  readonly known: boolean;
};

/** What two listings say before any member is opened. */
export type Pairing = Pick<Difference, 'fields' | 'notes' | 'children' | 'truncated'> & {
  readonly reasons: readonly Reason[];
  readonly differing: readonly DifferingPair[];
  /** True where the members are the same, with the same headers, in the same order: nothing but facts may differ. */
  readonly onlyFacts: boolean;
};

/** As many members with the same header fields differing are told one by one; more are told in one note. */
const HEADERS_TOLD_APART = 3;

/** Pairs members: gone, new, renamed, differing in content or only in their headers, and in another order. */
export function pairMembers(left: Listing, right: Listing, kind: string, budget: Budget): Pairing {
  const matching = matchMembers(left, right);
  const renamedAlone = (pair: MemberPair): boolean => isRenamed(pair) && !matching.substituted.has(pair);
  const hasOtherName = (pair: MemberPair): boolean => isRenamed(pair) && !matching.dotted.has(pair);
  const notes: string[] = [];
  const children: Difference[] = [];
  const differing: DifferingPair[] = [];
  const headerOnly: (HeaderChange & { readonly pair: MemberPair })[] = [];
  const facts = changedFields(left.facts, right.facts);
  const fields = [...facts, ...substitutionFields(matching)];
  const reasons = [...factReasons(facts, left, right), ...substitutionReasons(matching)];
  const swapped = new SwappedContents(matching.pairs);
  let unlisted = 0;
  const add = (node: Difference): boolean => {
    if (!budget.takeNode()) {
      unlisted++;
      return false;
    }
    children.push(node);
    return true;
  };
  for (const each of inOrder(matching)) {
    if ('member' in each) {
      const node = differenceNode(each.member.name, kind, { [each.side]: sideOf(each.member) });
      add({
        ...node,
        detail: 'only on one side',
        notes: repeatedNotes(each.member, each.side === 'left' ? left : right),
      });
      continue;
    }
    const { left: old, right: now } = each;
    const changed = changedFields(old.header, now.header);
    const renamed = renamedAlone(each);
    const known = !old.encoded && !now.encoded;
    // A link, a folder or a device has no content that could be compared with that of a file.
    const typed = old.header.type !== now.header.type && (old.size === 0 || now.size === 0);
    const said = [...repeatedNotes(old, left), ...repeatedNotes(now, right), ...swapped.notesOf(each)];
    const node = { ...nodeOf(each, kind), notes: [...new Set(said)] };
    const told = changed.length === 0 ? node : { ...node, fields: changed };
    if (old.identity !== now.identity) {
      const detail = typed ? { detail: 'of another type' } : known ? { detail: 'content differs' } : {};
      const why = [
        ...(renamed ? [renamedReason(each, 'paired under different names')] : []),
        ...(old.header.type === now.header.type ? causesInHeaders(headerChange(each)) : []),
      ];
      if (add({ ...told, ...detail, ...(why.length === 0 ? {} : { reasons: why }) }) && !typed)
        differing.push({ index: children.length - 1, left: old, right: now, known });
    } else if (hasOtherName(each)) {
      const evidence = renamed ? [renamedReason(each, 'equal content under different names')] : [];
      const found = [...evidence, ...headerReasons([headerChange(each)], 1)];
      add({ ...told, ...(found.length === 0 ? {} : { reasons: found }), detail: 'equal content, renamed' });
    } else if (changed.length > 0) {
      headerOnly.push({ ...headerChange(each), pair: each });
    }
  }
  const alike: HeaderChange[] = [];
  for (const changes of alikeInHeaders(headerOnly)) {
    if (changes.length > HEADERS_TOLD_APART) {
      const names = changes[0]?.changed.map((field) => field.name).join(', ');
      notes.push(`${changes.length} members of equal content differ in ${names}, such as ${changes[0]?.name}`);
      for (const change of changes) alike.push(change);
      continue;
    }
    for (const change of changes) {
      const found = {
        detail: 'equal content, other header',
        fields: change.changed,
        reasons: headerReasons([change], 1),
      };
      add({ ...nodeOf(change.pair, kind), ...found });
    }
  }
  reasons.push(...headerReasons(alike, left.partial ? undefined : matching.pairs.length));
  // What is sorted by name stands elsewhere under another one.
  const placed = placedAlike(matching.pairs.filter((pair) => !renamedAlone(pair)));
  const order = orderChange(placed, !left.partial);
  if (order !== undefined) {
    fields.push(...order.fields);
    reasons.push(order.reason);
  }
  if (unlisted > 0)
    notes.push(
      `${unlisted} more differing members are not listed: the limit of ${budget.limits.nodes} nodes was reached`,
    );
  const onlyFacts = children.length + notes.length === 0 && fields.length === facts.length;
  // Notes of both sides in one order, whichever is left.
  notes.push(...[...new Set([...(left.notes ?? []), ...(right.notes ?? [])])].sort(byBytes));
  return { fields, reasons, notes, children, differing, onlyFacts, truncated: unlisted > 0 };
}

function factReasons(facts: readonly FieldChange[], left: Listing, right: Listing): readonly Reason[] {
  return facts.flatMap(({ name, ...sides }) => {
    const reason = left.factReasons?.[name] ?? right.factReasons?.[name];
    return reason === undefined ? [] : [{ ...reason, ...sides }];
  });
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

type Alone = Matching['alone'][number];

/** Pairs and lone members by key, a pair by the smaller of its two: both lists come sorted so. */
function inOrder({ pairs, alone }: Matching): readonly (MemberPair | Alone)[] {
  const key = (each: MemberPair | Alone): string =>
    'member' in each ? each.member.key : each.left.key < each.right.key ? each.left.key : each.right.key;
  return [...pairs, ...alone]
    .map((each) => ({ each, at: key(each) }))
    .sort((one, other) => byBytes(one.at, other.at))
    .map(({ each }) => each);
}

/** One of several of a name is called so wherever it stands among them. */
function isRenamed({ left, right }: MemberPair): boolean {
  return left.key.slice(left.key.indexOf('/')) !== right.key.slice(right.key.indexOf('/'));
}

/** Nobody gave what is named after its build-id another name. */
function renamedReason({ left, right }: MemberPair, evidence: string): Reason {
  return differInBuildId(left.name, right.name)
    ? { kind: 'build-id', evidence: 'the name is made from a build-id' }
    : { kind: 'renamed', evidence, ...namesShownAlike(left.name, right.name) };
}

/** Two names of the same characters that Unicode writes in more than one way, by their numbers. */
function namesShownAlike(left: string, right: string): Pick<Reason, 'left' | 'right'> {
  if (left.normalize('NFKC') !== right.normalize('NFKC')) return {};
  const [old, now] = escapeBoth(left, right);
  return { left: old, right: now };
}

function nodeOf({ left, right }: MemberPair, kind: string): Difference {
  const named = (member: ListedMember): DifferenceSide => (left.name === right.name ? {} : { name: member.name });
  return differenceNode(left.name, kind, {
    left: { ...named(left), ...sideOf(left) },
    right: { ...named(right), ...sideOf(right) },
  });
}

/** What a second member of one name is to be told from the first by; nothing of members that pair as another name does. */
function repeatedNotes({ key, name }: ListedMember, { members }: Listing): readonly string[] {
  const first = key.startsWith('1/') ? undefined : members.get(`1${key.slice(key.indexOf('/'))}`);
  return first?.name === name ? ['another member of this name stands before it'] : [];
}

function headerChange({ left, right }: MemberPair): HeaderChange {
  return { name: left.name < right.name ? left.name : right.name, changed: changedFields(left.header, right.header) };
}

function substitutionFields({ substitutions }: Matching): readonly FieldChange[] {
  return substitutions.map(({ names, ...sides }) => ({ name: `in ${names} names`, ...sides }));
}

function substitutionReasons({ substitutions }: Matching): readonly Reason[] {
  return substitutions.map(({ names, ...sides }: Substitution) => ({
    kind: 'renamed',
    evidence: `${names} names differ only by this`,
    ...sides,
  }));
}

function sideOf(member: ListedMember): DifferenceSide {
  return {
    ...(member.size === undefined ? {} : { size: member.size }),
    ...(member.sha256 === undefined ? {} : { sha256: member.sha256 }),
  };
}
