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

/** Of what diffoscope is asked, too: members that none of our formats explains, and with `all` the two as a whole. */
export type AskDiffoscope = 'all' | 'members' | undefined;

/** The tree of two sources, undefined when they are equal, and the programs it took. Throws as walk. */
export function lookInto(task: Task, given: Given, asking: AskDiffoscope): Promise<Looked<Difference | undefined>> {
  return withHelpers(given.budget, async (helpers) => {
    const context = { ...given, helpers, ...(await asker(asking, asking === 'all' ? 1 : 0)) };
    const found = await walk(task, context);
    if (found === undefined || asking !== 'all') return found;
    const { runDiffoscope } = await import('./diffoscope/run-diffoscope.ts');
    if (!given.budget.takeNode()) {
      const note = 'diffoscope was not asked: the limit of nodes was reached';
      return { ...found, notes: [...found.notes, note], truncated: true };
    }
    const said = await runDiffoscope(task, context);
    return { ...found, children: [...found.children, said], truncated: found.truncated || said.truncated };
  });
}

/** The same for two sets of members. */
export function lookIntoMembers(task: MemberTask, given: Given, asking: AskDiffoscope): Promise<Looked<LeafFindings>> {
  return withHelpers(given.budget, async (helpers) =>
    walkMembers(task, { ...given, helpers, ...(await asker(asking, 0)) }),
  );
}

/** Files less deep than `least` are asked of as a whole. */
async function asker(asking: AskDiffoscope, least: number): Promise<Pick<Context, 'ask'>> {
  if (asking === undefined) return {};
  const { askOfMember, knowsMore } = await import('./diffoscope/ask-of-member.ts');
  return {
    ask: async (kind, pair, context) =>
      pair.depth >= least && knowsMore(kind, pair) ? askOfMember(pair, context) : undefined,
  };
}

async function withHelpers<Found>(budget: Budget, look: (helpers: Helpers) => Promise<Found>): Promise<Looked<Found>> {
  const helpers = new Helpers(budget);
  try {
    return { found: await look(helpers), programs: helpers.used };
  } finally {
    await helpers.close();
  }
}
