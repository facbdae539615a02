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

/** The names, each once: what has had a name before gets its number among those of that name. Time linear. */
export function distinctNames(names: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  const taken = new Set<string>();
  return names.map((name) => {
    let count = (seen.get(name) ?? 0) + 1;
    let distinct = count === 1 ? name : `${name} (${count})`;
    // A name may itself end like the number of another.
    while (taken.has(distinct)) distinct = `${name} (${++count})`;
    seen.set(name, count);
    taken.add(distinct);
    return distinct;
  });
}

function numbered<Thing>(things: readonly Thing[], nameOf: (thing: Thing) => string): ReadonlyMap<string, Thing> {
  const names = distinctNames(things.map(nameOf));
  return new Map(things.map((thing, index) => [names[index] as string, thing]));
}
