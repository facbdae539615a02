import { describe, expect, it } from 'vitest';
import { globMatches, LeftOut } from '../../compare/left-out.ts';

describe('a glob', () => {
  it.each([
    ['*.png', 'a.png', true],
    ['*.png', 'folder/a.png', true],
    ['*.png', 'a.png.txt', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[]]x', ']x', true],
    ['[', '[', true],
    ['**', '', true],
    ['a*b*c', 'a-b-b-c', true],
    ['', 'a', false],
  ])('%j on %j: %j', (glob, text, matches) => {
    expect(globMatches(glob, text)).toBe(matches);
  });

  it('is through with long names that almost match', () => {
    expect(globMatches(`${'*a'.repeat(50)}b`, 'a'.repeat(5000))).toBe(false);
  });
});

describe('what is left out', () => {
  it('takes members by whole name, without ./, and by last part, and counts them', () => {
    const leftOut = new LeftOut({ members: ['usr/bin/*', 'x'] });
    const names = ['./usr/bin/a', 'usr/bin/b', 'deep/x', 'deep/x/', 'xx'];
    expect(names.map((name) => leftOut.takesMember(name))).toEqual([true, true, true, false, false]);
    expect(leftOut.notes()).toEqual(['left out as asked: 3 members named usr/bin/* x']);
  });

  it('takes mode, owner and times out of a header only when asked to', () => {
    const header = { mode: '0644', uid: '0', mtime: '1', 'pax mtime': '1', type: 'file', linkname: 'a' };
    expect(new LeftOut({}).keptHeader(header)).toBe(header);
    expect(new LeftOut({ metadata: true }).keptHeader(header)).toEqual({ type: 'file', linkname: 'a' });
  });
});
