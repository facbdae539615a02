import { describe, expect, it } from 'vitest';
import { mirroredTree } from '../../helpers/leaf-tree.ts';

const compare = (left: string, right: string): ReturnType<typeof mirroredTree> =>
  mirroredTree(left, right, { name: 'x.yaml' });

describe('explaining how two YAML files differ', () => {
  it('names the values that differ by their path, and shows the lines', async () => {
    const found = await compare('a:\n  - b: 1\n  - 2026-01-02\n', 'a:\n  - b: 2\n  - 2026-01-03\n');
    expect(found).toMatchObject({
      kind: 'yaml',
      fields: [
        { name: 'a[0].b', left: '1', right: '2' },
        { name: 'a[1]', left: '"2026-01-02"', right: '"2026-01-03"' },
      ],
      reasons: [{ kind: 'timestamp' }],
    });
    expect(found.diff).toContain('-  - b: 1\n');
  });

  it.each([
    ['a: [1, "x"]\n', 'a:\n- 1\n- x\n'],
    ['a: 1\nb: 2\n', 'b: 2\na: 1\n'],
  ])('says that %j and %j are the same, and still shows the text', async (left, right) => {
    const found = await compare(left, right);
    expect(found.notes).toEqual(['the same YAML values']);
    expect(found.diff).not.toBeUndefined();
  });

  it.each([
    ['a: 1\n', 'a: "1"\n'],
    ['a: !x b\n', 'a: b\n'],
    ['a: &x 1\nb: *x\n', 'a: &x 1\nb: 1\n'],
    ['a: 1\n', 'a: 1.0\n'],
    ['a: 1\n---\nb: 1\n', 'a: 1\n---\nb: 2\n'],
    ['a: &x 1\nb: 1\nc: *x\n', 'a: 1\nb: &x 1\nc: *x\n'],
    ['- &x 1\n- 1\n- *x\n', '- 1\n- &x 1\n- *x\n'],
    ['&x a: 1\nb: *x\n', 'a: &x 1\nb: *x\n'],
  ])('does not take %j and %j for the same', async (left, right) => {
    const found = await compare(left, right);
    expect(found.notes).toEqual([]);
    expect(found.fields).toHaveLength(1);
  });

  it.each([
    ['1: a\n', '"1": a\n', ['["1"]', '["\\"1\\""]']],
    ['true: a\n', "'true': a\n", ['["\\"true\\""]', 'true']],
    ['null: a\n', '"null": a\n', ['["\\"null\\""]', 'null']],
  ])('tells a key that is no text from one that is: %j and %j', async (left, right, names) => {
    const found = await compare(left, right);
    expect(found.notes).toEqual([]);
    expect(found.fields?.map(({ name }) => name)).toEqual(names);
  });

  it('says where an anchor stands that moved', async () => {
    const found = await compare('a: &x 1\nb: [2]\nc: *x\n', 'a: 1\nb: [&x 2]\nc: *x\n');
    expect(found.fields).toEqual([{ name: 'anchor x', left: 'at a', right: 'at b[0]' }]);
  });

  it.each([
    'a: [1\n',
    '? [1]\n: 2\n',
    `${'['.repeat(5000)}\n`,
    `${'- '.repeat(5000)}\n`,
    `a: ${'x'.repeat(300_000)}\n`,
  ])('leaves what it cannot compare to the text comparison', async (left) => {
    expect((await compare(left, `${left}#\n`)).kind).toBe('text');
  });

  it('does not follow aliases, which could grow without end', async () => {
    const bomb = (end: string): string =>
      `a0: &a0 x\n${Array.from({ length: 30 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}, *a${at}]\n`).join('')}end: ${end}\n`;
    expect((await compare(bomb('1'), bomb('2'))).fields).toEqual([{ name: 'end', left: '1', right: '2' }]);
  });
});
