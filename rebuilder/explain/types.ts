import type { CompareLimits } from '../../compare/index.ts';
import type { Difference } from '../../model/index.ts';

/** Two files and what their difference is called. `left` is published, `right` is rebuilt; both are paths. */
export type ExplainTask = {
  readonly path: string;
  readonly left: string;
  readonly right: string;
  readonly limits: Partial<CompareLimits>;
};

/** What the child says at its end: one line of JSON on standard output. */
export type ExplainAnswer =
  | { readonly kind: 'done'; readonly difference: Difference }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };
