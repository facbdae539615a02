import type { Difference } from '../../model/index.ts';
import type { Context } from '../types.ts';
import { askDiffoscope, failed, foundIn, type Pair, saidBy } from './run-diffoscope.ts';

/** Text that it shows otherwise than as text: PostScript, JavaScript, signatures and keys. */
const FORMATTED = /\.(?:e?ps|[cm]?js|asc|sig|gpg|pub|p7[bcms])$/i;

/** True where diffoscope may know the format of a file that to us is only bytes, or only text. */
export function knowsMore(kind: string, { left, right }: Pair): boolean {
  return kind === 'bytes' || (kind === 'text' && FORMATTED.test(left.name) && FORMATTED.test(right.name));
}

/** What it says of one member: nothing where it shows no more than bytes. */
export type SaidOfMember = Pick<Difference, 'children' | 'notes' | 'truncated'>;

/** The same of one member that none of our formats explains. Its comments and what went wrong are notes. */
export async function askOfMember(pair: Pair, context: Context): Promise<SaidOfMember> {
  const noted = (notes: readonly string[], truncated: boolean): SaidOfMember => ({
    children: [],
    notes: notes.map((note) => `diffoscope: ${note}`),
    truncated,
  });
  if (!context.budget.takeDiffoscopeRun())
    return noted([`not asked: the limit of ${context.budget.limits.diffoscopeRuns} diffoscopeRuns was reached`], true);
  try {
    const tree = await askDiffoscope(pair, context, false);
    if (tree === undefined || tree.hex) return noted(tree?.node.notes ?? [], false);
    const said = { ...saidBy(context), ...foundIn(tree) };
    return { children: context.budget.takeNode() ? [said] : [], notes: [], truncated: said.truncated };
  } catch (error) {
    const { notes, truncated } = failed(error);
    return noted(notes, truncated);
  }
}
