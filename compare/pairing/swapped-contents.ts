import type { MemberPair } from './match-members.ts';

/** Pairs of one name that have each other's content: what differs is which of the two has which. */
export class SwappedContents {
  readonly #pairs = new Map<string, MemberPair>();

  constructor(pairs: readonly MemberPair[]) {
    for (const pair of pairs) {
      if (!mayBeSwapped(pair)) continue;
      const key = `${pair.left.identity}\n${pair.right.identity}`;
      // Of several pairs that hold the same two, the first stands for them.
      if (!this.#pairs.has(key)) this.#pairs.set(key, pair);
    }
  }

  notesOf(pair: MemberPair): readonly string[] {
    if (!mayBeSwapped(pair)) return [];
    const other = this.#pairs.get(`${pair.right.identity}\n${pair.left.identity}`);
    return other === undefined ? [] : [`the contents of this and of ${other.left.name} are swapped`];
  }
}

/** A content that is empty is nobody's in particular. */
function mayBeSwapped({ left, right }: MemberPair): boolean {
  return left.identity !== right.identity && left.name === right.name && left.size !== 0 && right.size !== 0;
}
