import { describe, expect, it } from 'vitest';
import {
  closureOf,
  essentialClosure,
  installBatches,
  type PackageRelations,
} from '../../../rebuilder/environment/closure.ts';

function relations(name: string, fields: Partial<Omit<PackageRelations, 'name'>> = {}): PackageRelations {
  return { name, essential: false, preDepends: '', depends: '', provides: '', ...fields };
}

describe('what a package needs', () => {
  it('follows depends and pre-depends, and drops versions, architectures and profiles', () => {
    const packages = [
      relations('a', { preDepends: 'b (>= 1.0)', depends: 'c:any, d [amd64]' }),
      relations('b'),
      relations('c', { depends: 'e <!nocheck>' }),
      relations('d'),
      relations('e'),
      relations('other'),
    ];
    expect([...closureOf(['a'], packages)].sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('takes the first alternative that is there, or a provider of it', () => {
    const packages = [
      relations('a', { depends: 'gone | awk' }),
      relations('mawk', { provides: 'awk' }),
      relations('gawk', { provides: 'awk (= 1)' }),
    ];
    expect([...closureOf(['a'], packages)].sort()).toEqual(['a', 'mawk']);
  });

  it('ends on circles', () => {
    const packages = [relations('a', { depends: 'b' }), relations('b', { depends: 'a' })];
    expect(closureOf(['a'], packages).size).toBe(2);
  });

  it('begins an installation with what is essential', () => {
    const packages = [
      relations('dpkg', { essential: true, preDepends: 'libc6' }),
      relations('libc6'),
      relations('gcc', { depends: 'libc6' }),
    ];
    expect([...essentialClosure(packages)].sort()).toEqual(['dpkg', 'libc6']);
  });
});

describe('batches of an installation', () => {
  it('are one when nothing pre-depends on another', () => {
    expect(installBatches([relations('a', { depends: 'b' }), relations('b')])).toEqual([['a', 'b']]);
  });

  it('configure what is pre-depended upon, with all it needs, before', () => {
    const packages = [
      relations('z', { preDepends: 'm' }),
      relations('m', { depends: 'n', preDepends: 'k' }),
      relations('n'),
      relations('k'),
    ];
    expect(installBatches(packages)).toEqual([['k'], ['m', 'n'], ['z']]);
  });

  it('hold every package once, whatever the circles', () => {
    const packages = [relations('a', { preDepends: 'b' }), relations('b', { preDepends: 'a' }), relations('c')];
    expect(installBatches(packages).flat().sort()).toEqual(['a', 'b', 'c']);
  });

  it('are none for no packages', () => {
    expect(installBatches([])).toEqual([]);
  });
});
