import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readKeyValues, readPropertiesDate } from '../../formats/index.ts';

describe('reading keys and values', () => {
  it('gives keys with their section, joined over lines', () => {
    expect(readKeyValues('! note\r\na = 1\n[b c]\nd:x \\\n  y\n; e\n#f \\\n[[g]]\nh==\n')).toEqual([
      { name: 'a', value: '1' },
      { name: 'b c.d', value: 'x y' },
      { name: 'g.h', value: '=' },
    ]);
  });

  it.each(['word', '=value', 'a=1\n<xml>'])('takes %j for something else', (text) => {
    expect(readKeyValues(text)).toBeUndefined();
  });

  it('gives back what was written', () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/);
    fc.assert(
      fc.property(fc.array(fc.record({ name: word, value: word })), (values) => {
        expect(readKeyValues(values.map(({ name, value }) => `${name}=${value}\n`).join(''))).toEqual(values);
      }),
    );
  });

  it('is not held up by a hostile file', () => {
    expect(readKeyValues(`a=${'\\\n'.repeat(500_000)}`)).toEqual([{ name: 'a', value: '' }]);
    expect(readKeyValues(`a${' '.repeat(500_000)}`)).toBeUndefined();
    expect(readKeyValues('a=\n'.repeat(50_000))).toHaveLength(50_000);
    expect(readKeyValues('a=\n'.repeat(50_001))).toBeUndefined();
  });
});

describe('reading the date in Java properties', () => {
  it('takes the first or second comment', () => {
    const date = 'Fri Jan 02 03:04:05 UTC 2026';
    expect(readPropertiesDate(`#${date}\na=1\n`)).toBe(date);
    expect(readPropertiesDate(`#Generated\n#${date}\r\na=1\n`)).toBe(date);
    expect(readPropertiesDate(`a=1\n#${date}\n`)).toBeUndefined();
  });
});
