import { isUtf8 } from 'node:buffer';
import type { Reason } from '../../../model/index.ts';
import type { ByteSource, LeafComparator } from '../../types.ts';

/** Text: UTF-8 without NUL on both sides. Where lines begin and cease to differ, and the first few of them. */
export const text: LeafComparator = {
  kind: 'leaf',
  id: 'text',
  recognizes: (head) => !head.includes(0) && isUtf8(withoutPartialEnd(head)),
  async *explain(left, right, { budget }) {
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
    yield { kind: 'lines', left: old, right: now };
    const why = onlyBy(old, now, { before, after });
    if (why !== undefined) yield { kind: 'reason', reason: why };
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

function onlyBy(
  old: readonly string[],
  now: readonly string[],
  whole: { readonly before: string; readonly after: string },
): Reason | undefined {
  if (whole.before.replaceAll('\r\n', '\n') === whole.after.replaceAll('\r\n', '\n'))
    return { kind: 'line-endings', evidence: 'only line endings differ' };
  if (old.length === now.length && old.toSorted().join('\n') === now.toSorted().join('\n'))
    return { kind: 'order', evidence: 'the same lines in another order' };
  return undefined;
}

/** A head may end inside a character, whose lead byte is then at most three bytes from the end. */
function withoutPartialEnd(head: Uint8Array): Uint8Array {
  for (let back = 1; back <= Math.min(3, head.length); back++)
    if ((head[head.length - back] as number) >= 0xc0) return head.subarray(0, head.length - back);
  return head;
}
