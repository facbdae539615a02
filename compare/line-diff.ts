import { escapeText } from './escape.ts';

export type LineDiff = {
  /** Hunks as in Difference.diff, escaped; empty for equal lines. */
  readonly text: string;
  /** True when `maxBytes` cut it. */
  readonly truncated: boolean;
};

export type LineDiffOptions = { readonly maxBytes: number; readonly contextLines?: number };

/** The lines that differ, from the first to the last of them. The same with the sides swapped, but mirrored. */
export function lineDiff(left: readonly string[], right: readonly string[], options: LineDiffOptions): LineDiff {
  const { maxBytes, contextLines = 3 } = options;
  const shared = Math.min(left.length, right.length);
  let start = 0;
  while (start < shared && left[start] === right[start]) start++;
  let tail = 0;
  while (tail < shared - start && left[left.length - 1 - tail] === right[right.length - 1 - tail]) tail++;
  if (start === left.length && start === right.length) return { text: '', truncated: false };
  const from = Math.max(0, start - contextLines);
  const after = Math.min(tail, contextLines);
  const count = (lines: readonly string[]): number => lines.length - tail + after - from;
  const body = [
    ...left.slice(from, start).map((line) => ` ${escapeText(line)}`),
    ...left.slice(start, left.length - tail).map((line) => `-${escapeText(line)}`),
    ...right.slice(start, right.length - tail).map((line) => `+${escapeText(line)}`),
    ...left.slice(left.length - tail, left.length - tail + after).map((line) => ` ${escapeText(line)}`),
  ];
  let text = `@@ -${from + 1},${count(left)} +${from + 1},${count(right)} @@\n`;
  for (const line of body) {
    if (text.length + line.length + 1 > maxBytes) return { text, truncated: true };
    text += `${line}\n`;
  }
  return { text, truncated: false };
}
