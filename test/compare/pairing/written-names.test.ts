import { describe, expect, it } from 'vitest';
import { listing, names, pairing } from '../../helpers/paired-listings.ts';

describe('names that are written otherwise', () => {
  it('pairs what is written in another case or with accents encoded otherwise, whatever else holds the same', () => {
    const found = pairing(
      listing([
        ['x.md', { content: '1' }],
        ['Readme.md', { content: 'a' }],
        ['caf\u00e9', { content: 'same' }],
      ]),
      listing([
        ['y.md', { content: '2' }],
        ['README.md', { content: 'b' }],
        ['cafe\u0301', { content: 'same' }],
      ]),
    );
    expect(names(found)).toEqual(['Readme.md -> README.md', 'caf\u00e9 -> cafe\u0301', 'x.md -> y.md']);
    const rivals = pairing(
      listing([
        ['a', { content: '1' }],
        ['A', { content: '2' }],
      ]),
      listing([
        ['\u0061\u0301', { content: '3' }],
        ['b', { content: '2' }],
      ]),
    );
    expect(names(rivals)).toContain('A -> b');
  });

  it('tells two names that are shown alike by the numbers of their characters', () => {
    const found = pairing(
      listing([['caf\u00e9', { content: 'same' }]]),
      listing([['cafe\u0301', { content: 'same' }]]),
    );
    expect(found.children[0]?.reasons).toEqual([
      { kind: 'renamed', evidence: 'equal content under different names', left: 'caf\\xe9', right: 'cafe\\u{301}' },
    ]);
    const apart = pairing(listing([['a', { content: 'same' }]]), listing([['b', { content: 'same' }]]));
    expect(apart.children[0]?.reasons).toEqual([{ kind: 'renamed', evidence: 'equal content under different names' }]);
  });
});
