import { describe, expect, it } from 'vitest';
import type { ListedSource } from '../../../rebuilder/store/packages/types.ts';
import { matchesGlob } from '../../../rebuilder/sync/glob.ts';
import { applyRules, parseRule } from '../../../rebuilder/sync/rules.ts';

describe('matchesGlob', () => {
  it.each([
    ['less', 'less', true],
    ['less', 'lesss', false],
    ['', '', true],
    ['*', '', true],
    ['l*s', 'less', true],
    ['l*s', 'lesson', false],
    ['l?ss', 'less', true],
    ['l?ss', 'lss', false],
    ['*a*b*', 'xxaxxbxx', true],
    ['*ab', 'aab', true],
    ['a.c', 'abc', false],
    ['[ab]', 'a', false],
    ['(', '(', true],
    ['*', 'anything at all', true],
    ['**', 'x', true],
  ])('%j on %j: %j', (pattern, text, expected) => {
    expect(matchesGlob(pattern, text)).toBe(expected);
  });

  it('ends at once on patterns that make regular expressions endless', () => {
    expect(matchesGlob(`${'*a'.repeat(200)}*b`, 'a'.repeat(5000))).toBe(false);
  });
});

describe('parseRule', () => {
  it('takes a bare pattern for one of source names', () => {
    expect(parseRule('linux*')).toEqual({ source: ['linux*'] });
    expect(parseRule('maintainer:*@example.org')).toEqual({ maintainer: ['*@example.org'] });
  });

  it.each(['foo:bar', 'binary:', ''])('refuses %j', (text) => {
    expect(() => parseRule(text)).toThrow(expect.objectContaining({ code: 'SETTINGS_INVALID' }));
  });
});

describe('applyRules', () => {
  const file = (name: string, component = 'main') => ({
    name,
    version: '1',
    architecture: 'amd64',
    component,
    url: `http://example.org/${name}.deb`,
    fileName: `${name}.deb`,
  });
  const source: ListedSource = {
    distribution: 'debian',
    name: 'hello',
    version: '1',
    maintainer: 'Ann Example <ann@example.org>',
    architecture: 'amd64',
    files: [file('hello'), file('hello-doc', 'contrib')],
  };
  const left = (include: string[], exclude: string[] = []) =>
    applyRules(source, { include: include.map(parseRule), exclude: exclude.map(parseRule) })?.files.map(
      (each) => each.name,
    );

  it('takes everything where there is no rule', () => {
    expect(left([])).toEqual(['hello', 'hello-doc']);
  });

  it.each(['hel*', 'binary:hello-doc', 'component:contrib', 'maintainer:Ann Example', 'maintainer:*@example.org'])(
    'takes the whole source that %s matches anywhere',
    (rule) => {
      expect(left([rule])).toEqual(['hello', 'hello-doc']);
    },
  );

  it.each(['less', 'binary:less', 'component:non-free', 'maintainer:Ann'])(
    'leaves out what %s does not match',
    (rule) => {
      expect(left([rule])).toBeUndefined();
    },
  );

  it('leaves out the files that an exclusion matches, whatever is included', () => {
    expect(left(['hello'], ['binary:*-doc'])).toEqual(['hello']);
    expect(left(['binary:hello-doc'], ['binary:*-doc'])).toBeUndefined();
    expect(left([], ['hello'])).toBeUndefined();
  });

  it('needs all fields of a rule to match one file', () => {
    const rule = { binary: ['hello'], component: ['contrib'] };
    expect(applyRules(source, { include: [rule], exclude: [] })).toBeUndefined();
    expect(applyRules(source, { include: [{ ...rule, component: ['main'] }], exclude: [] })).toBe(source);
  });
});
