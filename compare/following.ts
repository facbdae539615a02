import { type ByteSource, rangeSource } from './byte-source.ts';
import { inStep } from './identity.ts';
import type { Context, Explanation, WrapperComparator } from './types.ts';

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

/** How packed files of equal content differ: in what fills one of them up, or else as their comparator says. */
export async function* explainPacked(
  wrapper: WrapperComparator | undefined,
  { left, right }: { readonly left: ByteSource; readonly right: ByteSource },
  context: Context,
): AsyncIterable<Explanation> {
  if (await beginsTheOther(left, right))
    yield { kind: 'detail', text: 'the smaller file is the beginning of the larger: what follows adds no content' };
  else yield* wrapper?.explainPacking?.(left, right, context) ?? [];
}

/** True where all bytes of one side are the first of the other. */
async function beginsTheOther(left: ByteSource, right: ByteSource): Promise<boolean> {
  for await (const step of inStep(left, right, { chunks: 'lent' }))
    if (step.left.length > 0 && step.right.length > 0 && Buffer.compare(step.left, step.right) !== 0) return false;
  return true;
}
