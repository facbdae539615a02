import { readdirSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { Budget, DEFAULT_COMPARE_LIMITS } from '../../compare/budget.ts';
import { countsOf } from '../../compare/comparison.ts';
import { escapeText } from '../../compare/escape.ts';
import { Helpers } from '../../compare/helpers/helper-runner.ts';
import { type ByteSource, bufferSource, compare, explain, report } from '../../compare/index.ts';
import { leaves } from '../../compare/leaves.ts';
import { openers } from '../../compare/registry.ts';
import { type Comparator, type Context, HEAD_BYTES } from '../../compare/types.ts';
import { isReproofError } from '../../model/index.ts';
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

/** A committed file; `calledAs` is what readers are told that it is called, for those that go by names. */
export type Seed = { readonly name: string; readonly calledAs: string; readonly bytes: Buffer };

/** The committed seeds in the order of their file names, which test/fixtures/fuzz/README.md explains. */
export function readSeeds(folder: string): readonly Seed[] {
  return readdirSync(folder)
    .filter((file) => file !== 'README.md')
    .sort()
    .map((file) => {
      const stored = readFileSync(`${folder}/${file}`);
      const name = file.replace(/\.unpack\.gz$/, '');
      const calledAs = decodeURIComponent(name.replace(/^[^=]*=/, ''));
      return { name, calledAs, bytes: name === file ? stored : gunzipSync(stored) };
    });
}

/** Two contents of one name; `chosen` is a number that the rest of what is tried hangs on. */
export type Trial = {
  readonly left: Uint8Array;
  readonly right: Uint8Array;
  readonly calledAs: string;
  readonly chosen: number;
};

/** Every comparator there is. */
export const comparators: readonly Comparator[] = [...openers, ...leaves];

/** The comparators that recognize a file of that name. */
export const recognizing = (bytes: Uint8Array, name: string): readonly Comparator[] =>
  comparators.filter((one) => one.recognizes(bytes.subarray(0, HEAD_BYTES), name));

/** True where a program is started to read it. */
export function startsProgram({ bytes, calledAs }: Pick<Seed, 'bytes' | 'calledAs'>): boolean {
  return recognizing(bytes, calledAs).some((one) => one.kind === 'wrapper' && one.id !== 'gzip');
}

/**
 * One input against another: the whole walk, and one more comparator of those that recognize both, which the walk may
 * not have come to. For some, the walk with the sides swapped must give the mirrored tree, and all reports are written.
 * Anything thrown but our own errors for hostile input comes out.
 */
export async function tryInput(trial: Trial): Promise<void> {
  const { calledAs, chosen } = trial;
  const sources = [bufferSource(calledAs, trial.left), bufferSource(calledAs, trial.right)] as const;
  // Outside programs take their time: they are run for a few.
  const limits = { ...FUZZ_LIMITS, programRuns: chosen % 32 === 3 ? 20 : 0 };
  const found = await explain(...sources, { limits });
  if (Buffer.compare(trial.left, trial.right) !== 0 && found.kind === 'identical') throw new Error('found identical');
  if (chosen % 8 === 1 && countsOf(found).truncated === 0) {
    const swapped = await explain(sources[1], sources[0], { limits: FUZZ_LIMITS });
    if (!isDeepStrictEqual(swapped, mirror(found))) throw new Error(`not mirrored: ${found.kind} of ${calledAs}`);
  }
  if (chosen % 16 === 2) await tryReports(...sources);
  await tryComparator(trial);
}

/** Every report of a comparison, of which that of text must not hold what commands a terminal. */
async function tryReports(left: ByteSource, right: ByteSource): Promise<void> {
  const comparison = await compare(left, right, { limits: FUZZ_LIMITS });
  for (const kind of ['json', 'summary', 'markdown', 'html', 'diffoscope-json', 'text'] as const) {
    const text = [...(await report(comparison, kind))].join('');
    const lines = kind === 'text' ? text.split('\n') : [];
    if (lines.some((line) => escapeText(line) !== line)) throw new Error('a report with control characters');
  }
}

async function tryComparator({ left, right, calledAs, chosen }: Trial): Promise<void> {
  const other = new Set(recognizing(right, calledAs));
  const both = recognizing(left, calledAs).filter((one) => other.has(one));
  const budget = new Budget({ ...DEFAULT_COMPARE_LIMITS, ...FUZZ_LIMITS });
  const context = { budget, helpers: new Helpers(budget) };
  const [old, now] = [left, right].map((bytes) => budget.metered(bufferSource(calledAs, bytes))) as [
    ByteSource,
    ByteSource,
  ];
  try {
    await drain(both[chosen % both.length] as Comparator, [old, now], context);
  } catch (error) {
    if (!isReproofError(error)) throw error;
  } finally {
    await context.helpers.close();
  }
}

async function drain(
  comparator: Comparator,
  [left, right]: readonly [ByteSource, ByteSource],
  context: Context,
): Promise<void> {
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
