import type { Difference } from '../../model/index.ts';

/** A node as lists show it; numbers count in reading order from the tree's top, 0. As the API gives it. */
export type ListedNode = {
  readonly node: number;
  readonly path: string;
  readonly kind: string;
  readonly detail?: string | undefined;
  readonly reasons: readonly string[];
  readonly left?: number | undefined;
  readonly right?: number | undefined;
  readonly only?: 'left' | 'right' | undefined;
  readonly lines: number;
  readonly fields: number;
  readonly notes: number;
  readonly truncated: boolean;
  readonly children: number;
  readonly nodes: number;
};

/** A piece of a diff, as the API gives it. */
export type DiffText = {
  readonly piece: number;
  readonly pieces: number;
  readonly left: number;
  readonly right: number;
  readonly beginsInside: boolean;
  readonly endsInside: boolean;
  readonly text: string;
  readonly next?: number;
};

/** A node with what of it is shown at once: lines and children as far as there was room. */
export type ShownNode = ListedNode & {
  readonly body: Omit<Difference, 'children' | 'diff' | 'picture'>;
  readonly hasPicture: boolean;
  readonly pieces: number;
  readonly diff?: DiffText;
  readonly inside: readonly (ListedNode | ShownNode)[];
  readonly insideFrom: number;
};

/** How lines stand: below each other, or side by side. */
export type View = 'unified' | 'split';

/** Of which rebuild and file a tree is. */
export type TreeOf = {
  readonly rebuild: number;
  readonly source: string;
  readonly version: string;
  readonly architecture: string;
  readonly tree: string;
  readonly fileName: string;
  readonly between: 'published and rebuilt' | 'two rebuilds';
};

/** Whether a node is shown with what is in it. */
export function isShown(node: ListedNode | ShownNode): node is ShownNode {
  return 'body' in node;
}

/** What the sides of a tree are called. */
export function sidesOf({ between }: Pick<TreeOf, 'between'>): readonly [left: string, right: string] {
  return between === 'two rebuilds' ? ['first rebuild', 'control'] : ['published', 'rebuilt'];
}
