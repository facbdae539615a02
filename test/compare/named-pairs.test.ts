import { describe, expect, it } from 'vitest';
import { distinctNames, namedPairs } from '../../compare/named-pairs.ts';

describe('names told apart by a number', () => {
  it('are counted by name', () => {
    expect(distinctNames(['a', 'b', 'a', 'a'])).toEqual(['a', 'b', 'a (2)', 'a (3)']);
  });

  it('are not those that others have by themselves', () => {
    expect(distinctNames(['a (2)', 'a', 'a', 'a (2)'])).toEqual(['a (2)', 'a', 'a (3)', 'a (2) (2)']);
  });

  it('lose nothing: each thing is in a pair', () => {
    const { pairs } = namedPairs(['a', 'a', 'a (2)'], ['a'], (name) => name);
    expect(pairs.map(({ name }) => name)).toEqual(['a', 'a (2)', 'a (2) (2)']);
    expect(pairs.filter(({ left }) => left !== undefined)).toHaveLength(3);
  });

  it('take no longer for many of one name beside many that end in numbers', () => {
    const names = Array.from({ length: 50_000 }, (_, index) => `a (${index})`);
    const same = Array.from({ length: 50_000 }, () => 'a');
    expect(new Set(distinctNames([...names, ...same])).size).toBe(100_000);
  });
});
