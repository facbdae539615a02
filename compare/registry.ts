import { archives } from './comparators/archives/index.ts';
import { packages } from './comparators/packages/index.ts';
import type { ContainerComparator, LeafComparator, WrapperComparator } from './types.ts';

/** What opens others: containers and wrappers, in the order they are asked within their kind. */
export const openers: readonly (ContainerComparator | WrapperComparator)[] = [...packages, ...archives];

let loading: Promise<readonly LeafComparator[]> | undefined;

/**
 * What explains contents, in the order they are asked; the last two take any text, and anything at all. They are loaded
 * with the first content that is not opened: of two packages whose headers alone differ there is none.
 */
export function leaves(): Promise<readonly LeafComparator[]> {
  loading ??= import('./leaves.ts').then((loaded) => loaded.leaves);
  return loading;
}
