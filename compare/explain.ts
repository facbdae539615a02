import type { Difference } from '../model/index.ts';
import { Budget, type CompareLimits, DEFAULT_COMPARE_LIMITS } from './budget.ts';
import { escapeText } from './escape.ts';
import { Progress } from './progress.ts';
import type { ByteSource } from './types.ts';
import { differenceNode } from './types.ts';

export type ExplainOptions = {
  /** What the top node is called, such as the artifact's name; the left source's name when absent. */
  readonly path?: string;
  readonly limits?: Partial<CompareLimits>;
  /** Ends everything with INTERRUPTED. */
  readonly signal?: AbortSignal;
  /** Ends the looking: what was found by then is given, marked truncated. */
  readonly enough?: AbortSignal;
};

/**
 * Says how two files differ, as a tree; `left` is published, `right` is rebuilt. The same input gives the same tree.
 * Equal files give a node of kind `identical`. It explains and never decides: see judge. What could not be read or went
 * past a limit is a note at its node (`truncated` for a limit). Throws INTERRUPTED, and I/O errors of the sources.
 */
export async function explain(left: ByteSource, right: ByteSource, options: ExplainOptions = {}): Promise<Difference> {
  const budget = new Budget({ ...DEFAULT_COMPARE_LIMITS, ...options.limits }, options.signal, options.enough);
  const path = escapeText(options.path ?? left.name);
  budget.takeNode();
  const task = { path, left: budget.metered(left), right: budget.metered(right), known: false, depth: 0 };
  const sizes = (node: Difference): Difference => ({
    ...node,
    left: { ...(left.size === undefined ? {} : { size: left.size }), ...node.left },
    right: { ...(right.size === undefined ? {} : { size: right.size }), ...node.right },
  });
  const { lookInto } = await import('./looking.ts');
  const { found } = await lookInto(task, { budget, progress: new Progress(undefined) }, undefined);
  return sizes(found ?? { ...differenceNode(path, 'identical'), detail: 'the same bytes' });
}
