import type { Reason } from '../../model/index.ts';
import type { LineEdit, LinePair } from '../lines/line-edits.ts';
import type { Cause } from './cause.ts';
import { environment } from './environment.ts';
import { order } from './order.ts';
import { tokenCauses } from './token-causes.ts';
import { tokenPairs } from './tokens.ts';

export type { Cause, Evidence } from './cause.ts';

/** Every cause that is looked for in differing lines. */
export const causes: readonly Cause[] = [...tokenCauses, environment, order];

/** What the differing lines show of why they differ. */
export function findCauses(pair: LinePair, edits: readonly LineEdit[]): readonly Reason[] {
  const evidence = { pair, edits, ...tokenPairs(pair, edits) };
  return causes.flatMap((cause) => cause.find(evidence));
}
