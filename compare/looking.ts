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

/** The tree of two sources, undefined when they are equal, and the programs it took. Throws as walk. */
export function lookInto(task: Task, given: Given): Promise<Looked<Difference | undefined>> {
  return withHelpers(given.budget, (helpers) => walk(task, { ...given, helpers }));
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
