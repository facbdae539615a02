import { bothOf } from './identity.ts';
import { openers } from './registry.ts';
import {
  type ByteSource,
  type Context,
  HEAD_BYTES,
  type SourceInMemory,
  type UnwrappedInTurn,
  type WrapperComparator,
} from './types.ts';

type Pair = { readonly left: ByteSource; readonly right: ByteSource };

/**
 * Does some work, on these pairs in order, with the contents of packed sources in memory for which one program run of a
 * side serves, where each would take some of its own: to start one costs more than to unpack a small file.
 */
export async function withUnwrapped(
  pairs: readonly Pair[],
  context: Context,
  work: (within: Context) => Promise<void>,
): Promise<void> {
  const left = pairs.map((pair) => pair.left);
  const right = pairs.map((pair) => pair.right);
  const [old, now] = await bothOf(unwrapSide(left, context), unwrapSide(right, context));
  const byPacked = new Map([...old, ...now]);
  try {
    await work({ ...context, unwrapped: async (source) => byPacked.get(source)?.content(source) });
  } finally {
    for (const each of new Set(byPacked.values())) await each.close();
  }
}

/** What unwraps each of these sources. */
async function unwrapSide(
  sources: readonly ByteSource[],
  context: Context,
): Promise<ReadonlyMap<ByteSource, UnwrappedInTurn>> {
  const byPacked = new Map<ByteSource, UnwrappedInTurn>();
  for (const wrapper of openers) {
    if (wrapper.kind !== 'wrapper' || wrapper.unwrapTogether === undefined) continue;
    const packed = sources.filter(isInMemory).filter((source) => isPacked(source, wrapper));
    if (packed.length < 2) continue;
    const unwrapped = await wrapper.unwrapTogether(packed, context);
    for (const source of packed) byPacked.set(source, unwrapped);
  }
  return byPacked;
}

function isInMemory(source: ByteSource): source is SourceInMemory {
  return source.memory !== undefined;
}

function isPacked({ name, memory }: SourceInMemory, wrapper: WrapperComparator): boolean {
  return wrapper.recognizes(memory.subarray(0, HEAD_BYTES), name);
}
