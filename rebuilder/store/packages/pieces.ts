/** A list in pieces of `size`, in order: one statement takes only so many parameters. */
export function* pieces<Item>(list: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}
