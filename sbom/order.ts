/** Order by UTF-16 code unit, as canonical JSON sorts members: the same in any locale. */
export function byText(left: string, right: string): -1 | 0 | 1 {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** A sorted copy, by the text that `keyOf` gives. Equal keys keep their order. */
export function sortedBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): readonly Item[] {
  const keyed = items.map((item) => ({ item, key: keyOf(item) }));
  return keyed.sort((left, right) => byText(left.key, right.key)).map(({ item }) => item);
}
