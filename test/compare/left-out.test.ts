import { describe, expect, it } from 'vitest';
import { bufferSource, compare } from '../../compare/index.ts';
import { globMatches, LeftOut } from '../../compare/left-out.ts';
import { END, header, padded } from '../helpers/small-tar.ts';

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

  it('counts a member once, however often it is asked whether it will be read', () => {
    const leftOut = new LeftOut({ members: ['x'] });
    expect([leftOut.names('x'), leftOut.names('x'), leftOut.takesMember('x')]).toEqual([true, true, true]);
    expect(leftOut.notes()).toEqual(['left out as asked: 1 members named x']);
  });

  it('says how many members of archives were left out', async () => {
    const archive = (text: string): Buffer =>
      Buffer.concat([header({ 0: './x' }, text.length), padded(text), header({ 0: './y' }), END]);
    const [left, right] = [bufferSource('a', archive('1')), bufferSource('a', archive('2'))];
    const { notes } = await compare(left, right, { leaveOut: { members: ['x'] } });
    expect(notes).toEqual(['left out as asked: 2 members named x']);
  });

  it('takes names by their characters, where their bytes are UTF-8, else by their bytes', () => {
    const leftOut = new LeftOut({ members: ['?.txt', '[ö]', 'grün*'] });
    const named = (name: string): string => Buffer.from(name).toString('latin1');
    const names = [...['./ä.txt', 'ö', 'wald/grün.svg', 'äö.txt'].map(named), '\xe4.txt'];
    expect(names.map((name) => leftOut.takesMember(name))).toEqual([true, true, true, false, true]);
  });

  it('takes mode, owner and times out of a header only when asked to', () => {
    const header = { mode: '0644', uid: '0', mtime: '1', 'pax mtime': '1', type: 'file', linkname: 'a' };
    expect(new LeftOut({}).keptHeader(header)).toBe(header);
    expect(new LeftOut({ metadata: true }).keptHeader(header)).toEqual({ type: 'file', linkname: 'a' });
  });
});
