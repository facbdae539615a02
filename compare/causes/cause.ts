import type { Reason } from '../../model/index.ts';
import type { LineEdit, LinePair } from '../lines/line-edits.ts';
import type { TokenPair } from './tokens.ts';

/** What a text difference shows, gathered once for all causes. */
export type Evidence = {
  readonly pair: LinePair;
  readonly edits: readonly LineEdit[];
  /** Lines that stand opposite each other and differ in nothing but tokens of known kinds: these tokens. */
  readonly tokens: readonly TokenPair[];
  /** Lines that differ; where several stand opposite each other, those of the side that has more. */
  readonly lines: number;
  /** False where there are more lines opposite each other than are looked at. */
  readonly whole: boolean;
};

/**
 * Something known to make builds differ, recognized by its traces. `find` is pure and linear, and says nothing where the
 * bytes do not show it; reasons read the same with the sides swapped.
 */
export interface Cause {
  readonly id: string;
  find(evidence: Evidence): readonly Reason[];
}
