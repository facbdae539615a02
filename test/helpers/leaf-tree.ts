import { expect } from 'vitest';
import { bufferSource, type CompareLimits, explain } from '../../compare/index.ts';
import type { Difference } from '../../model/index.ts';
import { mirror } from './mirror.ts';

/** The tree for two contents, which was also made with the sides swapped and found to be its mirror. */
export async function mirroredTree(
  left: string | Uint8Array,
  right: string | Uint8Array,
  options: { readonly name?: string; readonly limits?: Partial<CompareLimits> } = {},
): Promise<Difference> {
  const { name = 'file', limits = {} } = options;
  const source = (content: string | Uint8Array): ReturnType<typeof bufferSource> =>
    bufferSource(name, typeof content === 'string' ? Buffer.from(content) : content);
  const found = await explain(source(left), source(right), { limits });
  expect(await explain(source(right), source(left), { limits })).toEqual(mirror(found));
  return found;
}
