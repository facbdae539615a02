import { byBytes } from '../by-bytes.ts';
import type { ListedMember } from '../members.ts';

export type DottedNames = {
  readonly pairs: ReadonlySet<{ readonly left: ListedMember; readonly right: ListedMember }>;
  /** What stands before the names of one side alone, and how many they are. */
  readonly substitutions: readonly { readonly left?: string; readonly right?: string; readonly names: number }[];
};

export const NOTHING_DOTTED: DottedNames = { pairs: new Set(), substitutions: [] };

const HERE = './';

type Members = ReadonlyMap<string, ListedMember>;

/** Members of one type whose names differ in `./` before them: tar writes what it was asked for, `.` or the names. */
export function dottedNames(left: Members, right: Members, atLeast: number): DottedNames {
  const sides = [
    { side: 'left', found: dottedIn(left, right) },
    { side: 'right', found: dottedIn(right, left) },
  ] as const;
  const told = sides.filter(({ found }) => found.length >= atLeast);
  const firstOf = ({ found }: (typeof told)[number]): string => found[0]?.dotted.key ?? '';
  const pairs = told.flatMap(({ side, found }) =>
    found.map(({ dotted, plain }) =>
      side === 'left' ? { left: dotted, right: plain } : { left: plain, right: dotted },
    ),
  );
  return {
    pairs: new Set(pairs),
    substitutions: told
      .toSorted((one, other) => byBytes(firstOf(one), firstOf(other)))
      .map(({ side, found }) => ({ [side]: HERE, names: found.length })),
  };
}

function dottedIn(members: Members, others: Members): readonly { dotted: ListedMember; plain: ListedMember }[] {
  const pairs: { dotted: ListedMember; plain: ListedMember }[] = [];
  for (const [key, dotted] of members) {
    const start = key.indexOf('/') + 1;
    if (!key.startsWith(HERE, start) || key.length === start + HERE.length) continue;
    const plain = others.get(key.slice(0, start) + key.slice(start + HERE.length));
    if (plain !== undefined && plain.header.type === dotted.header.type) pairs.push({ dotted, plain });
  }
  return pairs;
}
