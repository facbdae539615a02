import { describe, expect, it } from 'vitest';
import type { Listing } from '../../../compare/members.ts';
import type { Difference } from '../../../model/index.ts';
import { mirror } from '../../helpers/mirror.ts';
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

  it('is paired by its content where both sides have several, and only another order is told', () => {
    const of = (...contents: string[]): Listing => listing(contents.map((content) => ['a', { content }]));
    const found = pairing(of('one', 'two', 'one'), of('one', 'one', 'two'));
    expect(found.children).toEqual([]);
    expect(found.reasons).toEqual([{ kind: 'order', evidence: 'members in another order: 1 of 3 moved' }]);
    expect(found.fields).toEqual([
      {
        name: 'member after 1 in common',
        left: 'a (SHA-256 3fc4ccfe745870e2…)',
        right: 'a (SHA-256 7692c3ad3540bb80…)',
      },
    ]);
    const other = pairing(of('one', 'two', 'three'), of('two', 'one', 'four'));
    expect(other.children.map(({ path, detail }) => [path, detail])).toEqual([['a', 'content differs']]);
  });

  it.each([
    ['of one name', ['a', 'a'], {}],
    ['of names that are places', ['layer 1', 'layer 2'], { path: 'x' }],
  ])('gives the mirrored result with the sides swapped: %s', (_, [first, second], header) => {
    const of = (...files: (readonly [string, string])[]): Listing =>
      listing(
        files.map(([content, mtime], index) => [
          (index === 0 ? first : second) as string,
          { content, header: { mtime, ...header } },
        ]),
      );
    const [left, right] = [of(['one', '1'], ['two', '2']), of(['two', '3'], ['one', '4'])];
    const [there, back] = [pairing(left, right), pairing(right, left)].map(
      ({ differing: _, onlyFacts: __, ...found }) => ({ path: 'x', kind: 'x', ...found }),
    );
    expect(back).toEqual(mirror(there as Difference));
  });
});
