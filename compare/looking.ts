import type { Difference } from '../model/index.ts';
import type { Budget } from './budget.ts';
import type { Comparison } from './comparison.ts';
import { Helpers } from './helpers/helper-runner.ts';
import type { LeafFindings } from './leaf.ts';
import type { Context } from './types.ts';
import { type MemberTask, type Task, walk, walkMembers } from './walk.ts';

type Given = Omit<Context, 'helpers'>;
type Looked<Found> = { readonly found: Found; readonly programs: Comparison['programs'] };

// Everything that explains comes in through this file, and only when something is to be explained: what finds two
// inputs identical loads no format.

/** `diffoscope` asks it, too: what it says is one more child of the top. `enough` ends it. */
export type Also = { readonly diffoscope: boolean; readonly enough: AbortSignal | undefined };

/** The tree of two sources, undefined when they are equal, and the programs it took. Throws as walk. */
export function lookInto(task: Task, given: Given, also?: Also): Promise<Looked<Difference | undefined>> {
  return withHelpers(given.budget, async (helpers) => {
    const context = { ...given, helpers };
    const found = await walk(task, context);
    if (found === undefined || also?.diffoscope !== true) return found;
    const { runDiffoscope } = await import('./diffoscope/run-diffoscope.ts');
    const said = await runDiffoscope(task, context, also.enough);
    return { ...found, children: [...found.children, said] };
  });
}

/** The same for two sets of members. */
export function lookIntoMembers(task: MemberTask, given: Given): Promise<Looked<LeafFindings>> {
  return withHelpers(given.budget, (helpers) => walkMembers(task, { ...given, helpers }));
}

async function withHelpers<Found>(budget: Budget, look: (helpers: Helpers) => Promise<Found>): Promise<Looked<Found>> {
  const helpers = new Helpers(budget);
  try {
    return { found: await look(helpers), programs: helpers.used };
  } finally {
    await helpers.close();
  }
}
