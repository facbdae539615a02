import { type Difference, REASON_KINDS, type ReasonKind } from '../../model/index.ts';

/** The kinds of reasons in some trees of differences, each once, in the order of the closed list. */
export function causesOf(trees: readonly Difference[]): readonly ReasonKind[] {
  const found = new Set<ReasonKind>();
  const waiting = [...trees];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    for (const { kind } of node.reasons ?? []) found.add(kind);
    for (const child of node.children) waiting.push(child);
  }
  return REASON_KINDS.filter((kind) => found.has(kind));
}
