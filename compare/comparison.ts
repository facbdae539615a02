import { setImmediate } from 'node:timers/promises';
import type { Difference, ReasonKind, Sha256 } from '../model/index.ts';
import type { CompareLimits } from './budget.ts';
import type { ByteSource } from './byte-source.ts';
import { filePieces, type Range, Ranges } from './equal-ranges.ts';
import { inStep } from './identity.ts';
import { type EndedDigests, PairDigests } from './pair-digests.ts';

/** The name and version that every written comparison carries. A version adds members only; another one breaks. */
export const COMPARISON_FORMAT = 'reproof-comparison';
export const COMPARISON_VERSION = 1;

/**
 * One side as it was given. `name` is the last part of its path, escaped: the folder it was named from leaves no trace.
 * `size` and `sha256` are of the bytes; a folder has neither, a set (.changes, .dsc, .buildinfo) those of its list.
 */
export type ComparedInput = {
  readonly kind: 'bytes' | 'folder' | 'set';
  readonly name: string;
  readonly size?: number;
  readonly sha256?: Sha256;
  /** What is to be known of this side alone, such as a stated checksum that is not right. Escaped. */
  readonly notes: readonly string[];
};

/** How often something is in the tree. Kinds and reasons that are in none of its nodes are left out. */
export type ComparisonCounts = {
  readonly nodes: number;
  readonly truncated: number;
  readonly kinds: Readonly<Record<string, number>>;
  readonly reasons: Readonly<Partial<Record<ReasonKind, number>>>;
};

/**
 * The whole result of a comparison: docs/compare.md describes each member. The same two inputs give the same comparison
 * on any day, in any time zone and locale, from any folder; other versions of `programs` may explain more or less.
 */
export type Comparison = {
  readonly format: typeof COMPARISON_FORMAT;
  readonly version: typeof COMPARISON_VERSION;
  /** The bytes are equal; of folders: entries, their metadata and the bytes of files are. Nothing else decides it. */
  readonly identical: boolean;
  readonly left: ComparedInput;
  readonly right: ComparedInput;
  /** How they differ; absent when identical. */
  readonly difference?: Difference;
  /** What was left out on purpose, and what was not looked at. Escaped. */
  readonly notes: readonly string[];
  /** Outside programs that were run, with the first line of their versions, by name. */
  readonly programs: readonly { readonly program: string; readonly version: string }[];
  /** True when a limit, or being told enough, ended the explanation early somewhere. Never the verdict. */
  readonly truncated: boolean;
  readonly counts: ComparisonCounts;
  readonly limits: CompareLimits;
};

/** Counts what a tree holds; undefined is no tree. Not recursive: a tree read from a file may be deep. */
export function countsOf(tree: Difference | undefined): ComparisonCounts {
  const kinds = new Map<string, number>();
  const reasons = new Map<string, number>();
  let nodes = 0;
  let truncated = 0;
  const add = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
  const open = tree === undefined ? [] : [tree];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    nodes++;
    if (node.truncated) truncated++;
    add(kinds, node.kind);
    for (const { kind } of node.reasons ?? []) add(reasons, kind);
    for (const child of node.children) open.push(child);
  }
  return { nodes, truncated, kinds: sortedRecord(kinds), reasons: sortedRecord(reasons) };
}

function sortedRecord(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].sort(([one], [other]) => (one < other ? -1 : 1)));
}

export type Digests = EndedDigests & {
  /** Where both hold the same bytes, as equalRanges gives it; undefined where that was not looked for. */
  readonly equal: readonly Range[] | undefined;
};

/** What is told while both sides are read. */
export type Reading = {
  /** At each step, with the bytes read so far. */
  readonly check: (bytes: number) => void;
  /** Once, as soon as they are found to differ: what follows is then read with time for others in between. */
  readonly differ?: () => void;
};

/** Reads both sides once, in step, and gives whether they are equal and what they are. */
export async function digestPair(left: ByteSource, right: ByteSource, { check, differ }: Reading): Promise<Digests> {
  const digests = new PairDigests();
  const files = filePieces(left, right);
  if (files === undefined) {
    for await (const step of inStep(left, right, { chunks: 'lent' })) {
      check(digests.bytes);
      digests.add(step.left, step.right, Buffer.compare(step.left, step.right) === 0);
    }
    return { ...digests.ended(), equal: undefined };
  }
  const ranges = new Ranges();
  let told = false;
  for await (const pieces of files) {
    check(digests.bytes);
    const equal = ranges.addPieces(pieces);
    digests.add(pieces.old, pieces.now, equal);
    if (equal && !told) continue;
    if (!told) differ?.();
    told = true;
    if (differ !== undefined) await setImmediate();
  }
  return { ...digests.ended(), equal: ranges.all };
}
