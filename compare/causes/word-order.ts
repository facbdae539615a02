import type { Reason } from '../../model/index.ts';
import { escapeText, shorten } from '../escape.ts';
import type { LineEdit, LinePair } from '../lines/line-edits.ts';

/** Characters that are looked at, both sides together: a text may be one long line. */
const CHARACTERS = 2 ** 20;
/** One in so many changed lines has to hold its words in another order. */
const LEAST_PART = 4;
const SHOWN_CHARACTERS = 80;
const WORD = /[\p{L}\p{N}_][\p{L}\p{N}_.+]*/gu;
/** Figures and hex digits stand in another order by chance, and mean something else then. */
const TELLING = /[^0-9a-fx._+]/i;

/** Lines that hold the same words and signs as the line opposite them in another order, as a set prints its items. */
export function wordOrder(pair: LinePair, edits: readonly LineEdit[]): readonly Reason[] {
  let [lines, moved, characters] = [0, 0, 0];
  let first: { readonly left: string; readonly right: string } | undefined;
  for (const { leftFrom, leftTo, rightFrom, rightTo } of edits) {
    const [gone, added] = [leftTo - leftFrom, rightTo - rightFrom];
    lines += Math.max(gone, added);
    if (gone !== added) continue;
    for (let index = 0; index < gone; index++) {
      const [old, now] = [pair.left[leftFrom + index] as string, pair.right[rightFrom + index] as string];
      if (old.length !== now.length || old === now) continue;
      characters += old.length + now.length;
      if (characters > CHARACTERS) return [];
      const word = firstMoved(old, now);
      if (word === undefined) continue;
      moved++;
      first ??= word;
    }
  }
  if (first === undefined || moved * LEAST_PART < lines) return [];
  const evidence = `${moved} of ${lines} changed lines hold the same words in another order`;
  const shown = (word: string): string => shorten(escapeText(word), SHOWN_CHARACTERS);
  return [{ kind: 'order', evidence, left: shown(first.left), right: shown(first.right) }];
}

/** The first word of either line that stands elsewhere in the other; undefined where more than the order differs. */
function firstMoved(old: string, now: string): { readonly left: string; readonly right: string } | undefined {
  if (signs(old) !== signs(now)) return undefined;
  const [left, right] = [old.match(WORD) ?? [], now.match(WORD) ?? []];
  const at = left.findIndex((word, index) => word !== right[index]);
  if (at < 0 || !left.some((word, index) => word !== right[index] && TELLING.test(word))) return undefined;
  const sorted = right.toSorted();
  if (!left.toSorted().every((word, index) => word === sorted[index])) return undefined;
  return { left: left[at] as string, right: right[at] as string };
}

/** What stands between words, sorted. */
function signs(line: string): string {
  return [...line.replace(WORD, '')].sort().join('');
}
