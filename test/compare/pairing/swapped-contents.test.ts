import { describe, expect, it } from 'vitest';
import type { Difference } from '../../../model/index.ts';
import { type File, listing, pairing } from '../../helpers/paired-listings.ts';

const holding = (contents: Readonly<Record<string, string>>): ReturnType<typeof listing> =>
  listing(Object.entries(contents).map(([name, content]): readonly [string, File] => [name, { content }]));

const notes = (left: Readonly<Record<string, string>>, right: Readonly<Record<string, string>>) =>
  pairing(holding(left), holding(right)).children.map(({ path, notes: said }: Difference) => [path, said]);

describe('two members with each other’s content', () => {
  it('are both said to be swapped', () => {
    const found = [
      ['p', ['the contents of this and of q are swapped']],
      ['q', ['the contents of this and of p are swapped']],
      ['r', []],
    ];
    const [left, right] = [
      { p: 'A', q: 'B', r: 'C' },
      { p: 'B', q: 'A', r: 'D' },
    ];
    expect(notes(left, right)).toEqual(found);
    expect(notes(right, left)).toEqual(found);
  });

  it('are not, where only one of them has the content of the other, or nothing at all', () => {
    expect(notes({ p: 'A', q: 'B' }, { p: 'B', q: 'C' })).toEqual([
      ['p', []],
      ['q', []],
    ]);
    expect(notes({ p: '', q: 'B' }, { p: 'B', q: '' })).toEqual([
      ['p', []],
      ['q', []],
    ]);
  });
});
