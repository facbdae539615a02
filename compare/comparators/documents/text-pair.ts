import { isUtf8 } from 'node:buffer';
import { bothOf } from '../../identity.ts';
import { readWhole } from '../../read-whole.ts';
import type { ByteSource } from '../../types.ts';

/** Both sides as text; undefined where one is no UTF-8, holds NUL, or is longer than `limitBytes`. */
export async function readTextPair(
  left: ByteSource,
  right: ByteSource,
  limitBytes: number,
): Promise<readonly [string, string] | undefined> {
  const [old, now] = await bothOf(readWhole(left, limitBytes), readWhole(right, limitBytes));
  if (old === undefined || now === undefined) return undefined;
  return [old, now].every((bytes) => isUtf8(bytes) && !bytes.includes(0))
    ? [old.toString('utf8'), now.toString('utf8')]
    : undefined;
}

/** True where lines are short enough to be read by people: a file without newlines is better shown by its structure. */
export function hasReadableLines(text: string): boolean {
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
    if (end - start > READABLE_CHARACTERS) return false;
    start = end + 1;
  }
  return text.length - start <= READABLE_CHARACTERS;
}
const READABLE_CHARACTERS = 1000;
