import { describe, expect, it } from 'vitest';
import { changedLines, compareAllWays, compareBytes } from '../../helpers/compare-bytes.ts';

const name = 'Contents-amd64';
const line = (path: string, packages: string): string => `${path.padEnd(20)} ${packages}\n`;
const contents = (...files: readonly (readonly [path: string, packages: string])[]): Buffer =>
  Buffer.from(files.map(([path, packages]) => line(path, packages)).join(''));
const many = (from: number, count: number): Buffer =>
  contents(...Array.from({ length: count }, (_, at) => [`f${String(at + from).padStart(5, '0')}`, 'misc/x'] as const));

describe('explaining how two Contents indices differ', () => {
  it('shows the files that only one side has, and those that moved to another package', async () => {
    const left = contents(['bin/a', 'admin/a'], ['bin/b', 'admin/b,utils/c'], ['bin/d', 'non-free/admin/d']);
    const right = contents(
      ['bin/a', 'admin/a'],
      ['bin/b', 'admin/b'],
      ['bin/c', 'admin/c'],
      ['bin/d', 'non-free/admin/d'],
    );
    const found = await compareAllWays(left, right, { name });
    expect(found.kind).toBe('contents-index');
    expect(changedLines(found)).toEqual([
      `-${line('bin/b', 'admin/b,utils/c').trimEnd()}`,
      `+${line('bin/b', 'admin/b').trimEnd()}`,
      `+${line('bin/c', 'admin/c').trimEnd()}`,
    ]);
    expect(found.fields).toEqual([{ name: 'lines that the other side has not', left: '1', right: '2' }]);
  });

  it('does so in texts longer than what is held of them', async () => {
    const found = await compareAllWays(many(0, 3_000), many(2, 3_000), { name, limits: { textBytes: 1_000 } });
    expect(changedLines(found).map((text) => text.slice(0, 7))).toEqual(['-f00000', '-f00001', '+f03000', '+f03001']);
  });

  it('counts what it does not show', async () => {
    const found = await compareBytes(many(0, 6_000), many(6_000, 1), { name });
    expect(found.fields).toEqual([{ name: 'lines that the other side has not', left: '6000', right: '1' }]);
    expect(found.notes).toEqual(['1000 more lines differ']);
    expect(found.truncated).toBe(true);
  });

  it('leaves to the comparison of text what is not sorted, has overlong lines, or differs in its last newline', async () => {
    const [a, b] = [
      ['bin/b', 'x/b'],
      ['bin/a', 'x/a'],
    ] as const;
    const unsorted = await compareAllWays(contents(a, b), contents(['bin/c', 'x/c']), { name });
    expect(unsorted).toMatchObject({
      kind: 'text',
      notes: ['not compared as a list: its lines are not sorted, or too long'],
    });
    const long = contents(a, [`c${'x'.repeat(70_000)}`, 'x/c']);
    expect((await compareBytes(contents(a), long, { name })).kind).toBe('text');
    expect((await compareAllWays(contents(a), contents(a).subarray(0, -1), { name })).kind).toBe('text');
  });

  it('compares a last line without a newline, and an empty side', async () => {
    const cut = await compareAllWays(
      contents(['bin/a', 'x/a'], ['bin/b', 'x/b']),
      contents(['bin/a', 'x/a']).subarray(0, -1),
      { name },
    );
    expect(changedLines(cut)).toEqual([`-${line('bin/b', 'x/b').trimEnd()}`]);
    expect((await compareAllWays(contents(['bin/a', 'x/a']), Buffer.alloc(0), { name })).kind).toBe('text');
  });
});
