import { describe, expect, it } from 'vitest';
import type { Pairing } from '../../../compare/pairing.ts';
import type { Difference } from '../../../model/index.ts';
import { mirror } from '../../helpers/mirror.ts';
import { type File, listing, named, names, only, pairing } from '../../helpers/paired-listings.ts';

const plain = ['a', 'b/', 'b/c', 'd'];
const dotted = plain.map((name) => `./${name}`);
const withContents = (all: readonly string[], header: File['header'] = {}): ReturnType<typeof listing> =>
  listing(all.map((name) => [name, { content: name.replace('./', ''), header }]));

describe('names that are written with ./ before them on one side', () => {
  it('are told in one sentence, and no member of equal content alone', () => {
    const found = pairing(withContents(['./', ...dotted]), withContents(plain));
    expect(names(found)).toEqual([`./ -> ${only}`]);
    expect(found.fields).toEqual([{ name: 'in 4 names', left: './' }]);
    expect(found.reasons).toEqual([{ kind: 'renamed', evidence: '4 names differ only by this', left: './' }]);
  });

  it('pair where the contents differ, too', () => {
    const found = pairing(named(dotted, 'old'), named(plain, 'new'));
    expect(names(found)).toEqual(plain.map((name) => `./${name} -> ${name}`));
    expect(found.children.flatMap(({ reasons = [] }) => reasons)).toEqual([]);
  });

  it('keep what else differs in their headers', () => {
    const found = pairing(withContents(dotted, { mode: '0644' }), withContents(plain, { mode: '0755' }));
    expect(found.notes).toEqual(['4 members of equal content differ in mode, such as ./a']);
  });

  it('are the same with the sides swapped, also where both sides have some', () => {
    const [left, right] = [withContents([...dotted, 'e', 'f', 'g']), withContents([...plain, './e', './f', './g'])];
    const [found, back] = [pairing(left, right), pairing(right, left)];
    expect(found.fields).toContainEqual({ name: 'in 3 names', right: './' });
    const node = ({ differing: _, ...all }: Pairing): Difference => ({ path: '', kind: '', ...all });
    expect(node(back)).toEqual(mirror(node(found)));
    const few = ['x', 'y', 'z'];
    const evenly = pairing(
      withContents([...few, './e', './f', './g']),
      withContents([...few.map((name) => `./${name}`), 'e', 'f', 'g']),
    );
    expect(evenly.fields?.map(({ right }) => right)).toEqual([undefined, './']);
  });

  it('stay other names where they are few', () => {
    expect(pairing(withContents(['./a']), withContents(['a'])).children[0]?.detail).toBe('equal content, renamed');
  });
});
