import { describe, expect, it } from 'vitest';
import { mirroredTree } from '../../helpers/leaf-tree.ts';

const kinds = (node: { readonly reasons?: readonly { readonly kind: string }[] }): string[] =>
  (node.reasons ?? []).map(({ kind }) => kind);

describe('explaining how two JSON files differ', () => {
  it('names the values that differ by their path, and shows the lines', async () => {
    const of = (version: string, list: readonly unknown[]): string =>
      JSON.stringify({ name: 'x', 'a b': { version, list } }, null, 2);
    const found = await mirroredTree(of('1', [1, { k: null }, 3]), of('2', [1, { k: [] }, 3]));
    expect(found).toMatchObject({
      kind: 'json',
      fields: [
        { name: '["a b"].list[1].k', left: 'null', right: '[]' },
        { name: '["a b"].version', left: '"1"', right: '"2"' },
      ],
    });
    expect(found.diff).toContain('-    "version": "1",\n');
  });

  it('shows the values one a line where the file is one long line', async () => {
    const of = (word: string): string =>
      JSON.stringify(Array.from({ length: 400 }, (_, index) => (index === 200 ? word : index)));
    const found = await mirroredTree(of('left'), of('right'));
    expect(found.diff).toBe(
      '@@ -199,7 +199,7 @@\n   197,\n   198,\n   199,\n-  "left",\n+  "right",\n   201,\n   202,\n   203,\n',
    );
    expect(found.fields).toEqual([{ name: '[200]', left: '"left"', right: '"right"' }]);
  });

  it.each([
    ['whitespace', '{"a":[1,2]}', '{ "a": [1, 2] }'],
    ['order', '{"a":1,"b":2}', '{"b":2,"a":1}'],
    ['encoding', '{"a":"\\u00e9"}', '{"a":"é"}'],
  ])('says that only %s differs, and still shows the text', async (kind, left, right) => {
    const found = await mirroredTree(left, right);
    expect(kinds(found)).toContain(kind);
    expect(found.notes).toEqual(['the same JSON values']);
    expect(found.diff).toContain(`-${left}`);
    expect(found.fields).toBeUndefined();
  });

  it('does not take numbers for equal that only a double cannot tell apart', async () => {
    const found = await mirroredTree('{"a":12345678901234567890}', '{"a":12345678901234567891}');
    expect(found.fields).toEqual([{ name: 'a', left: '12345678901234567890', right: '12345678901234567891' }]);
  });

  it('never says the same of repeated keys whose last value differs', async () => {
    const found = await mirroredTree('{"a":1,"a":2}', '{"a":2,"a":1}');
    expect(found.fields).toEqual([
      { name: 'a', left: '1', right: '2' },
      { name: 'a (2)', left: '2', right: '1' },
    ]);
  });

  it('tells items in another order from other items', async () => {
    const moved = await mirroredTree('{"l":["a","b","c"]}', '{"l":["c","b","a"]}');
    expect(kinds(moved)).toContain('order');
    const grown = await mirroredTree('{"l":["a","c"]}', '{"l":["a","b","c"]}');
    expect(grown.fields).toEqual([
      { name: 'l[1…]', right: '"b"' },
      { name: 'l items', left: '2', right: '3' },
    ]);
  });

  it('takes no number for a date that names something, or is far from the other', async () => {
    const of = (id: number, key: number, time: number): string => JSON.stringify({ id, key, time }, null, 2);
    const found = await mirroredTree(of(1234567890, 1400000000, 7), of(1234567891, 1700000000, 7));
    expect(kinds(found)).toEqual([]);
    expect(kinds(await mirroredTree(of(1, 1, 1400000000), of(1, 1, 1700000000)))).toContain('timestamp');
  });

  it('names a date that differs as such', async () => {
    const found = await mirroredTree('{"built":"2026-01-02T03:04:05Z"}', '{"built":"2026-01-03T03:04:05Z"}');
    expect(found.reasons).toContainEqual({
      kind: 'timestamp',
      evidence: 'JSON value built differs in a date',
      left: '"2026-01-02T03:04:05Z"',
      right: '"2026-01-03T03:04:05Z"',
    });
  });

  it('tells fifty values and how many more there are', async () => {
    const of = (add: number): string => JSON.stringify(Array.from({ length: 60 }, (_, index) => index + add));
    const found = await mirroredTree(of(0), of(1000));
    expect(found.fields).toHaveLength(50);
    expect(found.notes).toEqual(['10 more JSON values differ']);
  });

  it.each(['{"a": NaN}', '[section]\nkey=1\n', '[1] 2', '{"a":1'])('leaves %j to the text comparison', async (left) => {
    const found = await mirroredTree(left, `${left} `);
    expect(found).toMatchObject({ kind: 'text', notes: [] });
  });

  it('leaves a file above the limit to others', async () => {
    const found = await mirroredTree('{"a":1}', '{"a":2}', { limits: { textBytes: 5 } });
    expect(found.kind).toBe('text');
  });

  it('takes a byte order mark for an encoding, and no white space', async () => {
    const found = await mirroredTree('{"a": 1}\n', '\ufeff{"a": 1}\n');
    expect(found.reasons?.map(({ kind }) => kind)).toEqual(['encoding']);
    const both = await mirroredTree('{"a": 1}\n', '\ufeff{"a":1}\n');
    expect(both.reasons).toContainEqual({ kind: 'whitespace', evidence: 'the same JSON but for white space' });
  });

  it('compares JSON lines', async () => {
    const found = await mirroredTree('{"a":1}\n{"a":2}\n', '{"a":1}\n{"a":3}\n');
    expect(found.fields).toEqual([{ name: '[1].a', left: '2', right: '3' }]);
  });
});
