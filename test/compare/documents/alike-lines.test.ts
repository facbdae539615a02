import { describe, expect, it } from 'vitest';
import { compareAllWays, fieldsOf } from '../../helpers/compare-bytes.ts';

const toldOf = async (left: string, right: string): Promise<readonly (string | undefined)[] | undefined> => {
  const found = await compareAllWays(Buffer.from(`same\n${left}\n`), Buffer.from(`same\n${right}\n`));
  const field = fieldsOf(found).find(({ name }) => name === 'characters shown alike');
  return field === undefined ? undefined : [field.left, field.right];
};

describe('lines that differ and are shown alike', () => {
  it('are told apart by the numbers of their characters', async () => {
    expect(await toldOf('a\u001bb', 'a\\x1bb')).toEqual(['U+001B', 'U+005C U+0078 U+0031 U+0062']);
    expect(await toldOf('one\na\u001bb', 'two\na\\x1bb')).toEqual(['U+001B', 'U+005C U+0078 U+0031 U+0062']);
  });

  it('are told of blanks that are not the same, and of accents that are written otherwise', async () => {
    expect(await toldOf('one\na b', 'two\na\u00a0b')).toEqual(['U+0020', 'U+00A0']);
    expect(await toldOf('caf\u00e9\none', 'cafe\u0301\ntwo')).toEqual(['U+00E9', 'U+0065 U+0301']);
    expect(await toldOf('caf\u00e9', 'cafe\u0301')).toBeUndefined();
  });

  it('are shown with some of their numbers only', async () => {
    expect((await toldOf('\u001b'.repeat(20), '\\x1b'.repeat(20)))?.[0]).toBe(`${'U+001B '.repeat(12)}…`);
  });

  it('are not those that look different, or are one more', async () => {
    expect(await toldOf('one', 'two')).toBeUndefined();
    expect(await toldOf('a\u001bb', 'a\\x1bb\nmore')).toBeUndefined();
  });
});
