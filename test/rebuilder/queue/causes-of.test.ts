import { describe, expect, it } from 'vitest';
import type { Difference, ReasonKind } from '../../../model/index.ts';
import { causesOf } from '../../../rebuilder/queue/causes-of.ts';

function node(kinds: readonly ReasonKind[], children: readonly Difference[] = []): Difference {
  const reasons = kinds.map((kind) => ({ kind, evidence: 'seen' }));
  return { path: 'a', kind: 'bytes', reasons, notes: [], children, truncated: false };
}

describe('causes', () => {
  it('are the kinds of all nodes, each once, in the order of the list', () => {
    const tree = node(['order'], [node(['timestamp', 'order'], [node(['build-id'])]), node([])]);
    expect(causesOf([tree, node(['code'])])).toEqual(['timestamp', 'order', 'build-id', 'code']);
    expect(causesOf([])).toEqual([]);
  });

  it('are found however deep a tree is', () => {
    let tree = node(['padding']);
    for (let depth = 0; depth < 100_000; depth++) tree = node([], [tree]);
    expect(causesOf([tree])).toEqual(['padding']);
  });
});
