import { byBytes } from './pairing.ts';

/** Things of both sides by one name; a name that occurs again is told apart by its number. */
export type NamedPair<Thing> = { readonly name: string; readonly left?: Thing; readonly right?: Thing };

export type NamedPairs<Thing> = {
  /** By name, whichever side is left. */
  readonly pairs: readonly NamedPair<Thing>[];
  /** True when what both sides have stands in another order. */
  readonly reordered: boolean;
};

/** Pairs the parts of two files by name. */
export function namedPairs<Thing>(
  left: readonly Thing[],
  right: readonly Thing[],
  nameOf: (thing: Thing) => string,
): NamedPairs<Thing> {
  const [old, now] = [numbered(left, nameOf), numbered(right, nameOf)];
  const pairs = [...new Set([...old.keys(), ...now.keys()])].sort(byBytes).map((name) => {
    const [one, other] = [old.get(name), now.get(name)];
    return { name, ...(one === undefined ? {} : { left: one }), ...(other === undefined ? {} : { right: other }) };
  });
  const shared = [...now.keys()].filter((name) => old.has(name));
  const reordered = [...old.keys()].filter((name) => now.has(name)).some((name, index) => name !== shared[index]);
  return { pairs, reordered };
}

function numbered<Thing>(things: readonly Thing[], nameOf: (thing: Thing) => string): ReadonlyMap<string, Thing> {
  const seen = new Map<string, number>();
  const byName = new Map<string, Thing>();
  for (const thing of things) {
    const name = nameOf(thing);
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    byName.set(count === 1 ? name : `${name} (${count})`, thing);
  }
  return byName;
}
