import { type Difference, isReproofError } from '../model/index.ts';
import { bufferSource } from './buffer-source.ts';
import { type Candidate, candidatesFor } from './candidates.ts';
import { escapeText } from './escape.ts';
import { bothOf, headOf, identical } from './identity.ts';
import { gather, type LeafFindings } from './leaf.ts';
import { archiveMembers, listBoth, type MemberSet } from './members.ts';
import { changedFields, type DifferingPair, pairMembers } from './pairing.ts';
import {
  type ByteSource,
  type Context,
  differenceNode,
  type Explanation,
  type MemberHeader,
  type WrapperComparator,
} from './types.ts';

/** Two sources to explain. `known` says that their bytes are known to differ. */
export type Task = {
  readonly path: string;
  readonly left: ByteSource;
  readonly right: ByteSource;
  readonly known: boolean;
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
      if (!isReproofError(error) || !/^(ARCHIVE|ELF|PROGRAM|DEB822|FORMAT)_/.test(error.code)) throw error;
      notes.push(escapeText(`${error.code}: ${error.message}`));
      truncated ||= error.code.endsWith('_LIMIT');
      return undefined;
    }
  };
  if (!known) {
    const same = await attempt(() => identical(task.left, task.right));
    if (same === true) return undefined;
    known = same === false;
  }
  const heads = await attempt(() => bothOf(headOf(task.left), headOf(task.right)));
  const mayOpen = task.depth < context.budget.limits.depth;
  for (const candidate of heads === undefined ? [] : candidatesFor(heads, task, mayOpen)) {
    const found = await attempt(() => run(candidate, task, context));
    if (found === undefined) continue;
    if (found === 'equal') return undefined;
    notes.push(...found.notes);
    truncated ||= found.truncated;
    if (found.declined) continue;
    const { declined: _, ...findings } = found;
    return { ...differenceNode(task.path, candidate.id), ...findings, notes, truncated };
  }
  const unexplained = known ? 'the bytes differ' : 'could not be compared';
  return { ...differenceNode(task.path, 'bytes'), detail: unexplained, notes, truncated };
}

function run(candidate: Candidate, task: Task, context: Context): Promise<Found> {
  switch (candidate.kind) {
    case 'container': {
      const [left, right] = [task.left, task.right].map((source) =>
        archiveMembers(candidate.comparator, source, context),
      ) as [MemberSet, MemberSet];
      return walkMembers({ ...task, left, right }, context);
    }
    case 'wrapper':
      return openWrappers(candidate, task, context);
    case 'leaf':
      return explainLeaf(candidate.comparator.explain(task.left, task.right, context), task, context);
    default:
      return candidate satisfies never;
  }
}

function explainLeaf(
  found: AsyncIterable<Explanation>,
  { depth }: Pick<Task, 'depth'>,
  context: Context,
): Promise<LeafFindings> {
  return gather(found, { depth, walkPart: (part, within) => walk({ ...part, known: false }, within) }, context);
}

export type MemberTask = Omit<Task, 'left' | 'right'> & { readonly left: MemberSet; readonly right: MemberSet };

/** Compares the members of two archives or folders; each that differs is walked on. */
export async function walkMembers(task: MemberTask, context: Context): Promise<LeafFindings> {
  const { left, right } = task;
  const [old, now] = await listBoth(left, right);
  const pairing = pairMembers(old, now, `${left.id}-member`, context.budget);
  const { differing, ...found } = pairing;
  const nothing = found.children.length + found.notes.length + (found.fields?.length ?? 0) === 0;
  if (nothing && context.leftOut?.active)
    return { ...found, declined: false, detail: 'nothing differs in what was not left out' };
  if (nothing)
    return {
      ...found,
      declined: false,
      reasons: [{ kind: 'packing', evidence: 'the same members with the same headers in the same order' }],
      detail: 'the same members with the same headers in the same order: other packing',
    };
  const children: (Difference | undefined)[] = [...found.children];
  const notes = [...found.notes];
  let unopened = 0;
  let repacked = 0;
  for (const batch of batches(differing, context.budget.limits.heldBytes)) {
    if (context.budget.exhausted) {
      unopened += batch.pairs.length;
      continue;
    }
    const held = await holdBatch(task, batch, notes);
    for (const pair of batch.pairs) {
      const source = (side: 'left' | 'right'): ByteSource => {
        const bytes = held?.[side].get(pair[side].key);
        return bytes === undefined ? task[side].source(pair[side]) : bufferSource(pair[side].name, bytes);
      };
      const shallow = children[pair.index] as Difference;
      const deep = await walk(
        {
          path: shallow.path,
          left: source('left'),
          right: source('right'),
          known: pair.known,
          depth: task.depth + 1,
        },
        context,
      );
      if (deep !== undefined) children[pair.index] = merge(shallow, deep);
      else
        children[pair.index] = packedOtherwise(
          shallow,
          await explainRepacked({ task, pair, before: repacked++ }, context),
        );
    }
  }
  if (unopened > 0) notes.push(`${unopened} differing members were not looked into: ended early`);
  return {
    ...found,
    notes,
    children: children.filter((child) => child !== undefined),
    truncated: found.truncated || unopened > 0,
    declined: false,
  };
}

/** The batch's contents; undefined when they could not be read together, and each is then tried alone. */
async function holdBatch(
  task: MemberTask,
  batch: Batch,
  notes: string[],
): Promise<Readonly<Record<'left' | 'right', ReadonlyMap<string, Buffer>>> | undefined> {
  if (!batch.held) return undefined;
  try {
    const [left, right] = await bothOf(
      task.left.hold(batch.pairs.map((pair) => pair.left)),
      task.right.hold(batch.pairs.map((pair) => pair.right)),
    );
    return { left, right };
  } catch (error) {
    if (!isReproofError(error) || error.code === 'INTERRUPTED') throw error;
    notes.push(escapeText(`${error.code}: ${error.message}`));
    return undefined;
  }
}

/** A member whose contents turned out equal: what is left is how the container stores it. */
function packedOtherwise(shallow: Difference, packing: LeafFindings | undefined): Difference {
  const fields = [...(shallow.fields ?? []), ...(packing?.fields ?? [])];
  const equal = { kind: 'compression' as const, evidence: 'the unpacked content is equal' };
  return {
    ...shallow,
    ...(fields.length === 0 ? {} : { fields }),
    notes: [...shallow.notes, ...(packing?.notes ?? [])],
    detail: 'equal content, stored otherwise',
    reasons: [...(shallow.reasons ?? []), equal, ...(packing?.reasons ?? [])],
  };
}

/** As many members of one container are packed again to see what made them: the others will have been made alike. */
const REPACKED = 3;

async function explainRepacked(
  { task, pair, before }: { readonly task: MemberTask; readonly pair: DifferingPair; readonly before: number },
  context: Context,
): Promise<LeafFindings | undefined> {
  const found = before < REPACKED ? task.left.explainPacking?.(pair.left, pair.right, task.right) : undefined;
  return found === undefined ? undefined : explainLeaf(found, { depth: task.depth }, context);
}

/** The node of a member: its digests and header beside what its content says. */
function merge(shallow: Difference, deep: Difference): Difference {
  const fields = [...(shallow.fields ?? []), ...(deep.fields ?? [])];
  const reasons = [...(shallow.reasons ?? []), ...(deep.reasons ?? [])];
  return {
    ...deep,
    left: { ...deep.left, ...shallow.left },
    right: { ...deep.right, ...shallow.right },
    ...(fields.length === 0 ? {} : { fields }),
    ...(reasons.length === 0 ? {} : { reasons }),
    notes: [...shallow.notes, ...deep.notes],
  };
}

type Batch = { readonly held: boolean; readonly pairs: readonly DifferingPair[] };

/** Runs of pairs that fit in memory together; a pair that does not fit is alone, and read from its container. */
function* batches(pairs: readonly DifferingPair[], heldBytes: number): Generator<Batch> {
  let batch: DifferingPair[] = [];
  let bytes = 0;
  for (const pair of pairs.toSorted((one, other) => one.left.index - other.left.index)) {
    const size = (pair.left.size ?? Number.POSITIVE_INFINITY) + (pair.right.size ?? Number.POSITIVE_INFINITY);
    if (size > heldBytes) {
      yield { held: false, pairs: [pair] };
      continue;
    }
    if (bytes + size > heldBytes) {
      yield { held: true, pairs: batch };
      batch = [];
      bytes = 0;
    }
    batch.push(pair);
    bytes += size;
  }
  if (batch.length > 0) yield { held: true, pairs: batch };
}

async function openWrappers(
  { left, right }: Extract<Candidate, { kind: 'wrapper' }>,
  task: Task,
  context: Context,
): Promise<Found> {
  const content = async (source: ByteSource, wrapper: WrapperComparator | undefined): Promise<ByteSource> =>
    wrapper === undefined
      ? source
      : context.budget.metered({ ...(await wrapper.unwrap(source, context)), name: contentName(source.name) });
  const inner = {
    path: left === undefined ? task.path : contentName(task.path),
    left: await content(task.left, left),
    right: await content(task.right, right),
    known: false,
    depth: task.depth + 1,
  };
  const differing = await walk(inner, context);
  const [old, now] = await bothOf(headerOf(left, task.left, context), headerOf(right, task.right, context));
  const fields = [
    ...(left === right ? [] : [{ name: 'format', left: left?.id ?? 'plain', right: right?.id ?? 'plain' }]),
    ...changedFields(old, now),
  ];
  const sides: LeafFindings = { notes: [], children: [], truncated: false, declined: false, fields };
  if (differing === undefined) {
    const packing = left === right ? left?.explainPacking?.(task.left, task.right, context) : undefined;
    const { fields: more = [], ...told } = packing === undefined ? sides : await explainLeaf(packing, task, context);
    return {
      ...told,
      fields: packing === undefined ? fields : [...fields, ...more],
      reasons: [{ kind: 'compression', evidence: 'the unpacked content is equal' }, ...(told.reasons ?? [])],
      detail: told.detail ?? 'the unpacked content is equal: only the header, the compression or trailing bytes differ',
    };
  }
  if (!context.budget.takeNode()) return { ...sides, detail: 'the unpacked content differs', truncated: true };
  return { ...sides, children: [withNames(differing, inner)] };
}

/** Where the contents are called by their files, and the files otherwise on either side, both names are given. */
function withNames(node: Difference, { path, left, right }: Task): Difference {
  if (left.name === right.name || (path !== left.name && path !== right.name)) return node;
  return { ...node, left: { ...node.left, name: left.name }, right: { ...node.right, name: right.name } };
}

async function headerOf(
  wrapper: WrapperComparator | undefined,
  source: ByteSource,
  context: Context,
): Promise<MemberHeader> {
  return wrapper === undefined ? {} : wrapper.header(source, context);
}

function contentName(name: string): string {
  const stem = name.replace(/\.(gz|xz|zst|bz2|lz4|lzma|lz)$/, '').replace(/\.tgz$/, '.tar');
  return stem === name ? `${name} (unpacked)` : stem;
}
