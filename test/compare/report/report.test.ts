import { describe, expect, it } from 'vitest';
import { countsOf } from '../../../compare/comparison.ts';
import { type Comparison, REPORT_KINDS, type ReportKind, type ReportOptions, report } from '../../../compare/index.ts';
import { canonicalJson, type Difference } from '../../../model/index.ts';
import { comparisonOf, sampleTree } from '../../helpers/sample-comparison.ts';

// Remade by: npx vitest run --project unit test/compare/report -u
const golden = '../../golden/comparison';

const written = async (comparison: Comparison, kind: ReportKind, options: ReportOptions = {}): Promise<string> =>
  [...(await report(comparison, kind, options))].join('');

const identical = (): Comparison => {
  const { difference: _, ...rest } = comparisonOf(sampleTree, { identical: true, notes: [], truncated: false });
  const right = { ...rest.right, notes: [] };
  return { ...rest, right, counts: { nodes: 0, truncated: 0, kinds: {}, reasons: {} } };
};

/** A comparison with one node for each of these lines below the top. */
const wide = (count: number, diff: string): Comparison => {
  const child = (index: number): Difference => ({ ...sampleTree, path: `member ${index}`, diff, children: [] });
  const tree = { ...sampleTree, children: Array.from({ length: count }, (_each, index) => child(index)) };
  return comparisonOf(tree, { counts: countsOf(tree) });
};

describe('reports of a comparison', () => {
  it.each([
    ['text', {}, 'text.txt'],
    ['text', { colour: true }, 'text-colour.txt'],
    ['summary', { next: 'reproof compare --html report.html a b' }, 'summary.txt'],
    ['markdown', {}, 'markdown.md'],
    ['json', {}, 'comparison.json'],
    ['diffoscope-json', {}, 'diffoscope.json'],
    ['html', {}, 'page.html'],
  ] as const)('write %s %j as read before', async (kind, options, file) => {
    await expect(await written(comparisonOf(sampleTree), kind, options)).toMatchFileSnapshot(`${golden}/${file}`);
  });

  it.each(REPORT_KINDS)('write %s of identical inputs', async (kind) => {
    const text = await written(identical(), kind);
    if (kind === 'text') expect(text).toBe('');
    else expect(text).toContain('one.deb');
    expect(text).not.toContain('@@');
  });

  it.each(['text', 'summary', 'markdown', 'html'] as const)('say in %s what identical inputs lack', async (kind) => {
    const text = await written({ ...identical(), notes: ['left out as asked: 2 members named a'] }, kind);
    expect(text).toMatch(/identical/i);
    expect(text).toContain('left out as asked: 2 members named a');
  });

  it.each(['text', 'summary', 'markdown', 'html'] as const)(
    'let no character of %s command a terminal',
    async (kind) => {
      expect(await written(comparisonOf(sampleTree), kind)).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
    },
  );

  it.each(['text', 'markdown', 'html'] as const)('end %s at its limit, and say so', async (kind) => {
    const lines = Array.from({ length: 3000 }, (_each, index) => `+${index} ${index * 7919}\n`).join('');
    const comparison = wide(60, `@@ -1,0 +1,3000 @@\n${lines}`);
    const whole = await written(comparison, kind);
    const cut = await written(comparison, kind, { maxBytes: 1_000_000 });
    expect(cut.length).toBeLessThan(Math.min(whole.length, 2_000_000));
    expect(cut).toContain('limit of 1000000 bytes');
    expect(whole).not.toContain('limit of');
  });

  it('count in text the nodes that are not shown, and tell of one that is cut', async () => {
    const comparison = wide(1, `@@ -1,0 +1,30 @@\n${'+a line\n'.repeat(30)}`);
    const whole = await written(comparison, 'text');
    const endOf = async (maxBytes: number): Promise<string | undefined> =>
      (await written(comparison, 'text', { maxBytes })).split('bytes; ').at(-1)?.trimEnd();
    expect(await endOf(10)).toBe('2 of 2 nodes are not shown');
    expect(await endOf(Buffer.byteLength(whole.slice(0, whole.indexOf('╰──'))))).toBe('1 of 2 nodes are not shown');
    expect(await endOf(Buffer.byteLength(whole) - 5)).toBe('0 of 2 nodes are not shown, nor is all of the last one');
  });

  it.each(REPORT_KINDS)('never hold all of a large %s in one piece', async (kind) => {
    const comparison = wide(3000, `@@ -1,1 +1,1 @@\n-${'x'.repeat(500)}\n+${'y'.repeat(500)}\n`);
    for (const piece of await report(comparison, kind)) expect(piece.length).toBeLessThan(1_500_000);
  });
});

describe('what is on one side alone', () => {
  it.each(['text', 'markdown', 'html', 'diffoscope-json'] as const)(
    'is said to be, and on which, in %s',
    async (kind) => {
      const alone = (name: string, side: 'left' | 'right'): Difference => ({
        path: name,
        kind: 'tar-member',
        [side]: {},
        detail: 'only on one side',
        notes: [],
        children: [],
        truncated: false,
      });
      const tree = { ...sampleTree, children: [alone('gone', 'left'), alone('new', 'right')] };
      const text = await written(comparisonOf(tree), kind);
      expect(text).toContain('only on the left side');
      expect(text.indexOf('only on the right side')).toBeGreaterThan(text.indexOf('only on the left side'));
    },
  );
});

describe('JSON', () => {
  it('is the canonical spelling of the whole comparison', async () => {
    const comparison = comparisonOf(sampleTree);
    expect(await written(comparison, 'json')).toBe(`${canonicalJson(comparison)}\n`);
  });
});

describe("diffoscope's JSON", () => {
  type Node = { source1: string; source2: string; unified_diff: string | null; comments?: string[]; details?: Node[] };

  it('holds every path, reason, note, field, sample and line', async () => {
    const text = await written(comparisonOf(sampleTree), 'diffoscope-json');
    const read = JSON.parse(text) as Node;
    const all = (node: Node): Node[] => [node, ...(node.details ?? []).flatMap(all)];
    const told = all(read).map((node) => JSON.stringify([node.source1, node.comments, node.unified_diff]));
    for (const part of ['order: members', 'mtime: 2026-01-01', 'Version: 1.0-2', '0009 0909', 'the same name again'])
      expect(
        told.some((one) => one.includes(part)),
        part,
      ).toBe(true);
    expect(all(read).at(-2)).toMatchObject({ source1: '/dev/null' });
  });

  it('counts the lines of each hunk that it makes', async () => {
    const { details = [] } = JSON.parse(await written(comparisonOf(sampleTree), 'diffoscope-json')) as Node;
    const fields = details.find(({ source1 }) => source1 === 'control')?.details?.[0];
    expect(fields?.unified_diff).toBe(
      '@@ -1,2 +1,1 @@\n-mtime: 2026-01-01T00:00:00Z\n-mode: 0644\n+mtime: 2026-01-02T00:00:00Z\n',
    );
  });
});
