import { distinctNames } from '../../named-pairs.ts';

/** What a paragraph is of. `name` has the architecture in it; `version` is empty where there is none. */
export type ParagraphName = { readonly name: string; readonly version: string };

/** Of translations of one package it is the digest of the text that they translate, as apt pairs them. */
export function versionOf(get: (field: string) => string | undefined): string {
  return get('Version') ?? get('Description-md5') ?? '';
}

type Keyed<Item> = ReadonlyMap<string, Item>;

/** Paragraphs by what they are of: with the version where both sides have it so, else without. The n-th has n in it. */
export function keyed<Item>(
  before: readonly Item[],
  after: readonly Item[],
  nameOf: (item: Item) => ParagraphName,
): readonly [Keyed<Item>, Keyed<Item>] {
  const versioned = (item: Item): string => {
    const { name, version } = nameOf(item);
    return `${name} ${version}`;
  };
  const [old, now] = [new Set(before.map(versioned)), new Set(after.map(versioned))];
  const [left, right] = [before, after].map((items) => {
    const keys = items.map((item) => {
      const exact = versioned(item);
      return (old.has(exact) && now.has(exact) ? exact : nameOf(item).name).trim();
    });
    const names = distinctNames(keys);
    return new Map(items.map((item, index) => [names[index] as string, item]));
  });
  return [left as Keyed<Item>, right as Keyed<Item>];
}
