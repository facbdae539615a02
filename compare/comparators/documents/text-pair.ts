import { isUtf8 } from 'node:buffer';
import { bothOf, inTurn } from '../../identity.ts';
import { ownTexts } from '../../own-texts.ts';
import { readWhole } from '../../read-whole.ts';
import type { ByteSource } from '../../types.ts';

/** Both sides as text; undefined where one is no UTF-8, holds NUL, or is longer than `limitBytes`. */
export async function readTextPair(
  left: ByteSource,
  right: ByteSource,
  limitBytes: number,
): Promise<readonly [string, string] | undefined> {
  const [old, now] = await bothOf(readWhole(left, limitBytes), readWhole(right, limitBytes));
  return old !== undefined && now !== undefined && isText(old) && isText(now)
    ? [old.toString('utf8'), now.toString('utf8')]
    : undefined;
}

/** What `gist` makes of the text of either side, of which only one is held at a time; undefined as for readTextPair. */
export async function readGists<Gist>(
  [left, right]: readonly [ByteSource, ByteSource],
  limitBytes: number,
  gist: (text: string) => Gist,
): Promise<readonly [Gist, Gist] | undefined> {
  const [old, now] = await inTurn(left, right, async (source) => {
    const bytes = await readWhole(source, limitBytes);
    return bytes !== undefined && isText(bytes) ? { gist: ownTexts(gist(bytes.toString('utf8'))) } : undefined;
  });
  return old === undefined || now === undefined ? undefined : [old.gist, now.gist];
}

function isText(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.includes(0);
}

/** True where nothing but a byte order mark at the beginning may differ: that is an encoding, and no white space. */
export function sameButForMark([left, right]: readonly [string, string]): boolean {
  const start = (text: string): number => (text.startsWith('\ufeff') ? 1 : 0);
  return left.slice(start(left)) === right.slice(start(right));
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
