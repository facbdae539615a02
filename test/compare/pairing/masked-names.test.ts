import { describe, expect, it } from 'vitest';
import type { Listing } from '../../../compare/members.ts';
import { listing, names, only, pairing } from '../../helpers/paired-listings.ts';

describe('pairing members that are named by hashes', () => {
  it.each([
    ['36915a52fb7da3a5426f6eeeb1860e1c9e29dd21', '3a7af11524302142354282251afaf1fd8920b80f'],
    ['fab5a52fb7da3a5426f6eeeb1860e1c9e29dd211', '61af11524302142354282251afaf1fd8920b80fb'],
  ])('pairs debug information that its build-id %s names, and calls that no new name', (old, now) => {
    const files = (id: string, content: string): Listing =>
      listing([
        [`./.build-id/${id.slice(0, 2)}/`, { content: '', header: { type: 'directory' } }],
        [`./.build-id/${id.slice(0, 2)}/${id.slice(2)}.debug`, { content }],
        ['./doc'],
      ]);
    const found = pairing(files(old, 'one'), files(now, 'two'));
    expect(names(found).filter((name) => name.includes(only))).toEqual([]);
    expect(found.children.flatMap(({ reasons }) => reasons)).toEqual([
      { kind: 'build-id', evidence: 'the name is made from a build-id' },
      { kind: 'build-id', evidence: 'the name is made from a build-id' },
    ]);
  });

  it('calls no name one that is made from a build-id, which only ends otherwise after thousands of characters', () => {
    const long = `./.build-id/ab/${'c'.repeat(5_000)}`;
    const found = pairing(listing([[`${long}1`]]), listing([[`${long}2`]]));
    expect(found.children.flatMap(({ reasons }) => reasons?.map(({ kind }) => kind))).not.toContain('build-id');
  });

  it('pairs many that are named by hashes by their sizes, as the order of hashes says nothing', () => {
    const files = (hashes: readonly string[]): Listing =>
      listing(hashes.map((hash, index) => [`chunk.${hash}.js`, { content: `${hash}${'x'.repeat(index)}` }] as const));
    const found = pairing(files(['0a1b2c3d', '7a1b2c3d', 'ca1b2c3d']), files(['fb1b2c3d', '5b1b2c3d', '2b1b2c3d']));
    expect(names(found)).toEqual([
      'chunk.0a1b2c3d.js -> chunk.fb1b2c3d.js',
      'chunk.ca1b2c3d.js -> chunk.2b1b2c3d.js',
      'chunk.7a1b2c3d.js -> chunk.5b1b2c3d.js',
    ]);
  });
});
