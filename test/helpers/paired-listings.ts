import { createHash } from 'node:crypto';
import { Budget, DEFAULT_COMPARE_LIMITS } from '../../compare/budget.ts';
import type { ListedMember, Listing } from '../../compare/members.ts';
import { type Pairing, pairMembers } from '../../compare/pairing.ts';

export type File = { readonly content?: string; readonly header?: Readonly<Record<string, string>> };

/** Members with these names, in order; a content is its name where none is given. */
export function listing(files: readonly (readonly [string, File?])[]): Listing {
  const members = new Map<string, ListedMember>();
  for (const [name, { content = name, header = {} } = {}] of files) {
    let count = 1;
    while (members.has(`${count}/${name}`)) count++;
    const key = `${count}/${name}`;
    const sha256 = createHash('sha256').update(content).digest('hex');
    members.set(key, {
      key,
      index: members.size,
      name,
      header,
      size: content.length,
      identity: sha256,
      encoded: false,
      sha256,
      source: undefined,
    });
  }
  return { members, facts: {} };
}

export const named = (names: readonly string[], content?: string): Listing =>
  listing(names.map((name) => (content === undefined ? [name] : [name, { content: `${content} ${name}` }])));

export const pairing = (left: Listing, right: Listing): Pairing =>
  pairMembers(left, right, 'member', new Budget(DEFAULT_COMPARE_LIMITS));

/** Every child as "left name -> right name". */
export const names = ({ children }: Pairing): readonly string[] =>
  children.map(({ path, left, right }) => `${left && (left.name ?? path)} -> ${right && (right.name ?? path)}`);

/** What stands in such a name for a side that has none. */
export const only = 'undefined';
