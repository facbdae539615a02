import { describe, expect, it } from 'vitest';
import { mirroredTree } from '../../helpers/leaf-tree.ts';

const control = (fields: Record<string, string>): string =>
  Object.entries({ Package: 'x', Version: '1-1', Architecture: 'amd64', ...fields, Description: 'x\n about x' })
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');

describe('explaining how two indices of packages differ', () => {
  const index = (...stanzas: Record<string, string>[]): string => stanzas.map(control).join('\n');

  it('pairs translations by the description that they are of, also where their name is not known', async () => {
    const of = (md5: string, text: string): string => `Package: a\nDescription-md5: ${md5}\nDescription-de: ${text}\n`;
    const [old, now] = [`${of('01', 'x')}\n${of('02', 'y')}`, of('02', 'z')];
    for (const name of ['Translation-de', 'x_i18n_Translation-pt_BR', 'file']) {
      const found = await mirroredTree(old, now, { name });
      expect(found.children).toMatchObject([
        { path: 'a', left: {}, detail: 'only on one side' },
        { path: 'a 02', fields: [{ name: 'Description-de', left: 'y', right: 'z' }] },
      ]);
    }
  });

  it('pairs paragraphs by package, architecture and, where both have it, version', async () => {
    const found = await mirroredTree(
      index({ Package: 'a', Version: '1' }, { Package: 'b', Size: '1' }, { Package: 'c' }),
      index({ Package: 'b', Size: '2' }, { Package: 'a', Version: '2' }, { Package: 'd' }),
      { name: 'Packages' },
    );
    expect(found.children).toMatchObject([
      { path: 'a amd64', fields: [{ name: 'Version', left: '1', right: '2' }] },
      { path: 'b amd64 1-1', fields: [{ name: 'Size', left: '1', right: '2' }] },
      { path: 'c amd64', left: {}, detail: 'only on one side' },
      { path: 'd amd64', right: {}, detail: 'only on one side' },
    ]);
    expect(found.reasons).toEqual([{ kind: 'order', evidence: 'the same paragraphs in another order' }]);
  });

  it('compares an index that is too long to be held, read twice, as any other', async () => {
    const many = (from: number, changed: string): Record<string, string>[] =>
      Array.from({ length: 50 }, (_, at) => ({
        Package: `p${at + from}`,
        ...(at + from === 30 ? { Version: changed } : {}),
        Size: at + from === 40 ? changed : '1',
      }));
    const [left, right] = [index(...many(0, '2')), index(...many(1, '3').toReversed())];
    const long = await mirroredTree(left, right, { name: 'Packages', limits: { textBytes: 1_000 } });
    expect(long).toMatchObject({
      kind: 'deb822',
      detail: 'paragraphs that differ: 2, on one side only: 2',
      reasons: [{ kind: 'order' }],
      children: [
        { path: 'paragraphs of one side', diff: '@@ -1,1 +1,1 @@\n-p0 amd64\n+p50 amd64\n' },
        { path: 'p30 amd64', fields: [{ name: 'Version', left: '2', right: '3' }] },
        { path: 'p40 amd64 1-1', fields: [{ name: 'Size', left: '2', right: '3' }] },
      ],
    });
    const same = index(...many(0, '2').toReversed());
    expect(await mirroredTree(left, same, { name: 'Packages', limits: { textBytes: 1_000 } })).toMatchObject({
      detail: 'paragraphs that differ: 0, on one side only: 0',
      reasons: [{ kind: 'order' }],
    });
  });

  it('tells as many paragraphs of a long index as may be held, and says that there are more', async () => {
    const all = (size: string): string =>
      index(...Array.from({ length: 40 }, (_, at) => ({ Package: `p${at}`, Size: size })));
    const found = await mirroredTree(all('1'), all('2'), { name: 'Packages', limits: { textBytes: 500 } });
    expect(found.children.length).toBeGreaterThan(2);
    expect(found.children.length).toBeLessThan(10);
    expect(found.notes).toEqual([`${40 - found.children.length} more paragraphs differ`]);
    expect(found.truncated).toBe(true);
  });

  it('says of a paragraph of a long index that cannot be read that its bytes differ', async () => {
    const broken = (text: string): string =>
      `${index({ Package: 'a' })}\nPackage: b\n${text}\n\n${'#'.repeat(400)}\n\n${'#'.repeat(400)}\n`;
    const found = await mirroredTree(broken('no field'), broken('none'), {
      name: 'Packages',
      limits: { textBytes: 700 },
    });
    expect(found.children).toMatchObject([
      { path: 'b', detail: 'the bytes differ', notes: [expect.stringContaining('DEB822_SYNTAX')] },
    ]);
    const long = `${index({ Package: 'a' })}\nPackage: b\nX: ${'x'.repeat(900)}\n`;
    const lines = await mirroredTree(long, `${long}\n`, { name: 'Packages', limits: { textBytes: 700 } });
    expect(lines.kind).toBe('text');
    expect(lines.notes).toContainEqual(expect.stringContaining('DEB822_LIMIT'));
  });

  it('says that paragraphs only stand in another order', async () => {
    const found = await mirroredTree(
      index({ Package: 'a' }, { Package: 'b' }),
      index({ Package: 'b' }, { Package: 'a' }),
      { name: 'x_Packages' },
    );
    expect(found).toMatchObject({ kind: 'deb822', children: [], reasons: [{ kind: 'order' }] });
  });

  it('lets lines of a Release be compared as a set', async () => {
    const release = (...lines: string[]): string => `Origin: x\nDate: ${lines.length}\nSHA256:\n${lines.join('')}`;
    const found = await mirroredTree(release(' aa 1 p\n', ' bb 1 q\n'), release(' bb 1 q\n', ' ab 1 p\n'), {
      name: 'Release',
    });
    expect(found.fields).toEqual([{ name: 'SHA256: what differs', left: 'aa 1 p', right: 'ab 1 p' }]);
    expect(found.reasons).toEqual([{ kind: 'checksum', evidence: 'sha256 states digests of other files' }]);
  });
});
