import { byBytes } from '../by-bytes.ts';
import type { ListedMember, Listing } from '../members.ts';
import { type DottedNames, dottedNames, NOTHING_DOTTED } from './dotted-names.ts';
import { type MaskedName, maskName, replaceTokens, withoutHashes } from './masked-names.ts';

export type MemberPair = { readonly left: ListedMember; readonly right: ListedMember };

/** A token that stands for another one in the names of many members, such as one version for the next. */
export type Substitution = { readonly left?: string; readonly right?: string; readonly names: number };

export type Matching = {
  /** In an order that does not depend on which side is left. */
  readonly pairs: readonly MemberPair[];
  readonly alone: readonly { readonly side: 'left' | 'right'; readonly member: ListedMember }[];
  /** Those that named pairs apart; such pairs need no word of their own. */
  readonly substitutions: readonly Substitution[];
  readonly substituted: ReadonlySet<MemberPair>;
  /** Those of them that are one name, written with the folder that all are in and without. */
  readonly dotted: ReadonlySet<MemberPair>;
};

/** As many names must hold a substitution for it to be told once for all of them. */
const NAMES_OF_A_SUBSTITUTION = 3;

/**
 * Pairs members, each at most once: by content where they are called by their places, or several by one name; by name,
 * with and without `./`; by a substitution that many names share; by name but for case and for how accents are encoded;
 * by content, with the end of the path first; by name without versions, numbers and hashes; by the end of the path; by
 * folder and extension. The last two and an only member pair what has no rival on either side. Content is known by
 * digest alone, so that renamed and changed members are found by name and size, not by likeness. Time n log n. With the
 * sides swapped: the same pairs, swapped.
 */
export function matchMembers(left: Listing, right: Listing): Matching {
  const pairs: MemberPair[] = [];
  const pool = new Pool(left, right, pairs);
  pool.pairGroups(placedElsewhere(left, right), { rivals: true });
  pool.pairGroups(ofRepeatedName(left, right), { rivals: true });
  pool.pairByKey();
  const dotted = pool.empty ? NOTHING_DOTTED : pool.pairDotted();
  const substituted = new Set(dotted.pairs);
  const substitutions = [...dotted.substitutions, ...(pool.empty ? [] : pool.pairBySubstitution(substituted))];
  if (left.members.size === 1 && right.members.size === 1) pool.pairGroups(() => '', { rivals: false });
  pool.pairGroups(({ name }) => name.normalize('NFC').toLowerCase(), { rivals: false });
  // Of several of one content, that which has more of the name stands for it.
  for (const parts of [3, 2, 1, 0]) pool.pairGroups((member) => contentKey(member, parts), { rivals: true });
  pool.pairGroups((member) => changedMask(member), { rivals: true });
  for (const parts of [3, 2, 1]) pool.pairGroups((member) => pathEnd(member.name, parts), { rivals: false });
  pool.pairGroups(folderAndExtension, { rivals: false });
  // Two pairs may be of the same two places.
  const key = ({ left: one, right: other }: MemberPair): string =>
    `${one.key < other.key ? one.key : other.key}\n${one.identity < other.identity ? one.identity : other.identity}`;
  return {
    pairs: pairs.sort((one, other) => byBytes(key(one), key(other))),
    alone: pool.alone(),
    substitutions,
    substituted,
    dotted: dotted.pairs,
  };
}

type Rivals = { readonly rivals: boolean };

/** Members not yet paired, by key. */
class Pool {
  readonly #left: Map<string, ListedMember>;
  readonly #right: Map<string, ListedMember>;
  readonly #pairs: MemberPair[];

  constructor(left: Listing, right: Listing, pairs: MemberPair[]) {
    this.#left = new Map(left.members);
    this.#right = new Map(right.members);
    this.#pairs = pairs;
  }

  get empty(): boolean {
    return this.#left.size === 0 || this.#right.size === 0;
  }

  pairByKey(): void {
    for (const [key, left] of [...this.#left]) {
      const right = this.#right.get(key);
      if (right !== undefined) this.#pair(left, right);
    }
  }

  /** Pairs members of one type that `keyOf` gives the same; with rivals those in the same place, else the only ones. */
  pairGroups(keyOf: (member: ListedMember) => string | undefined, { rivals }: Rivals): void {
    for (const { left, right } of this.#groups(keyOf)) {
      if (!rivals && (left.length > 1 || right.length > 1)) continue;
      const [old, now] = [inOrder(left), inOrder(right)];
      for (let index = 0; index < Math.min(old.length, now.length); index++)
        this.#pair(old[index] as ListedMember, now[index] as ListedMember);
    }
  }

  /** Pairs `./x` with `x`, where many names are written so. */
  pairDotted(): DottedNames {
    const found = dottedNames(this.#left, this.#right, NAMES_OF_A_SUBSTITUTION);
    return { ...found, pairs: new Set([...found.pairs].map(({ left, right }) => this.#pair(left, right))) };
  }

  /** Finds tokens that stand for each other in many names, and pairs what they make equal. */
  pairBySubstitution(substituted: Set<MemberPair>): readonly Substitution[] {
    const counts = new Map<string, Count>();
    for (const { left, right } of this.#groups((member) => maskName(member.name).mask))
      countTokens(left, right, counts);
    const chosen = chooseSubstitutions([...counts.values()]);
    if (chosen.size === 0) return [];
    const back = new Map([...chosen].map(([token, other]) => [other, token]));
    const byNewName = new Map<string, ListedMember>();
    for (const member of this.#right.values()) byNewName.set(groupKey(member, copyOf(member, member.name)), member);
    const used = new Map<string, number>();
    for (const left of [...this.#left.values()]) {
      const masked = maskName(left.name);
      const right = byNewName.get(groupKey(left, copyOf(left, replaceTokens(masked, chosen))));
      if (right === undefined || !this.#right.has(right.key)) continue;
      // A name that already holds what stands for one of its tokens would pair in one direction only.
      if (replaceTokens(maskName(right.name), back) !== left.name) continue;
      substituted.add(this.#pair(left, right));
      for (const token of changedTokens(masked, chosen)) used.set(token, (used.get(token) ?? 0) + 1);
    }
    return [...used]
      .map(([token, names]) => ({ left: token, right: chosen.get(token) as string, names }))
      .sort((one, other) => other.names - one.names || bySides(one, other));
  }

  alone(): Matching['alone'] {
    const tell = (side: 'left' | 'right') => (member: ListedMember) => ({ side, member });
    const all = [...[...this.#left.values()].map(tell('left')), ...[...this.#right.values()].map(tell('right'))];
    return all.sort((one, other) => byBytes(one.member.key, other.member.key));
  }

  #pair(left: ListedMember, right: ListedMember): MemberPair {
    const pair = { left, right };
    this.#left.delete(left.key);
    this.#right.delete(right.key);
    this.#pairs.push(pair);
    return pair;
  }

  /** Members of both sides by type and key; those that only one side has are left out. */
  #groups(
    keyOf: (member: ListedMember) => string | undefined,
  ): readonly { left: ListedMember[]; right: ListedMember[] }[] {
    if (this.empty) return [];
    const groups = new Map<string, { left: ListedMember[]; right: ListedMember[] }>();
    const collect = (members: Iterable<ListedMember>, side: 'left' | 'right', mayBegin: boolean): void => {
      for (const member of members) {
        const key = keyOf(member);
        if (key === undefined) continue;
        const typed = groupKey(member, key);
        const group = groups.get(typed);
        if (group !== undefined) group[side].push(member);
        else if (mayBegin) groups.set(typed, { left: [], right: [], [side]: [member] });
      }
    };
    collect(this.#left.values(), 'left', true);
    collect(this.#right.values(), 'right', false);
    return [...groups.values()].filter(({ right }) => right.length > 0);
  }
}

/** By name; those whose names are alike but for hashes by size, as what a hash is made from may have changed. */
function inOrder(members: readonly ListedMember[]): readonly ListedMember[] {
  const placed = members.map((member) => ({ member, place: withoutHashes(member.name) }));
  placed.sort(
    ({ member: one, place }, { member: other, place: elsewhere }) =>
      byBytes(place, elsewhere) ||
      (one.size ?? 0) - (other.size ?? 0) ||
      byBytes(one.name, other.name) ||
      byBytes(one.key, other.key),
  );
  return placed.map(({ member }) => member);
}

/** Folders, links and files are never paired with each other. */
function groupKey(member: ListedMember, key: string): string {
  return `${member.header.type ?? ''}\n${key}`;
}

/** The n-th member of a name belongs to the n-th of the other name. */
function copyOf(member: ListedMember, name: string): string {
  return `${member.key.slice(0, member.key.indexOf('/'))}/${name}`;
}

/**
 * The content of those that are called by their places in the whole (`path`), as layers of an image are, and that stand
 * at another: one that is put in between gives all that follow another number.
 */
function placedElsewhere(left: Listing, right: Listing): (member: ListedMember) => string | undefined {
  const isAt = ({ key, identity }: ListedMember, { members }: Listing): boolean =>
    members.get(key)?.identity === identity;
  return (member) =>
    member.header.path === undefined || (isAt(member, left) && isAt(member, right)) ? undefined : member.identity;
}

/** The content of those of whose name both sides have several: which of them is first says nothing of what they are. */
function ofRepeatedName(left: Listing, right: Listing): (member: ListedMember) => string | undefined {
  return ({ key, size, identity }) => {
    const name = key.slice(key.indexOf('/'));
    return size !== 0 && [left, right].every(({ members }) => members.has(`2${name}`))
      ? `${identity}${name}`
      : undefined;
  };
}

function changedMask(member: ListedMember): string | undefined {
  const { mask, tokens } = maskName(member.name);
  return tokens.length === 0 ? undefined : mask;
}

function contentKey(member: ListedMember, parts: number): string | undefined {
  const end = pathEnd(member.name, parts);
  return member.size === 0 || end === undefined ? undefined : `${member.identity}\n${end}`;
}

function pathEnd(name: string, parts: number): string | undefined {
  const path = name.split('/').filter((part) => part !== '' && part !== '.');
  return path.length < parts ? undefined : path.slice(path.length - parts).join('/');
}

function folderAndExtension(member: ListedMember): string | undefined {
  const extension = /\.[^./]+$/.exec(member.name)?.[0];
  if (extension === undefined || member.size === 0) return undefined;
  return `${member.name.slice(0, member.name.lastIndexOf('/') + 1)}*${extension}`;
}

type Count = { left: string; right: string; count: number };

/** Counts, for names of one mask, a token that stands on the left alone where another stands on the right alone. */
function countTokens(left: readonly ListedMember[], right: readonly ListedMember[], counts: Map<string, Count>): void {
  const [old, now] = [tokensByPlace(left), tokensByPlace(right)];
  old.forEach((tokens, place) => {
    const others = now[place] ?? new Map<string, number>();
    const [one, ...more] = [...tokens].filter(([token]) => !others.has(token));
    const [other, ...rest] = [...others].filter(([token]) => !tokens.has(token));
    if (one === undefined || other === undefined || more.length + rest.length > 0) return;
    const key = `${one[0]}\n${other[0]}`;
    const known = counts.get(key) ?? { left: one[0], right: other[0], count: 0 };
    known.count += Math.min(one[1], other[1]);
    counts.set(key, known);
  });
}

/** For each place of a token in names of one mask: how many hold which. */
function tokensByPlace(members: readonly ListedMember[]): readonly ReadonlyMap<string, number>[] {
  const places: Map<string, number>[] = [];
  for (const { name } of members) {
    for (const [place, token] of maskName(name).tokens.entries()) {
      places[place] ??= new Map();
      places[place].set(token, (places[place].get(token) ?? 0) + 1);
    }
  }
  return places;
}

/** The most frequent first; no token stands for two, nor two for one. */
function chooseSubstitutions(counts: readonly Count[]): ReadonlyMap<string, string> {
  const chosen = new Map<string, string>();
  const taken = new Set<string>();
  const frequent = counts.filter(({ count }) => count >= NAMES_OF_A_SUBSTITUTION);
  for (const { left, right } of frequent.sort((one, other) => other.count - one.count || bySides(one, other))) {
    if (chosen.has(left) || taken.has(right)) continue;
    chosen.set(left, right);
    taken.add(right);
  }
  return chosen;
}

function changedTokens({ tokens }: MaskedName, chosen: ReadonlyMap<string, string>): ReadonlySet<string> {
  return new Set(tokens.filter((token) => chosen.has(token)));
}

type Tokens = { readonly left: string; readonly right: string };

/** The same whichever of the two tokens is left. */
function bySides(one: Tokens, other: Tokens): number {
  const [first, second] = [[one.left, one.right].sort(byBytes), [other.left, other.right].sort(byBytes)];
  return byBytes(first.join('\n'), second.join('\n'));
}
