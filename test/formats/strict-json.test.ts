import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStrictJson } from '../../formats/index.ts';

const LIMITS = { depth: 20, values: 1000 };
const parse = (text: string) => parseStrictJson(text, LIMITS);

describe('strict JSON', () => {
  it('is what JSON.parse gives', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    ['a repeated key', '{"a":1,"b":{"c":1,"c":2}}', 'a key stands twice in one object: "c"'],
    ['a key repeated by an escape', '{"a":1,"\\u0061":2}', 'a key stands twice in one object: "a"'],
    ['a second value', '{}\n{}', 'it holds more than one value'],
    ['a byte order mark', '\ufeff{}', 'it begins with a byte order mark'],
    ['a lone surrogate', '"\ud800"', 'it holds a lone surrogate'],
    ['an escaped lone surrogate', '"\\ud800"', 'it holds a lone surrogate'],
    ['an escaped lone surrogate in a key', '{"\\udfff":1}', 'it holds a lone surrogate'],
    ['a number past all', '1e999', 'a number is too large'],
    ['nothing', '', 'reading JSON at character 0: no value'],
    ['a comment', '{} // x', 'FORMAT_MALFORMED'],
    ['half of it', '{"a":[1,2', 'FORMAT_MALFORMED'],
  ])('refuses %s', (_what, text, why) => {
    const error = (() => {
      try {
        return parse(text);
      } catch (thrown) {
        return thrown as Error & { code: string };
      }
    })() as Error & { code: string };
    expect(error.code).toBe('FORMAT_MALFORMED');
    if (why !== 'FORMAT_MALFORMED') expect(error.message).toContain(why);
  });

  it('stops at its limits, however deep or long the text is', () => {
    expect(() => parse('['.repeat(1_000_000))).toThrow(/limit of depth/);
    expect(() => parse(`[${'0,'.repeat(1_000_000)}0]`)).toThrow(/limit of values/);
    expect(parse('['.repeat(20) + ']'.repeat(20))).toEqual(JSON.parse('['.repeat(20) + ']'.repeat(20)));
  });

  it('gives a key of __proto__ as a member, and changes no prototype', () => {
    const value = parse('{"__proto__":{"polluted":1}}') as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect((value as { polluted?: number }).polluted).toBeUndefined();
  });
});
