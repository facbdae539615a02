import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeJsonString, type JsonValue, readJson } from '../../formats/index.ts';
import { isReproofError } from '../../model/index.ts';

const limits = { depth: 20, values: 1000 };

/** What JSON.parse would give; repeated keys are not told apart. */
function plain(value: JsonValue): unknown {
  if (value.kind === 'array') return value.items.map(plain);
  if (value.kind === 'object') return Object.fromEntries(value.entries.map((entry) => [entry.key, plain(entry.value)]));
  return value.kind === 'string' ? decodeJsonString(value.text) : JSON.parse(value.text);
}

describe('reading JSON', () => {
  it('gives what JSON.parse gives, however it is written', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(0, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(JSON.stringify(readJson(text, { depth: 20, values: 10_000 }).map(plain))).toBe(
          JSON.stringify([JSON.parse(text)]),
        );
      }),
    );
  });

  it('takes just what JSON.parse takes, and throws nothing of its own making', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"\\u12"',
      '"\\n"',
      '1',
      '-',
      '01',
      '1.',
      '1e5',
      'null',
      'NaN',
      ' ',
      '//',
      '"',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join('');
        const judge = outcome(() => JSON.parse(text));
        expect([text, outcome(() => readJson(text, limits))]).toEqual([text, judge]);
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps numbers as they are written, and every repeated key', () => {
    expect(readJson('{"a":12345678901234567890.10,"a":1E2}', limits)).toEqual([
      {
        kind: 'object',
        entries: [
          { key: 'a', text: '"a"', value: { kind: 'number', text: '12345678901234567890.10' } },
          { key: 'a', text: '"a"', value: { kind: 'number', text: '1E2' } },
        ],
      },
    ]);
  });

  it('reads one value a line, and no two values on one line', () => {
    expect(readJson('\ufeff{}\n[1]\r\n\n"x"\n', limits).map(plain)).toEqual([{}, [1], 'x']);
    expect(outcome(() => readJson('{} {}', limits))).toBe('refused');
  });

  it('stops at its limits', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(readJson(nested(limits.depth + 1), limits)).toHaveLength(1);
    expect(() => readJson(nested(limits.depth + 2), limits)).toThrow(/depth/);
    expect(() => readJson(nested(1_000_000), limits)).toThrow(/depth/);
    const many = (count: number): string => `[${Array(count - 1).fill(1)}]`;
    expect(readJson(many(limits.values), limits)).toHaveLength(1);
    expect(() => readJson(many(limits.values + 1), limits)).toThrow(/values/);
    expect(() => readJson(`1${'0'.repeat(5000)}`, limits)).toThrow(/number length/);
  });
});

function outcome(read: () => unknown): 'read' | 'refused' {
  try {
    read();
    return 'read';
  } catch (error) {
    if (!isReproofError(error, 'FORMAT_MALFORMED') && !(error instanceof SyntaxError)) throw error;
    return 'refused';
  }
}
