import { readdirSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { Budget, DEFAULT_COMPARE_LIMITS } from '../../compare/budget.ts';
import { Helpers } from '../../compare/helpers/helper-runner.ts';
import { bufferSource, explain } from '../../compare/index.ts';
import { comparators } from '../../compare/registry.ts';
import { type Comparator, type Context, HEAD_BYTES } from '../../compare/types.ts';
import { type Difference, isReproofError } from '../../model/index.ts';
import { mirror } from '../helpers/mirror.ts';

/** Small enough that a hostile input cannot run for seconds, large enough that every reader gets to its end. */
export const FUZZ_LIMITS = {
  bytes: 16 * 2 ** 20,
  members: 2_000,
  nodes: 2_000,
  depth: 6,
  heldBytes: 2 ** 20,
  textBytes: 2 ** 20,
  programSeconds: 20,
  programRuns: 0,
} as const;

/** The committed seeds by file name, in order. */
export function readSeeds(folder: string): readonly { readonly name: string; readonly bytes: Buffer }[] {
  return readdirSync(folder)
    .filter((name) => !name.endsWith('.md'))
    .sort()
    .map((name) => ({ name, bytes: readFileSync(`${folder}/${name}`) }));
}

/** Of so many inputs one is compared the other way round, too, which costs as much again. */
const MIRRORED = 4;

/**
 * One input against another: the whole walk, now and then with the sides swapped, and one more comparator of those that
 * recognize both, which the walk may not have come to. Anything thrown but our own errors for hostile input comes out.
 */
export async function tryInput(left: Uint8Array, right: Uint8Array, chosen: number): Promise<void> {
  const compare = (one: Uint8Array, other: Uint8Array): Promise<Difference> =>
    explain(bufferSource('file', one), bufferSource('file', other), { limits: FUZZ_LIMITS });
  const found = await compare(left, right);
  if (chosen % MIRRORED === 0 && !isDeepStrictEqual(await compare(right, left), mirror(found)))
    throw new Error('with the sides swapped it is not the mirrored tree');
  const heads = [left, right].map((bytes) => bytes.subarray(0, HEAD_BYTES));
  const able = comparators.filter((one) => heads.every((head) => one.recognizes(head, 'left')));
  const comparator = able[chosen % able.length] as Comparator;
  const budget = new Budget({ ...DEFAULT_COMPARE_LIMITS, ...FUZZ_LIMITS });
  const context = { budget, helpers: new Helpers(budget) };
  try {
    await drain(comparator, { left, right }, context);
  } catch (error) {
    if (!isReproofError(error)) throw error;
  } finally {
    await context.helpers.close();
  }
}

async function drain(
  comparator: Comparator,
  sides: { readonly left: Uint8Array; readonly right: Uint8Array },
  context: Context,
): Promise<void> {
  const [left, right] = [bufferSource('left', sides.left), bufferSource('right', sides.right)].map((source) =>
    context.budget.metered(source),
  ) as [ReturnType<typeof bufferSource>, ReturnType<typeof bufferSource>];
  switch (comparator.kind) {
    case 'container':
      for await (const each of comparator.members(left, context)) {
        context.budget.spend('members', 1);
        if ('content' in each) for await (const _ of each.content);
      }
      return;
    case 'wrapper':
      await comparator.header(left, context);
      for await (const _ of context.budget.metered(await comparator.unwrap(left, context)).open());
      return;
    case 'leaf':
      for await (const _ of comparator.explain(left, right, context));
      return;
    default:
      comparator satisfies never;
  }
}
