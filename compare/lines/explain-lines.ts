import type { Difference } from '../../model/index.ts';
import type { Budget } from '../budget.ts';
import { findCauses } from '../causes/index.ts';
import { renderEdits } from '../line-diff.ts';
import { lineEdits } from './line-edits.ts';

type Lines = {
  readonly left: readonly string[];
  readonly right: readonly string[];
  readonly unended?: { readonly left: boolean; readonly right: boolean };
};

/** How two lists of lines differ, and what that shows of the cause; undefined when they do not. */
export function explainLines(
  { left, right, unended }: Lines,
  budget: Budget,
): Pick<Difference, 'diff' | 'reasons' | 'truncated'> | undefined {
  const pair = { left, right, leftOpen: unended?.left ?? false, rightOpen: unended?.right ?? false };
  const edits = lineEdits(pair);
  if (edits.length === 0) return undefined;
  const { text, truncated } = renderEdits(pair, edits, {
    maxBytes: budget.limits.diffBytes,
    contextLines: budget.limits.contextLines,
  });
  const reasons = findCauses(pair, edits);
  const fits = text !== '' && budget.takeReportBytes(text.length);
  return {
    ...(fits ? { diff: text } : {}),
    ...(reasons.length === 0 ? {} : { reasons }),
    truncated: truncated || !fits,
  };
}
