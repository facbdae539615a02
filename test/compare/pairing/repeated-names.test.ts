import { describe, expect, it } from 'vitest';
import type { Listing } from '../../../compare/members.ts';
import { listing, names, only, pairing } from '../../helpers/paired-listings.ts';

describe('a second member of one name', () => {
  it('is said to be one where only one side has it', () => {
    const found = pairing(listing([['a']]), listing([['a'], ['a', { content: 'other' }]]));
    expect(names(found)).toEqual([`${only} -> a`]);
    expect(found.children[0]?.notes).toEqual(['another member of this name stands before it']);
  });

  it('is told from the first where it differs', () => {
    const twice = (second: string): Listing => listing([['a'], ['a', { content: second }], ['b']]);
    expect(pairing(twice('one'), twice('two')).children.map(({ path, notes }) => [path, notes])).toEqual([
      ['a', ['another member of this name stands before it']],
    ]);
  });
});
