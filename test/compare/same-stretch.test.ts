import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Range } from '../../compare/equal-ranges.ts';
import { firstAfter, unknownParts } from '../../compare/same-stretch.ts';

const equal: readonly Range[] = [
  { start: 10, end: 20 },
  { start: 30, end: 40 },
  { start: 50, end: 60 },
];

describe('what is left of a stretch without what is known to be equal', () => {
  it.each<[string, number, number, readonly (readonly [number, number])[]]>([
    ['between two ranges', 22, 28, [[22, 28]]],
    ['inside one', 12, 18, []],
    ['exactly one', 30, 40, []],
    [
      'over all of them',
      0,
      70,
      [
        [0, 10],
        [20, 30],
        [40, 50],
        [60, 70],
      ],
    ],
    ['from inside one into the next', 15, 35, [[20, 30]]],
    ['up to where one begins', 20, 30, [[20, 30]]],
    ['past the last', 60, 65, [[60, 65]]],
    ['of no bytes', 25, 25, []],
  ])('is told for one %s', (_where, start, end, left) => {
    expect(unknownParts(equal, start, end)).toEqual(left.map(([from, to]) => ({ start: from, end: to })));
  });

  it('is what a look at each byte gives', () => {
    const gaps = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })), { maxLength: 8 });
    fc.assert(
      fc.property(gaps, fc.nat(40), fc.nat(40), (pairs, start, size) => {
        let at = 0;
        const ranges = pairs.map(([gap, length]) => {
          at += gap + length;
          return { start: at - length, end: at };
        });
        const inside = (byte: number): boolean => ranges.some((range) => range.start <= byte && byte < range.end);
        const bytes = Array.from({ length: size }, (_, index) => start + index).filter((byte) => !inside(byte));
        const parts = unknownParts(ranges, start, start + size);
        expect(
          parts.flatMap((part) => Array.from({ length: part.end - part.start }, (_, i) => part.start + i)),
        ).toEqual(bytes);
      }),
    );
  });
});

describe('the first range that ends after a byte', () => {
  it('is found wherever the byte stands', () => {
    expect([0, 10, 19, 20, 45, 59, 60].map((at) => firstAfter(equal, at))).toEqual([0, 0, 0, 1, 2, 2, 3]);
  });
});
