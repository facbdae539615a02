import { comparators } from './registry.ts';
import type { Comparator, ContainerComparator, Head, LeafComparator, WrapperComparator } from './types.ts';

/** What both sides are to be read with: the same comparator, or two wrappers. */
export type Candidate =
  | { readonly kind: 'container'; readonly id: string; readonly comparator: ContainerComparator }
  /** One side may be what the other wraps: it is then taken as it is. */
  | {
      readonly kind: 'wrapper';
      readonly id: string;
      readonly left: WrapperComparator | undefined;
      readonly right: WrapperComparator | undefined;
    }
  | { readonly kind: 'leaf'; readonly id: string; readonly comparator: LeafComparator };

type Named = { readonly left: { readonly name: string }; readonly right: { readonly name: string } };

/** True where a container or wrapper would be asked first. */
export function isOpenable(heads: readonly [Head, Head], names: Named): boolean {
  const first = candidatesFor(heads, names, true).next().value;
  return first !== undefined && first.kind !== 'leaf';
}

/** Who may explain two sources, in the order they are asked: containers, wrappers, leaves, each in the registry's order. */
export function* candidatesFor(heads: readonly [Head, Head], names: Named, mayOpen: boolean): Generator<Candidate> {
  const [left, right] = heads;
  const recognizedBy = (one: Comparator): boolean =>
    one.recognizes(left, names.left.name) && one.recognizes(right, names.right.name);
  if (mayOpen) {
    for (const one of comparators)
      if (one.kind === 'container' && recognizedBy(one)) yield { kind: 'container', id: one.id, comparator: one };
    const wrappers = comparators.filter((one): one is WrapperComparator => one.kind === 'wrapper');
    const old = wrappers.find((one) => one.recognizes(left, names.left.name));
    const now = wrappers.find((one) => one.recognizes(right, names.right.name));
    if (old !== undefined || now !== undefined)
      yield { kind: 'wrapper', id: old !== undefined && old === now ? old.id : 'compressed', left: old, right: now };
  }
  for (const one of comparators)
    if (one.kind === 'leaf' && recognizedBy(one)) yield { kind: 'leaf', id: one.id, comparator: one };
}
