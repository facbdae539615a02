import { canonicalJson, type Difference, type DifferenceSide, ReproofError } from '../model/index.ts';
import { Budget, DEFAULT_COMPARE_LIMITS } from './budget.ts';
import type { ByteSource } from './byte-source.ts';
import {
  COMPARISON_FORMAT,
  COMPARISON_VERSION,
  type ComparedInput,
  type Comparison,
  countsOf,
  type Digests,
  digestPair,
} from './comparison.ts';
import { escapeText } from './escape.ts';
import type { ExplainOptions } from './explain.ts';
import { bothOf } from './identity.ts';
import { type LeaveOut, LeftOut } from './left-out.ts';
import type { AskDiffoscope, lookInto } from './looking.ts';
import type { Listing, MemberSet } from './members.ts';
import { type OnProgress, Progress } from './progress.ts';
import { differenceNode } from './types.ts';

/** A folder, or the files that a .changes, .dsc or .buildinfo names: many files that are compared as one. */
export type MemberInput = {
  readonly kind: 'folder' | 'set';
  /** Escaped. */
  readonly name: string;
  /** The bytes of a set's list. */
  readonly list?: ByteSource;
  readonly open: (opened: OpenedFor) => MemberSet;
};

/** Whom entries are listed for. Into `notes` goes what is to be known of them, escaped. */
export type OpenedFor = {
  readonly budget: Budget;
  readonly leftOut: LeftOut;
  readonly side: 'left' | 'right';
  readonly notes: string[];
};

export type CompareInput = ByteSource | MemberInput;

export type CompareOptions = ExplainOptions & {
  readonly leaveOut?: LeaveOut;
  /**
   * Asks diffoscope, too, where it is installed: of members that none of our formats explains, and with `all` of the
   * two as a whole, where they are files.
   */
  readonly diffoscope?: 'all' | 'members';
  readonly onProgress?: OnProgress;
};

type Found = Pick<Comparison, 'identical' | 'left' | 'right' | 'difference'> & {
  readonly programs?: Comparison['programs'];
};

/**
 * Compares two inputs of one kind: says whether they are identical, for which their bytes alone count, and if not how
 * they differ. `left` is the old or published one. Throws USAGE for a folder or set against a file, INTERRUPTED, I/O
 * errors of the inputs, and for folders ARCHIVE_LIMIT where they could not be listed within the limits.
 */
export async function compare(
  left: CompareInput,
  right: CompareInput,
  options: CompareOptions = {},
): Promise<Comparison> {
  const limits = { ...DEFAULT_COMPARE_LIMITS, ...options.limits };
  const budget = new Budget(limits, options.signal, options.enough);
  const path = escapeText(options.path ?? left.name);
  const leftOut = new LeftOut(options.leaveOut ?? {});
  const given = { budget, leftOut, progress: new Progress(options.onProgress) };
  budget.takeNode();
  const {
    difference,
    programs = [],
    ...found
  } = await compareEither(left, right, {
    path,
    given,
    asking: options.diffoscope,
  });
  const counts = countsOf(difference);
  return {
    format: COMPARISON_FORMAT,
    version: COMPARISON_VERSION,
    ...found,
    notes: leftOut.notes(),
    ...(difference === undefined ? {} : { difference }),
    programs,
    truncated: counts.truncated > 0,
    counts,
    limits,
  };
}

type Place = {
  readonly path: string;
  readonly given: { readonly budget: Budget; readonly leftOut: LeftOut; readonly progress: Progress };
  readonly asking: AskDiffoscope;
};

function compareEither(left: CompareInput, right: CompareInput, place: Place): Promise<Found> {
  if (isMembers(left) && isMembers(right)) return compareMembers(left, right, place);
  if (!isMembers(left) && !isMembers(right)) return compareBytes(left, right, place);
  throw new ReproofError('USAGE', `comparing ${left.name} with ${right.name}: one is a single file, the other is not`);
}

function isMembers(input: CompareInput): input is MemberInput {
  return 'kind' in input;
}

async function compareBytes(left: ByteSource, right: ByteSource, place: Place): Promise<Found> {
  const { path, given, asking } = place;
  const { budget, progress } = given;
  const total = left.size === undefined || right.size === undefined ? undefined : left.size + right.size;
  const look = async (): ReturnType<typeof lookInto> => {
    const source = (one: ByteSource): ByteSource => progress.watched(budget.metered(one));
    const equal = async (): Promise<Digests['equal']> => (await reading).equal;
    const { lookInto } = await import('./looking.ts');
    return lookInto({ path, left: source(left), right: source(right), known: true, equal, depth: 0 }, given, asking);
  };
  let looking: ReturnType<typeof look> | undefined;
  const reading = digestPair(left, right, {
    check: (bytes) => {
      if (budget.signal?.aborted) throw new ReproofError('INTERRUPTED', 'comparing: interrupted');
      if (looking === undefined) progress.reading(bytes, total);
    },
    // What follows a difference is read for its digest beside the looking: programs that unpack begin sooner.
    differ: () => {
      looking = look();
      looking.catch(() => {});
    },
  });
  const digests = await reading.catch(async (failure: unknown) => {
    await looking?.catch(() => {});
    throw failure;
  });
  const input = (side: 'left' | 'right', { name, size }: ByteSource): ComparedInput => ({
    kind: 'bytes',
    name,
    ...digests[side],
    notes:
      size === undefined || size === digests[side].size
        ? []
        : [`it had ${size} bytes when it was opened: what was read is compared`],
  });
  const found = {
    identical: digests.identical,
    left: input('left', left),
    right: input('right', right),
  };
  if (digests.identical) return found;
  const { found: tree, programs } = await (looking ?? look());
  return { ...found, programs, difference: named(tree ?? unexplained(path), found) };
}

async function compareMembers(left: MemberInput, right: MemberInput, place: Place): Promise<Found> {
  const { path, given, asking } = place;
  const { budget, leftOut } = given;
  const notes = { left: [] as string[], right: [] as string[] };
  const sets = {
    left: left.open({ budget, leftOut, side: 'left', notes: notes.left }),
    right: right.open({ budget, leftOut, side: 'right', notes: notes.right }),
  };
  const [old, now] = await bothOf(sets.left.list(), sets.right.list());
  const [oldList, nowList] = await bothOf(listDigest(left), listDigest(right));
  const found = {
    identical: sameListing(old, now),
    left: { kind: left.kind, name: left.name, ...oldList, notes: notes.left },
    right: { kind: right.kind, name: right.name, ...nowList, notes: notes.right },
  };
  if (found.identical) return found;
  const { lookIntoMembers } = await import('./looking.ts');
  const task = { path, ...sets, known: true, depth: 0 };
  const {
    found: { declined: _, ...findings },
    programs,
  } = await lookIntoMembers(task, given, asking);
  return { ...found, programs, difference: named({ ...differenceNode(path, sets.left.id), ...findings }, found) };
}

async function listDigest({ list }: MemberInput): Promise<Pick<ComparedInput, 'size' | 'sha256'>> {
  return list === undefined ? {} : (await digestPair(list, list, { check: () => {} })).left;
}

/** True when the same entries, in the same order, with the same metadata hold the same bytes. */
function sameListing(left: Listing, right: Listing): boolean {
  if (left.members.size !== right.members.size || canonicalJson(left.facts) !== canonicalJson(right.facts))
    return false;
  const others = right.members.values();
  for (const { key, identity, header } of left.members.values()) {
    const other = others.next().value;
    if (other?.key !== key || other.identity !== identity) return false;
    if (canonicalJson(header) !== canonicalJson(other.header)) return false;
  }
  return true;
}

function unexplained(path: string): Difference {
  return { ...differenceNode(path, 'bytes'), detail: 'the bytes differ' };
}

/** The top node with what the inputs are: names where they have two, sizes, digests. */
function named(node: Difference, { left, right }: Pick<Found, 'left' | 'right'>): Difference {
  const side = ({ name, size, sha256 }: ComparedInput): DifferenceSide => ({
    ...(left.name === right.name ? {} : { name }),
    ...(size === undefined ? {} : { size }),
    ...(sha256 === undefined ? {} : { sha256 }),
  });
  return { ...node, left: { ...node.left, ...side(left) }, right: { ...node.right, ...side(right) } };
}
