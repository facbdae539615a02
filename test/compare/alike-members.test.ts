import { describe, expect, it } from 'vitest';
import { AlikeMembers } from '../../compare/alike-members.ts';
import { differenceNode } from '../../compare/types.ts';
import type { Difference } from '../../model/index.ts';
import { mirror } from '../helpers/mirror.ts';

const DIGEST = 'a'.repeat(64);

/** A program of which one section differs so, with sizes of its own. */
function program(name: string, diff: string, more: Partial<Difference> = {}): Difference {
  const size = name.length;
  const section = {
    ...differenceNode('.comment', 'elf-section', { left: { size }, right: { size, sha256: DIGEST } }),
    diff,
  };
  const sides = { left: { name: `old/${name}` }, right: { name: `new/${name}` } };
  return { ...differenceNode(`old/${name}`, 'elf', sides), children: [section], ...more };
}

function fold(nodes: readonly Difference[], order: readonly number[] = nodes.map((_, index) => index)): Difference[] {
  const all = [...nodes];
  const alike = new AlikeMembers(all);
  for (const index of order) alike.add(index);
  alike.finish();
  return all;
}

const folded = (node: Difference): Difference => ({
  ...node,
  children: [],
  fields: [{ name: 'parts differ as those of', left: 'old/a', right: 'new/a' }],
});

describe('members whose parts differ alike', () => {
  const many = ['a', 'bb', 'ccc', 'dddd', 'e'].map((name) => program(name, 'one'));

  it('are told without their parts, but for the first, which they name', () => {
    expect(fold(many)).toEqual([many[0], ...many.slice(1).map(folded)]);
  });

  it('are told with them where they are three', () => {
    expect(fold(many.slice(0, 3))).toEqual(many.slice(0, 3));
  });

  it('give the same in whatever order they are looked into, and with the sides swapped', () => {
    for (const order of [
      [4, 3, 2, 1, 0],
      [2, 4, 0, 3, 1],
      [1, 2, 3, 4, 0],
    ])
      expect(fold(many, order)).toEqual(fold(many));
    expect(fold(many.map(mirror))).toEqual(fold(many).map(mirror));
  });

  it('are not those that differ in anything but sizes and digests', () => {
    const others = [
      program('f', 'other'),
      program('g', 'one', { children: [{ ...differenceNode('.text', 'elf-section'), diff: 'one' }] }),
      program('h', 'one', { kind: 'pe' }),
    ];
    expect(fold([...many, ...others]).slice(5)).toEqual(others);
  });

  it.each([
    ['were not told to the end', { truncated: true }],
    ['have members of their own', { kind: 'zip' }],
    ['hold something that was opened', { children: [differenceNode('inside', 'tar')] }],
    ['hold something that is a member', { children: [differenceNode('inside', 'cpio-member')] }],
    ['have no parts', { children: [] }],
  ])('are not those that %s', (_what, more) => {
    const nodes = ['a', 'b', 'c', 'd', 'e'].map((name) => program(name, 'one', more));
    expect(fold(nodes)).toEqual(nodes);
  });
});
