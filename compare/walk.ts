import type { Difference, Reason } from '../model/index.ts';
import { AlikeMembers } from './alike-members.ts';
import { type Candidate, type ContainerPair, candidatesFor, formatChange, openersFor } from './candidates.ts';
import { contentName, withNames } from './content-names.ts';
import type { Range } from './equal-ranges.ts';
import { isNote, noteOf } from './error-notes.ts';
import { explainPacked, FOLLOWING, following } from './following.ts';
import { holdBatch } from './hold-batch.ts';
import { bothOf, headOf, identical } from './identity.ts';
import { gather, type LeafFindings, orDeclined } from './leaf.ts';
import { batchesOf, mergeNodes, packedOtherwise, sharesOf } from './member-nodes.ts';
import { archiveMembers, listBoth, type MemberSet } from './members.ts';
import { alikeText, withFormats } from './other-archives.ts';
import { changedFields, type DifferingPair, pairMembers } from './pairing.ts';
import { randomAccess } from './random-access.ts';
import { keptPair } from './reachable.ts';
import {
  type ByteSource,
  type ContainerComparator,
  type Context,
  differenceNode,
  type Explanation,
  type MemberHeader,
  type WrapperComparator,
} from './types.ts';
import { withUnwrapped } from './unwrap-together.ts';

/**
 * Two sources to explain. `known` says that their bytes are known to differ; `equal` gives where they are known to be the
 * same, as equalRanges has it, where that is found out elsewhere.
 */
export type Task = {
  readonly path: string;
  readonly left: ByteSource;
  readonly right: ByteSource;
  readonly known: boolean;
  readonly equal?: (() => Promise<readonly Range[] | undefined>) | undefined;
  readonly depth: number;
};

/** What one comparator found; `equal` when both sides turned out to hold the same bytes. */
type Found = LeafFindings | 'equal';

/**
 * Explains how two sources differ; undefined when they hold the same bytes. The only recursion: containers and wrappers
 * are opened here, members whose digests are equal never. Hostile or broken content, a missing program or a limit is a
 * note at its node, never equality and never an error: only I/O errors and INTERRUPTED are thrown.
 */
export async function walk(task: Task, context: Context): Promise<Difference | undefined> {
  const notes: string[] = [];
  let { known } = task;
  let truncated = false;
  /** Runs one attempt; undefined when it failed in a way that is only worth a note. */
  const attempt = async <Result>(work: () => Promise<Result>): Promise<Result | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!isNote(error)) throw error;
      const note = noteOf(error);
      if (!notes.includes(note)) notes.push(note);
      truncated ||= error.code.endsWith('_LIMIT');
      return undefined;
    }
  };
  const heads = await attempt(() => bothOf(headOf(task.left), headOf(task.right)));
  known ||= heads !== undefined && Buffer.compare(...heads) !== 0;
  if (!known) {
    const same = await attempt(async () => identical(task.left, task.right, await task.equal?.()));
    if (same === true) return undefined;
    known = same === false;
  }
  const mayOpen = task.depth < context.budget.limits.depth;
  if (heads !== undefined && !mayOpen && !openersFor(heads, task).next().done) {
    notes.push(`not looked into: the limit of ${context.budget.limits.depth} inside each other was reached`);
    truncated = true;
  }
  for await (const candidate of heads === undefined ? [] : candidatesFor(heads, task, mayOpen)) {
    const refusedBefore = context.budget.refusedRuns;
    const found = await attempt(() => run(candidate, task, context));
    truncated ||= candidate.kind === 'leaf' && context.budget.refusedRuns > refusedBefore;
    if (found === undefined) continue;
    if (found === 'equal') return undefined;
    notes.push(...found.notes);
    truncated ||= found.truncated;
    if (found.declined) continue;
    const { declined: _, ...findings } = found;
    const said = await context.ask?.(candidate.id, task, context);
    return {
      ...differenceNode(task.path, candidate.id),
      ...findings,
      children: [...findings.children, ...(said?.children ?? [])],
      notes: [...notes, ...(said?.notes ?? [])],
      truncated: truncated || said?.truncated === true,
    };
  }
  const unexplained = known ? 'the bytes differ' : 'could not be compared';
  return { ...differenceNode(task.path, 'bytes'), detail: unexplained, notes, truncated };
}

function run(candidate: Candidate, task: Task, context: Context): Promise<Found> {
  switch (candidate.kind) {
    case 'container':
      return openContainers(candidate, task, context).then((found) => withFormats(found, candidate.told));
    case 'wrapper':
      return openWrappers(candidate, task, context);
    case 'leaf':
      return explainLeaf(candidate.comparator.explain(task.left, task.right, context), task, context).then(orDeclined);
    default:
      return candidate satisfies never;
  }
}

async function openContainers(pair: ContainerPair, task: Task, context: Context): Promise<LeafFindings> {
  const opened: { close(): Promise<void> }[] = [];
  try {
    const open = async (source: ByteSource, comparator: ContainerComparator): Promise<MemberSet> => {
      const access = comparator.readsAnywhere === true ? await randomAccess(source, context) : undefined;
      if (access !== undefined) opened.push(access);
      const members = archiveMembers(comparator, access?.source ?? source, context);
      if (members.close !== undefined) opened.push({ close: members.close });
      return members;
    };
    const [left, right] = [await open(task.left, pair.left), await open(task.right, pair.right)];
    return await walkMembers({ ...task, left, right }, context);
  } finally {
    for (const each of opened) await each.close();
  }
}

function explainLeaf(
  found: AsyncIterable<Explanation>,
  { depth }: Pick<Task, 'depth'>,
  context: Context,
): Promise<LeafFindings> {
  // A part of a format is no file: nothing else is asked of it.
  const { ask: _, ...own } = context;
  return gather(found, { depth, walkPart: (part, within) => walk({ ...part, known: false }, within) }, own);
}

export type MemberTask = Omit<Task, 'left' | 'right'> & { readonly left: MemberSet; readonly right: MemberSet };

/** Compares the members of two archives or folders; each that differs is walked on. */
export async function walkMembers(task: MemberTask, context: Context): Promise<LeafFindings> {
  const { left, right } = task;
  const depth = task.depth + 1;
  const [old, now] = await listBoth(left, right, task.equal);
  const pairing = pairMembers(old, now, `${left.id}-member`, context.budget);
  const { differing, onlyFacts, ...found } = pairing;
  const nothing = onlyFacts && (found.fields?.length ?? 0) === 0;
  if (nothing && context.leftOut?.active)
    return { ...found, declined: false, detail: 'nothing differs in what was not left out' };
  if (nothing)
    return {
      ...found,
      declined: false,
      reasons: [{ kind: 'packing', evidence: alikeText(left) }],
      detail: `${alikeText(left)}: other packing`,
    };
  if (onlyFacts && context.leftOut?.active !== true)
    return { ...found, declined: false, detail: `${alikeText(left)}: nothing but the fields above differs` };
  const children: (Difference | undefined)[] = [...found.children];
  const notes = [...found.notes];
  let unopened = 0;
  let repacked = 0;
  const shareOf = sharesOf(differing);
  const alike = new AlikeMembers(children);
  const isAtHand = (pair: DifferingPair): boolean =>
    left.isAtHand?.(pair.left) === true && right.isAtHand?.(pair.right) === true;
  const holders = { left: left.holder(), right: right.holder() };
  try {
    for (const batch of batchesOf(differing, context.budget.limits.heldBytes, isAtHand)) {
      if (context.budget.exhausted) {
        unopened += batch.pairs.length;
        continue;
      }
      const held = await holdBatch(task, holders, batch, notes);
      await withUnwrapped(depth < context.budget.limits.depth ? held : [], context, async (within) => {
        for (const { pair, ...sides } of held) {
          const shallow = children[pair.index] as Difference;
          const { path } = shallow;
          const look = (): Promise<Difference | undefined> =>
            walk({ path, ...sides, known: pair.known, depth }, within);
          const deep = await (context.progress?.within({ name: path, ...shareOf(pair) }, look) ?? look());
          children[pair.index] =
            deep === undefined
              ? packedOtherwise(shallow, await explainRepacked({ task, pair, before: repacked++ }, context))
              : mergeNodes(shallow, deep);
          alike.add(pair.index);
        }
      });
    }
  } finally {
    await bothOf(holders.left.close(), holders.right.close());
  }
  alike.finish();
  if (unopened > 0)
    notes.push(`${unopened} differing ${unopened === 1 ? 'member was' : 'members were'} not looked into: ended early`);
  return {
    ...found,
    notes,
    children: children.filter((child) => child !== undefined),
    truncated: found.truncated || unopened > 0,
    declined: false,
  };
}

/** As many members of one container are packed again to see what made them: the others will have been made alike. */
const REPACKED = 3;

async function explainRepacked(
  { task, pair, before }: { readonly task: MemberTask; readonly pair: DifferingPair; readonly before: number },
  context: Context,
): Promise<LeafFindings | undefined> {
  const found = before < REPACKED ? task.left.explainPacking?.(pair.left, pair.right, task.right) : undefined;
  if (found === undefined) return undefined;
  try {
    return await explainLeaf(found, { depth: task.depth }, context);
  } catch (error) {
    if (!isNote(error)) throw error;
    const notes = [noteOf(error)];
    return { notes, children: [], truncated: error.code.endsWith('_LIMIT'), declined: false };
  }
}

async function openWrappers(
  { left, right }: Extract<Candidate, { kind: 'wrapper' }>,
  task: Task,
  context: Context,
): Promise<Found> {
  const contentOf = async (source: ByteSource, wrapper: WrapperComparator | undefined): Promise<ByteSource> => {
    if (wrapper === undefined) return source;
    const told = {
      name: contentName(source.name),
      ...(source.payloadFiles === undefined ? {} : { payloadFiles: source.payloadFiles }),
    };
    const together = await context.unwrapped?.(source);
    if (together !== undefined) return { ...together, ...told };
    return context.budget.metered({ ...(await wrapper.unwrap(source, context)), ...told });
  };
  // Before the content, which may take all there is of the limits: what was found in it is kept.
  const [header, otherHeader] = await bothOf(headerOf(left, task.left, context), headerOf(right, task.right, context));
  const kept = await keptPair(...(await bothOf(contentOf(task.left, left), contentOf(task.right, right))), context);
  const path = task.path === task.left.name ? kept.left.name : contentName(task.path);
  const { left: old, right: now, equal } = kept;
  const inner = { path, left: old, right: now, equal: async () => equal, known: false, depth: task.depth + 1 };
  const mayList = context.budget.takeNode();
  const differing = await walk(inner, context).finally(() => kept.remove());
  if (differing === undefined && mayList) context.budget.giveBackNode();
  const { format, ...why } = formatChange(left, right);
  const fields = [...format, ...changedFields(header, otherHeader)];
  const nothing: LeafFindings = { notes: [], children: [], truncated: false, declined: false, fields, ...why };
  const after = await walkFollowing({ left, right }, task, context);
  if (differing === undefined && after === undefined) {
    const packing = left === right ? explainPacked(left, task, context) : undefined;
    const { fields: more = [], ...told } = packing === undefined ? nothing : await explainLeaf(packing, task, context);
    // A packing that has a word of its own for it differs in something else than the compression.
    const packed: readonly Reason[] =
      told.detail === undefined ? [{ kind: 'compression', evidence: 'the unpacked content is equal' }] : [];
    return {
      ...told,
      fields: packing === undefined ? fields : [...fields, ...more],
      reasons: [...packed, ...(packing === undefined ? [] : (told.reasons ?? []))],
      detail: told.detail ?? 'the unpacked content is equal: only the header, the compression or trailing bytes differ',
    };
  }
  const content = differing === undefined ? [] : [withNames(differing, inner)];
  const children = [...(mayList ? content : []), ...(after ?? []).filter(() => context.budget.takeNode())];
  if (children.length < content.length + (after?.length ?? 0))
    return { ...nothing, children, detail: 'the unpacked content differs, or what follows it', truncated: true };
  return { ...nothing, children };
}

/** What follows the streams, from the first byte on that is not NUL; undefined where that does not differ. */
async function walkFollowing(
  { left, right }: Pick<Extract<Candidate, { kind: 'wrapper' }>, 'left' | 'right'>,
  task: Task,
  context: Context,
): Promise<readonly Difference[] | undefined> {
  const [old, now] = await bothOf(following(left, task.left, context), following(right, task.right, context));
  if (old === undefined && now === undefined) return undefined;
  if (old === undefined || now === undefined) {
    const size = (old ?? now)?.size;
    const side = { [old === undefined ? 'right' : 'left']: size === undefined ? {} : { size } };
    return [{ ...differenceNode(FOLLOWING, 'part', side), detail: 'only on one side' }];
  }
  const found = await walk({ path: FOLLOWING, left: old, right: now, known: false, depth: task.depth + 1 }, context);
  return found === undefined ? undefined : [found];
}

async function headerOf(
  wrapper: WrapperComparator | undefined,
  source: ByteSource,
  context: Context,
): Promise<MemberHeader> {
  return wrapper === undefined ? {} : wrapper.header(source, context);
}
