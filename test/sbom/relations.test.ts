import { describe, expect, it } from 'vitest';
import { readRelations } from '../../sbom/contents/relations.ts';

describe('the relations of a control file', () => {
  it('are read with versions, qualifiers and alternatives', () => {
    expect(readRelations({ Depends: 'libc6 (>= 2.34),\n perl:any | perl6 (<< 7), x(=1)' })).toEqual([
      { field: 'Depends', name: 'libc6', constraint: '>= 2.34', clause: 'libc6 (>= 2.34)' },
      { field: 'Depends', name: 'perl', qualifier: 'any', clause: 'perl:any | perl6 (<< 7)' },
      { field: 'Depends', name: 'perl6', constraint: '<< 7', clause: 'perl:any | perl6 (<< 7)' },
      { field: 'Depends', name: 'x', constraint: '= 1', clause: 'x(=1)' },
    ]);
  });

  it('leave out what is none', () => {
    expect(readRelations({ Depends: '$misc:Depends, {a}, , (>= 1), Ab, a b, \x1b[2J, ../a, a (>= \u202e1)' })).toEqual(
      [],
    );
    expect(readRelations({})).toEqual([]);
  });

  it('are in one order, each once, whatever order they are written in', () => {
    const one = readRelations({ Depends: 'b, a, c | a, a' });
    expect(readRelations({ Depends: 'a, c | a, a, b' })).toEqual(one);
    expect(one.map(({ name, clause }) => `${name}: ${clause}`)).toEqual(['a: a', 'a: c | a', 'b: b', 'c: c | a']);
  });

  it('are bounded, and read in one go however they are written', () => {
    expect(readRelations({ Depends: 'a, '.repeat(100_000) })).toHaveLength(1);
    const many = Array.from({ length: 30_000 }, (_, index) => `p${index}`).join(', ');
    expect(readRelations({ Depends: many })).toHaveLength(10_000);
    const alternatives = readRelations({ Depends: many.replaceAll(', ', ' | ') });
    expect(alternatives).toHaveLength(10_000);
    expect(new Set(alternatives.map(({ name, clause }) => name === clause))).toEqual(new Set([true]));
    expect(readRelations({ Depends: `a${' '.repeat(1_000_000)}(` })).toEqual([]);
  });
});
