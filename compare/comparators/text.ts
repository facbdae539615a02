import { isUtf8 } from 'node:buffer';
import { escapeText, shorten } from '../escape.ts';
import type { ByteSource, LeafComparator } from '../types.ts';

const CONTEXT_LINES = 2;
const SHOWN_LINES = 8;
const SHOWN_CHARACTERS = 200;

/** Text: UTF-8 without NUL on both sides. Where lines begin and cease to differ, and the first few of them. */
export const text: LeafComparator = {
  kind: 'leaf',
  id: 'text',
  recognizes: (head) => !head.includes(0) && isUtf8(withoutPartialEnd(head)),
  async *explain(left, right, budget) {
    const [before, after] = [
      await readText(left, budget.limits.textBytes),
      await readText(right, budget.limits.textBytes),
    ];
    if (before === undefined || after === undefined) {
      yield {
        kind: 'declined',
        why: `not compared by lines: not UTF-8, or longer than ${budget.limits.textBytes} bytes`,
      };
      return;
    }
    const [old, now] = [before.split('\n'), after.split('\n')];
    const shared = Math.min(old.length, now.length);
    let start = 0;
    while (start < shared && old[start] === now[start]) start++;
    let tail = 0;
    while (tail < shared - start && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail++;
    yield {
      kind: 'detail',
      text: `first difference at line ${start + 1}; ${lineCount(old)} and ${lineCount(now)} lines`,
      left: old.length === now.length ? changedLines(old, now) : excerpt(old, start, tail),
      right: old.length === now.length ? changedLines(now, old) : excerpt(now, start, tail),
    };
    const why = onlyBy(old, now, { before, after });
    if (why !== undefined) yield { kind: 'note', text: why };
  },
};

/** The whole text, or undefined when it is too long or no text. */
async function readText(source: ByteSource, limit: number): Promise<string | undefined> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of source.open()) {
    size += piece.length;
    if (size > limit) return undefined;
    pieces.push(piece);
  }
  const whole = Buffer.concat(pieces);
  return isUtf8(whole) && !whole.includes(0) ? whole.toString('utf8') : undefined;
}

/** Where no line was added or removed: the lines that differ from the other side's of the same number. */
function changedLines(lines: readonly string[], others: readonly string[]): string {
  const changed = lines.flatMap((line, index) => (line === others[index] ? [] : [shownLine('>', line, index)]));
  const more = changed.length - SHOWN_LINES;
  return [...changed.slice(0, SHOWN_LINES), ...(more > 0 ? [`… ${more} more lines`] : [])].join('\n');
}

function shownLine(mark: '>' | ' ', line: string, index: number): string {
  return `${mark} ${index + 1}: ${escapeText(shorten(line, SHOWN_CHARACTERS))}`;
}

/** The differing lines with a little of what stands around them, escaped, each numbered. */
function excerpt(lines: readonly string[], start: number, tail: number): string {
  const end = lines.length - tail;
  const until = Math.min(end, start + SHOWN_LINES);
  const shown: string[] = [];
  for (let index = Math.max(0, start - CONTEXT_LINES); index < Math.min(lines.length, until + CONTEXT_LINES); index++) {
    if (index === until && until < end) return [...shown, `… ${end - until} more lines`].join('\n');
    shown.push(shownLine(index >= start && index < end ? '>' : ' ', lines[index] as string, index));
  }
  return shown.join('\n');
}

function onlyBy(
  old: readonly string[],
  now: readonly string[],
  whole: { readonly before: string; readonly after: string },
): string | undefined {
  if (whole.before.replaceAll('\r\n', '\n') === whole.after.replaceAll('\r\n', '\n')) return 'only line endings differ';
  if (old.length === now.length && old.toSorted().join('\n') === now.toSorted().join('\n'))
    return 'the same lines in another order';
  return undefined;
}

function lineCount(lines: readonly string[]): number {
  return lines.at(-1) === '' ? lines.length - 1 : lines.length;
}

/** A head may end inside a character, whose lead byte is then at most three bytes from the end. */
function withoutPartialEnd(head: Uint8Array): Uint8Array {
  for (let back = 1; back <= Math.min(3, head.length); back++)
    if ((head[head.length - back] as number) >= 0xc0) return head.subarray(0, head.length - back);
  return head;
}
