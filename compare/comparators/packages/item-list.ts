/** Two lists as what they hold: the items that only one has, as often as it has more of them; each in its order. */
export type ItemChanges = {
  readonly left: readonly string[];
  readonly right: readonly string[];
  /** True where what both have stands in another order. */
  readonly reordered: boolean;
};

/** Takes time and memory linear in the lists. */
export function compareItems(left: readonly string[], right: readonly string[]): ItemChanges {
  const [onlyLeft, commonLeft] = withoutThose(left, right);
  const [onlyRight, commonRight] = withoutThose(right, left);
  const reordered = commonLeft.some((item, index) => item !== commonRight[index]);
  return { left: onlyLeft, right: onlyRight, reordered };
}

/** True where the keys that both lists have stand in another order; no key twice in one list. */
export function orderOfCommon(left: readonly string[], right: readonly string[]): boolean {
  return compareItems(left, right).reordered;
}

/** Items of `one` that `other` has fewer of, and those it has as many of. */
function withoutThose(one: readonly string[], other: readonly string[]): readonly [string[], string[]] {
  const counts = new Map<string, number>();
  for (const item of other) counts.set(item, (counts.get(item) ?? 0) + 1);
  const only: string[] = [];
  const common: string[] = [];
  for (const item of one) {
    const count = counts.get(item) ?? 0;
    if (count > 0) counts.set(item, count - 1);
    (count > 0 ? common : only).push(item);
  }
  return [only, common];
}
