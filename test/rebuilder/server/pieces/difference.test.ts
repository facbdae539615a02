import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, type Difference, REASON_KINDS } from '../../../../model/index.ts';
import { joinTree, openPieceLab } from '../../../helpers/piece-lab.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'ß', '😀', '"', '\\', '/', '{', '[', ']', '}', ' ', ':', ',') });
const line = fc.oneof(
  fc.tuple(fc.constantFrom('-', '+', ' ', '@@ -3,2 +5,1 @@'), text).map(([sign, rest]) => `${sign}${rest}`),
  fc.constant('\\ No newline at end of file'),
  fc.nat(400).map((length) => `+${'ü"'.repeat(length)}`),
);
const diff = fc.array(line, { minLength: 1, maxLength: 40 }).map((lines) => `${lines.join('\n')}\n`);
const side = fc.record({ name: text, size: fc.nat(), sha256: fc.constant('a'.repeat(64)), text }, { requiredKeys: [] });
const { tree } = fc.letrec<{ tree: Difference; children: Difference[] }>((tie) => ({
  tree: fc.record(
    {
      path: text,
      kind: text,
      notes: fc.array(text, { maxLength: 3 }),
      truncated: fc.boolean(),
      children: fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie('tree'), { maxLength: 5 })),
      left: side,
      right: side,
      detail: text,
      diff,
      fields: fc.array(fc.record({ name: text, left: text })),
      picture: fc.record({
        mediaType: fc.constant('image/png'),
        base64: fc.constant('AAAA'),
        alt: text,
      }),
      reasons: fc.array(fc.record({ kind: fc.constantFrom(...REASON_KINDS), evidence: text, right: text })),
    },
    { requiredKeys: ['path', 'kind', 'notes', 'truncated', 'children'] },
  ) as fc.Arbitrary<Difference>,
  children: fc.array(tie('tree')),
}));

describe('a difference in pieces', () => {
  it('is the whole tree when all its pieces are joined, whatever is in it', async () => {
    const { pieces, keep } = await openPieceLab({ lines: 3, bytes: 64 });
    await fc.assert(
      fc.asyncProperty(tree, async (given) => {
        const reader = await pieces.difference(await keep(canonicalJson(given)), 'tree');
        try {
          expect(await joinTree(reader)).toEqual(given);
        } finally {
          await reader.close();
        }
      }),
      { numRuns: 60 },
    );
  });

  it('does not matter how the JSON is laid out, nor in what order a node has its members', async () => {
    const { pieces, keep } = await openPieceLab({ lines: 3, bytes: 64 });
    const given = {
      truncated: false,
      path: 'top',
      children: [{ notes: [], children: [], truncated: true, kind: 'text', path: 'é', diff: '-a\n+b\n' }],
      kind: 'deb',
      notes: ['one'],
    };
    const laid = JSON.stringify(given, null, '\t').replace('é', '\\u00e9').replace('+b\\n', '+b\\u000A');
    const reader = await pieces.difference(await keep(laid), 'tree');
    expect(await joinTree(reader)).toEqual(given);
    expect((await reader.node(0, 1, { from: 0, limit: 1 })).lines).toBe(2);
    await reader.close();
  });

  it('finds the trees of a record, and the rest of the record', async () => {
    const { pieces, keep } = await openPieceLab();
    const child = { path: 'b', kind: 'text', notes: [], children: [], truncated: false, diff: '+x\n' };
    const differences = [
      { path: 'one.deb', kind: 'deb', notes: [], children: [child], truncated: false },
      { path: 'two.deb', kind: 'deb', notes: [], children: [child, child], truncated: false },
    ];
    const rest = { schema: 'reproof-record/1', attempts: [{ differences: [1, { children: [2] }] }], children: [3] };
    const reader = await pieces.difference(await keep(canonicalJson({ ...rest, differences })), 'record');
    expect((await reader.trees()).map(({ path, nodes, children, tree }) => [path, nodes, children, tree])).toEqual([
      ['one.deb', 2, 1, 0],
      ['two.deb', 3, 2, 1],
    ]);
    expect(JSON.parse(await reader.rest())).toEqual({ ...rest, differences: [] });
    for (const at of [0, 1]) expect(await joinTree(reader, at)).toEqual(differences[at]);
    await expect(reader.node(0, 2, { from: 0, limit: 1 })).rejects.toMatchObject({ code: 'RESOURCE_UNKNOWN' });
    await expect(reader.node(2, 0, { from: 0, limit: 1 })).rejects.toMatchObject({ code: 'RESOURCE_UNKNOWN' });
    await reader.close();
  });

  it('counts lines of either side, and keeps blocks of changed lines together where it can', async () => {
    const { pieces, keep } = await openPieceLab({ lines: 4, bytes: 64 * 1024 });
    const lines = [
      '@@ -10,3 +20,4 @@',
      ' same',
      '-old',
      '-old',
      '+new',
      '+new',
      '+new',
      ' same',
      '@@ -50 +60 @@',
      '-x',
    ];
    const node = { path: 'a', kind: 'text', notes: [], children: [], truncated: false, diff: `${lines.join('\n')}\n` };
    const reader = await pieces.difference(await keep(canonicalJson(node)), 'tree');
    const [first, second] = [await reader.lines(0, 0, 0), await reader.lines(0, 0, 1)];
    expect(first.text).toBe(`${lines.slice(0, 7).join('\n')}\n`);
    expect(second).toMatchObject({ line: 7, left: 13, right: 24, beginsInside: false, pieces: 2 });
    await expect(reader.lines(0, 0, 2)).rejects.toMatchObject({ code: 'RESOURCE_UNKNOWN' });
    await reader.close();
  });

  it('cuts a line that is longer than a piece, and says so', async () => {
    const { pieces, keep } = await openPieceLab({ lines: 10, bytes: 1000 });
    const diff = `-short\n+${'€\\'.repeat(2000)}\n+end\n`;
    const node = { path: 'a', kind: 'text', notes: [], children: [], truncated: false, diff };
    const reader = await pieces.difference(await keep(canonicalJson(node)), 'tree');
    const count = (await reader.node(0, 0, { from: 0, limit: 1 })).pieces;
    const all = await Promise.all(Array.from({ length: count }, (_, at) => reader.lines(0, 0, at)));
    expect(all.map(({ text }) => text).join('')).toBe(diff);
    expect(all.map(({ text }) => Buffer.byteLength(text)).every((bytes) => bytes <= 2010)).toBe(true);
    expect(all.map(({ beginsInside }) => beginsInside).slice(0, 3)).toEqual([false, true, true]);
    expect(all.map(({ endsInside }) => endsInside).at(-1)).toBe(false);
    expect(all.some(({ text }) => text.includes('�'))).toBe(false);
    // From a piece within the line the way leads to the one that ends it.
    expect([all[0]?.next, all[1]?.next, all.at(-1)?.next]).toEqual([count - 1, count - 1, undefined]);
    await reader.close();
  });

  it('makes text harmless that a foreign worker wrote', async () => {
    const { pieces, keep } = await openPieceLab();
    const hostile = 'a\u202eb\u001b[2J\u200b';
    const node: Difference = {
      path: hostile,
      kind: hostile,
      detail: hostile,
      notes: [hostile],
      fields: [{ name: hostile, left: hostile }],
      reasons: [{ kind: 'text', evidence: hostile }],
      diff: `-${hostile}\n`,
      left: { name: hostile, text: hostile },
      children: [],
      truncated: false,
    };
    const reader = await pieces.difference(await keep(JSON.stringify(node)), 'tree');
    const told = JSON.stringify([await reader.trees(), await joinTree(reader)]);
    expect(told).not.toMatch(/[\u202e\u200b]|\\u001b/);
    expect(told).toContain(String.raw`a\\u{202e}b\\x1b[2J\\u{200b}`);
    await reader.close();
  });

  it.each([
    ['no JSON', 'nonsense'],
    ['nothing', ''],
    ['cut short', '{"path":"a","children":[{"path":'],
    ['a list', '[]'],
    ['two of them', '{"path":"a","kind":"b","notes":[],"children":[],"truncated":false}{}'],
    ['another thing', '{"path":1,"kind":"b","notes":[],"children":[],"truncated":false}'],
    ['children that are none', '{"path":"a","kind":"b","notes":[],"children":[[]],"truncated":false}'],
    ['a member twice', '{"path":"a","path":"b","kind":"b","notes":[],"children":[],"truncated":false}'],
    ['a node in a node in a node', `${'{"children":['.repeat(500)}${']}'.repeat(500)}`],
  ])('refuses what is no tree: %s', async (_, content) => {
    const { pieces, keep } = await openPieceLab();
    const sha256 = await keep(content);
    for (const _again of [1, 2])
      await expect(pieces.difference(sha256, 'tree')).rejects.toMatchObject({
        code: expect.stringMatching(/^FORMAT_(MALFORMED|LIMIT)$/),
      });
  });

  it('refuses more nodes, and larger ones, than it may read', async () => {
    const { pieces, keep } = await openPieceLab({ nodes: 2, bodyBytes: 300 });
    const leaf = { path: 'a', kind: 'b', notes: [], children: [], truncated: false };
    for (const given of [
      { ...leaf, children: [leaf, leaf] },
      { ...leaf, notes: ['x'.repeat(300)] },
    ])
      await expect(pieces.difference(await keep(canonicalJson(given)), 'tree')).rejects.toMatchObject({
        code: 'FORMAT_LIMIT',
      });
  });
});
