import type { Cause } from './cause.ts';
import { wordOrder } from './word-order.ts';

/** Shorter lines occur everywhere: that one is removed here and added there says nothing. */
const TELLING_CHARACTERS = 4;
/** One in so many changed lines has to have moved: fewer are found in any text that was rewritten. */
const LEAST_PART = 4;

/**
 * Lines removed in one place and added in another, or else words of lines that are. Counted, never searched: linear but
 * for sorting words.
 */
export const order: Cause = {
  id: 'order',
  find({ pair, edits }) {
    const removed = new Map<string, number>();
    let [gone, added, moved] = [0, 0, 0];
    for (const { leftFrom, leftTo } of edits) {
      gone += leftTo - leftFrom;
      for (const line of linesOf(pair.left, { from: leftFrom, to: leftTo, open: pair.leftOpen }))
        removed.set(line, (removed.get(line) ?? 0) + 1);
    }
    let telling = 0;
    for (const { rightFrom, rightTo } of edits) {
      added += rightTo - rightFrom;
      for (const line of linesOf(pair.right, { from: rightFrom, to: rightTo, open: pair.rightOpen })) {
        const count = removed.get(line) ?? 0;
        if (count === 0) continue;
        removed.set(line, count - 1);
        moved++;
        if (line.trim().length >= TELLING_CHARACTERS) telling++;
      }
    }
    if (moved > 0 && moved === gone && moved === added)
      return [{ kind: 'order', evidence: `the same lines in another order: ${moved} of ${pair.left.length} moved` }];
    const changed = gone + added - moved;
    if (telling * LEAST_PART < changed) return wordOrder(pair, edits);
    return [{ kind: 'order', evidence: `${telling} of ${changed} changed lines stand elsewhere unchanged` }];
  },
};

type Stretch = { readonly from: number; readonly to: number; readonly open: boolean };

/** A last line without its newline is not the one that has it. */
function linesOf(lines: readonly string[], { from, to, open }: Stretch): readonly string[] {
  const some = lines.slice(from, to);
  return open && to === lines.length ? [...some.slice(0, -1), `${some.at(-1)}\n`] : some;
}
