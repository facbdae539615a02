import { createHash } from 'node:crypto';
import { canonicalJson, type Difference, type DifferenceSide } from '../model/index.ts';
import { OTHER_ARCHIVES } from './other-archives.ts';
import { openers } from './registry.ts';

/** As many members that differ alike are told with all their parts. */
const TOLD_ALIKE = 3;
/** What is inside of these has names of its own, by which people look for it. */
const OPENED: ReadonlySet<string> = new Set(['compressed', OTHER_ARCHIVES, ...openers.map((one) => one.id)]);

/** Nodes by index: the first of them, and the others. */
type Alike = { first: number; readonly others: number[] };

/**
 * Folds members of one container whose parts differ alike, but for sizes and digests: past three of them, all but the
 * first are told without their parts, and name the one that has them. Which one that is does not hang on the order in
 * which members are looked into.
 */
export class AlikeMembers {
  readonly #nodes: (Difference | undefined)[];
  readonly #groups = new Map<string, Alike>();

  /** Of these nodes, by index; folded ones are put in their places. */
  constructor(nodes: (Difference | undefined)[]) {
    this.#nodes = nodes;
  }

  /** Takes note of the node at an index, which is whole. */
  add(index: number): void {
    const node = this.#nodes[index];
    if (node === undefined || node.children.length === 0 || !isToldByLeaves(node)) return;
    const shape = `${node.kind}${canonicalJson(node.children.map(shapeOf))}`;
    const key = createHash('sha256').update(shape).digest('base64');
    const group = this.#groups.get(key);
    if (group === undefined) {
      this.#groups.set(key, { first: index, others: [] });
      return;
    }
    const later = Math.max(group.first, index);
    group.first = Math.min(group.first, index);
    group.others.push(later);
    if (group.others.length < TOLD_ALIKE) return;
    for (const other of group.others.length === TOLD_ALIKE ? group.others : [later]) this.#fold(other);
  }

  /** Names in each folded node the one that has the parts. */
  finish(): void {
    for (const { first, others } of this.#groups.values()) {
      if (others.length < TOLD_ALIKE) continue;
      const { path, left, right } = this.#nodes[first] as Difference;
      const field = { name: 'parts differ as those of', left: left?.name ?? path, right: right?.name ?? path };
      for (const index of others) {
        const node = this.#nodes[index] as Difference;
        this.#nodes[index] = { ...node, fields: [...(node.fields ?? []), field] };
      }
    }
  }

  #fold(index: number): void {
    this.#nodes[index] = { ...(this.#nodes[index] as Difference), children: [] };
  }
}

/** Told to its end, and nothing opened in it. */
function isToldByLeaves({ kind, truncated, children }: Difference): boolean {
  return !truncated && !OPENED.has(kind) && !kind.endsWith('-member') && children.every(isToldByLeaves);
}

/** All of a node but how large its sides are, and their digests. */
function shapeOf({ left, right, children, ...rest }: Difference): object {
  const shown = (side: DifferenceSide | undefined): object =>
    side === undefined ? {} : { name: side.name, text: side.text };
  return { ...rest, left: shown(left), right: shown(right), children: children.map(shapeOf) };
}
