import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { changedLines, compareAllWays, reasonsOf, survivesDamage } from '../../helpers/compare-bytes.ts';
import { mirroredTree } from '../../helpers/leaf-tree.ts';

const told = (found: Parameters<typeof reasonsOf>[0]): string[] =>
  reasonsOf(found).map(({ kind, evidence }) => `${kind}: ${evidence}`);

describe('explaining how two texts with a date of their own differ', () => {
  it('names what a PostScript header says', async () => {
    const of = (day: number, tool: string): string =>
      `%!PS-Adobe-3.0\n%%Creator: tool ${tool}\n%%CreationDate: Fri Jan ${day} 03:04:05 2026\n%%EndComments\n%%Title: late\nshowpage\n`;
    const found = await mirroredTree(of(12, '1'), of(13, '2'));
    expect(found.kind).toBe('postscript');
    expect(found.fields?.map(({ name }) => name)).toEqual(['CreationDate', 'Creator']);
    expect(told(found)).toEqual([
      'timestamp: PostScript comment CreationDate differs in a date',
      'version-text: PostScript comment Creator names a program',
    ]);
    expect(changedLines(found)).toHaveLength(4);
  });

  it('names when a Perl module was installed', async () => {
    const of = (day: number): string => `=head2 Fri Jan  ${day} 03:04:05 2026: C<Module> L<X|X>\n\n=over 4\n`;
    const found = await mirroredTree(of(2), of(3));
    expect(told(found)).toEqual(['timestamp: perllocal entry L<X|X> differs in a date']);
  });
});

describe('explaining how two Sphinx inventories differ', () => {
  const inventory = (objects: string, version = '1.0', level = 9): Buffer =>
    Buffer.concat([
      Buffer.from(
        `# Sphinx inventory version 2\n# Project: x\n# Version: ${version}\n# The remainder of this file is compressed using zlib.\n`,
      ),
      deflateSync(objects, { level }),
    ]);

  it('shows the objects that differ, line by line', async () => {
    const found = await compareAllWays(
      inventory('a py:class 1 a.html -\nb\n'),
      inventory('a py:class 1 b.html -\nb\n', '1.1'),
    );
    expect(found).toMatchObject({ kind: 'sphinx-inventory', fields: [{ name: 'version', left: '1.0', right: '1.1' }] });
    expect(changedLines(found)).toContain('-a py:class 1 a.html -');
  });

  it('tells another order and another compression', async () => {
    expect(told(await compareAllWays(inventory('a\nb\n'), inventory('b\na\n')))).toEqual([
      'order: the same objects in another order',
    ]);
    const text = 'a\n'.repeat(100);
    expect(told(await compareAllWays(inventory(text), inventory(text, '1.0', 0)))).toEqual([
      'compression: the unpacked inventory is equal',
    ]);
  });

  it('says something else than identical wherever a file is cut or broken', async () => {
    await survivesDamage(inventory('a\nb\n'), 7);
  });
});
