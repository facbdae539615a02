import { type ByteSource, rangeSource } from './byte-source.ts';
import type { Context, WrapperComparator } from './types.ts';

/** What it is called. */
export const FOLLOWING = '(what follows the stream)';

/**
 * What follows a packed stream in its file, from the first byte on that is not NUL: an initrd is made of such streams,
 * filled up with NULs. Undefined where there is none.
 */
export async function following(
  wrapper: WrapperComparator | undefined,
  source: ByteSource,
  context: Context,
): Promise<ByteSource | undefined> {
  const end = await wrapper?.following?.(source, context);
  if (end === undefined) return undefined;
  let offset = end;
  for await (const piece of source.open(end)) {
    const first = piece.findIndex((byte) => byte !== 0);
    offset += first < 0 ? piece.length : first;
    if (first >= 0) return fromOffset(source, offset);
  }
  return undefined;
}

function fromOffset(source: ByteSource, offset: number): ByteSource {
  const { size } = source;
  if (size !== undefined) return rangeSource(source, { name: FOLLOWING, offset, size: size - offset });
  return { name: FOLLOWING, size, open: (start = 0, chunks) => source.open(offset + start, chunks) };
}
