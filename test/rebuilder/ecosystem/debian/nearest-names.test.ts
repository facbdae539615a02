import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestNames } from '../../../../rebuilder/ecosystem/debian/nearest-names.ts';

const NAMES = [
  'hello',
  'hello-traditional',
  'less',
  'lessdb',
  'glibc',
  'libhello-perl',
  'help2man',
  'node-less',
  'a',
  'ls',
];

describe('the nearest names', () => {
  it.each([
    ['helo', ['hello']],
    ['hlelo', ['hello']],
    ['hello-traditionl', ['hello-traditional', 'hello']],
    ['hell', ['hello', 'hello-traditional', 'libhello-perl']],
    ['Less', ['less', 'lessdb', 'ls']],
    ['gilbc', ['glibc']],
    ['glibc6', ['glibc']],
    ['zzzzzz', []],
    ['', []],
  ])('to %j are %j', (wanted, expected) => {
    const found = nearestNames(wanted, NAMES, 3);
    expect(found.slice(0, expected.length)).toEqual(expected);
    if (expected.length < 2) expect(found).toEqual(expected);
  });

  it('do not depend on the order or the repetition of names', () => {
    const name = fc.stringMatching(/^[abc]{1,5}$/);
    fc.assert(
      fc.property(fc.array(name), name, (names, wanted) => {
        const shuffled = [...names].reverse().concat(names);
        expect(nearestNames(wanted, shuffled, 4)).toEqual(nearestNames(wanted, names, 4));
      }),
    );
  });

  it('always hold a name that is one slip away', () => {
    const name = fc.stringMatching(/^[a-z]{4,12}$/);
    fc.assert(
      fc.property(name, fc.nat(), fc.constantFrom('drop', 'add', 'change', 'swap'), (right, where, slip) => {
        const at = where % (right.length - 1);
        const [head, one = '', two = '', tail] = [right.slice(0, at), right[at], right[at + 1], right.slice(at + 2)];
        const middle = { drop: two, add: `${one}#${two}`, change: `#${two}`, swap: two + one }[slip];
        expect(nearestNames(head + middle + tail, [right, 'unrelated0name'], 1)).toEqual([right]);
      }),
    );
  });

  it('are found among a whole archive at once, also for a hostile name', () => {
    const many = Array.from({ length: 70_000 }, (_, n) => `lib${(n * 7919).toString(36)}-dev`);
    const begun = performance.now();
    expect(nearestNames('x'.repeat(1_000_000), many, 5)).toEqual([]);
    nearestNames('libabc-dve', many, 5);
    expect(performance.now() - begun).toBeLessThan(5000);
  });
});
