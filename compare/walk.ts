import { type Difference, isReproofError } from '../model/index.ts';
import type { Budget } from './budget.ts';
import { bufferSource } from './buffer-source.ts';
import { escapeText } from './escape.ts';
import { bothOf, headOf, identical } from './identity.ts';
import { type Container, holdMembers, listMembers, memberSource } from './members.ts';
import { type DifferingPair, headerText, pairMembers } from './pairing.ts';
import { comparators } from './registry.ts';
import {
  type ByteSource,
  type Comparator,
  type ContainerComparator,
  differenceNode,
  type Head,
  type LeafComparator,
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
type Found = Pick<Difference, 'notes' | 'children' | 'truncated' | 'left' | 'right' | 'detail'> | 'equal' | 'declined';

const FOUND_NOTHING = { notes: [], children: [], truncated: false } as const;

/**
 * Explains how two sources differ; undefined when they hold the same bytes. The only recursion: containers and wrappers
 * are opened here, members whose digests are equal never. Hostile or broken content, a missing program or a limit is a
 * note at its node, never equality and never an error: only I/O errors and INTERRUPTED are thrown.
 */
export async function walk(task: Task, budget: Budget): Promise<Difference | undefined> {
  const notes: string[] = [];
  let known = task.known;
  let truncated = false;
  /** Runs one attempt; undefined when it failed in a way that is only worth a note. */
  const attempt = async <Result>(work: () => Promise<Result>): Promise<Result | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!isReproofError(error) || !/^(ARCHIVE|ELF|PROGRAM)_/.test(error.code)) throw error;
      notes.push(escapeText(`${error.code}: ${error.message}`));
      truncated ||= error.code.endsWith('_LIMIT');
      return undefined;
    }
  };
  const heads = await attempt(() => bothOf(headOf(task.left), headOf(task.right)));
  for (const comparator of heads === undefined ? [] : candidates(heads, task.depth < budget.limits.depth)) {
    if (comparator.kind !== 'container' && !known) {
      const same = await attempt(() => identical(task.left, task.right));
      if (same === true) return undefined;
      if (same === undefined) break;
      known = true;
    }
    const found = await attempt(() => run(comparator, { ...task, known }, budget));
    if (found === 'equal') return undefined;
    if (found === undefined || found === 'declined') continue;
    const node = { ...differenceNode(task.path, comparator.left.id), ...found };
    return { ...node, notes: [...notes, ...found.notes], truncated: truncated || found.truncated };
  }
  const unexplained = known ? 'the bytes differ' : 'could not be compared';
  return { ...differenceNode(task.path, 'bytes'), detail: unexplained, notes, truncated };
}

/** What both sides are to be read with: the same comparator, or two wrappers. */
type Candidate =
  | { readonly kind: 'container'; readonly left: ContainerComparator }
  | {
      readonly kind: 'wrapper';
      readonly left: WrapperComparator;
      readonly right: WrapperComparator;
      readonly heads: readonly [Head, Head];
    }
  | { readonly kind: 'leaf'; readonly left: LeafComparator };

function* candidates(heads: readonly [Head, Head], mayOpen: boolean): Generator<Candidate> {
  const ofKind = <Kind extends Comparator['kind']>(kind: Kind): readonly Extract<Comparator, { kind: Kind }>[] =>
    comparators.filter((one): one is Extract<Comparator, { kind: Kind }> => one.kind === kind);
  if (mayOpen) {
    for (const left of ofKind('container'))
      if (heads.every((head) => left.recognizes(head))) yield { kind: 'container', left };
    const [left, right] = heads.map((head) => ofKind('wrapper').find((one) => one.recognizes(head)));
    if (left !== undefined && right !== undefined) yield { kind: 'wrapper', left, right, heads };
  }
  for (const left of ofKind('leaf')) if (heads.every((head) => left.recognizes(head))) yield { kind: 'leaf', left };
}

function run(candidate: Candidate, task: Task, budget: Budget): Promise<Found> {
  switch (candidate.kind) {
    case 'container':
      return openContainers(candidate.left, task, budget);
    case 'wrapper':
      return openWrappers(candidate, task, budget);
    case 'leaf':
      return explainLeaf(candidate.left, task, budget);
    default:
      return candidate satisfies never;
  }
}

async function openContainers(comparator: ContainerComparator, task: Task, budget: Budget): Promise<Found> {
  const [left, right] = [task.left, task.right].map((source) => ({ comparator, source, budget })) as [
    Container,
    Container,
  ];
  const [old, now] = await bothOf(listMembers(left), listMembers(right));
  if (old.sha256 === now.sha256) return 'equal';
  const pairing = pairMembers(old, now, `${comparator.id}-member`, budget);
  if (pairing.children.length + pairing.notes.length === 0)
    return { ...FOUND_NOTHING, detail: 'the same members with the same headers in the same order: other packing' };
  const children = [...pairing.children];
  for (const batch of batches(pairing.differing, budget.limits.heldBytes)) {
    const wanted = new Set(batch.held ? batch.pairs.map((pair) => pair.left.key) : []);
    const [heldLeft, heldRight] = await bothOf(holdMembers(left, wanted), holdMembers(right, wanted));
    for (const pair of batch.pairs) {
      const source = (side: 'left' | 'right'): ByteSource => {
        const bytes = (side === 'left' ? heldLeft : heldRight).get(pair[side].key);
        return bytes === undefined
          ? memberSource(side === 'left' ? left : right, pair[side])
          : bufferSource(pair[side].name, bytes);
      };
      const shallow = children[pair.index] as Difference;
      const inner = {
        path: shallow.path,
        left: source('left'),
        right: source('right'),
        known: true,
        depth: task.depth + 1,
      };
      const deep = await walk(inner, budget);
      if (deep !== undefined) children[pair.index] = merge(shallow, deep);
    }
  }
  return { notes: pairing.notes, children, truncated: pairing.truncated };
}

/** The node of a member: its digests and header notes beside what its content says. */
function merge(shallow: Difference, deep: Difference): Difference {
  return {
    ...deep,
    left: { ...deep.left, ...shallow.left },
    right: { ...deep.right, ...shallow.right },
    notes: [...shallow.notes, ...deep.notes],
  };
}

/** Runs of pairs that fit in memory together; a pair that does not fit is alone, and read from its container again. */
function* batches(
  pairs: readonly DifferingPair[],
  heldBytes: number,
): Generator<{ readonly held: boolean; readonly pairs: readonly DifferingPair[] }> {
  let run: DifferingPair[] = [];
  let bytes = 0;
  for (const pair of pairs) {
    const size = pair.left.size + pair.right.size;
    if (size > heldBytes) {
      yield { held: false, pairs: [pair] };
      continue;
    }
    if (bytes + size > heldBytes) {
      yield { held: true, pairs: run };
      run = [];
      bytes = 0;
    }
    run.push(pair);
    bytes += size;
  }
  if (run.length > 0) yield { held: true, pairs: run };
}

async function openWrappers(
  wrapper: Extract<Candidate, { kind: 'wrapper' }>,
  task: Task,
  budget: Budget,
): Promise<Found> {
  const unwrapped = (source: ByteSource, comparator: WrapperComparator): ByteSource =>
    budget.metered({ name: contentName(source.name), size: undefined, open: () => comparator.unwrap(source, budget) });
  const inner = {
    path: contentName(task.path),
    left: unwrapped(task.left, wrapper.left),
    right: unwrapped(task.right, wrapper.right),
    known: false,
    depth: task.depth + 1,
  };
  const differing = await walk(inner, budget);
  const { left, right } = wrapper;
  const headers = headerText(left.header(wrapper.heads[0]), right.header(wrapper.heads[1]));
  const notes =
    left === right ? (headers === '' ? [] : [`${left.id} header: ${headers}`]) : [`${left.id} against ${right.id}`];
  if (differing === undefined)
    return {
      ...FOUND_NOTHING,
      notes,
      detail: `the unpacked content is equal: only the ${left.id} header, compression or trailing bytes differ`,
    };
  if (!budget.takeNode()) return { ...FOUND_NOTHING, notes, detail: 'the unpacked content differs', truncated: true };
  return { notes, children: [differing], truncated: false };
}

function contentName(name: string): string {
  const stem = name.replace(/\.(gz|xz|zst|bz2)$/, '');
  return stem === name ? `${name} (unpacked)` : stem;
}

async function explainLeaf(comparator: LeafComparator, task: Task, budget: Budget): Promise<Found> {
  const notes: string[] = [];
  const children: Difference[] = [];
  let detail: string | undefined;
  const sides: { left?: { text: string }; right?: { text: string } } = {};
  let unlisted = 0;
  for await (const found of comparator.explain(task.left, task.right, budget)) {
    switch (found.kind) {
      case 'declined':
        return 'declined';
      case 'detail':
        detail = found.text;
        if (found.left !== undefined) sides.left = { text: found.left };
        if (found.right !== undefined) sides.right = { text: found.right };
        break;
      case 'note':
        notes.push(found.text);
        break;
      case 'child':
        if (budget.takeNode()) children.push(found.difference);
        else unlisted++;
        break;
      default:
        found satisfies never;
    }
  }
  if (unlisted > 0)
    notes.push(`${unlisted} more are not listed: the limit of ${budget.limits.nodes} nodes was reached`);
  return { notes, children, truncated: unlisted > 0, ...sides, ...(detail === undefined ? {} : { detail }) };
}
