import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { changedLines, compareAllWays, compareBytes, fieldsOf, nodesOf, notesOf } from '../helpers/compare-bytes.ts';
import { smallZip } from '../helpers/small-zip.ts';

const folder = mkdtempSync(join(tmpdir(), 'other-archives-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A folder with a file, a link and one more file of this content, every date the same. */
function tree(name: string, content: string): string {
  const root = join(folder, name);
  mkdirSync(join(root, 'x'), { recursive: true });
  writeFileSync(join(root, 'x/1'), 'one\n');
  writeFileSync(join(root, 'x/2'), content);
  symlinkSync('1', join(root, 'x/l'));
  chmodSync(join(root, 'x/1'), 0o755);
  for (const each of ['x/1', 'x/2', 'x']) utimesSync(join(root, each), 1_700_000_000, 1_700_000_000);
  execFileSync('touch', ['-hd', '@1700000000', join(root, 'x/l')]);
  return root;
}

const NAMES = ['x', 'x/1', 'x/2', 'x/l'];
const tarOf = (cwd: string): Buffer =>
  execFileSync('tar', ['--format=ustar', '--no-recursion', '-cf', '-', ...NAMES], { cwd });
const cpioOf = (cwd: string): Buffer =>
  execFileSync('cpio', ['-o', '--quiet', '-H', 'newc'], { cwd, input: NAMES.join('\n') });
const zipOf = (cwd: string): Buffer => {
  rmSync(join(folder, 'made.zip'), { force: true });
  execFileSync('zip', ['-qyX', join(folder, 'made.zip'), ...NAMES], { cwd });
  return execFileSync('cat', [join(folder, 'made.zip')]);
};
const [same, other] = [tree('same', 'two\n'), tree('other', 'three\n')];
const formats: readonly [string, (cwd: string) => Buffer, string, (cwd: string) => Buffer][] = [
  ['tar', tarOf, 'cpio', cpioOf],
  ['tar', tarOf, 'zip', zipOf],
  ['zip', zipOf, 'cpio', cpioOf],
];

describe.each(formats)('archives of two formats: %s and', (one, left, another, right) => {
  it(`${another} of one tree are told to hold the same members`, async () => {
    const found = await compareAllWays(left(same), right(same));
    expect(nodesOf(found)).toEqual([
      'file | archive | the same members in the same order, as far as both formats tell: other packing',
    ]);
    expect(found.fields).toEqual([{ name: 'format', left: one, right: another }]);
    expect(notesOf(found)).toEqual([
      expect.stringMatching(/^archives of two formats: .* type, mode, .*all else was not$/),
    ]);
  });

  it(`${another} are looked into`, async () => {
    const found = await compareAllWays(left(same), right(other));
    expect(found.children.map(({ path, kind }) => `${path} ${kind}`)).toEqual(['x/2 text']);
    expect(changedLines(found)).toEqual(['-two', '+three']);
  });
});

describe('archives of two formats', () => {
  it('tell a mode and the target of a link that are others', async () => {
    const changed = tree('changed', 'two\n');
    chmodSync(join(changed, 'x/1'), 0o644);
    rmSync(join(changed, 'x/l'));
    symlinkSync('2', join(changed, 'x/l'));
    const found = await compareAllWays(tarOf(same), zipOf(changed));
    expect(fieldsOf(found).slice(1)).toEqual([
      { name: 'mode', left: '0755', right: '0644' },
      { name: 'linkname', left: '1', right: '2' },
    ]);
  });

  it('are compared where one is compressed, too', async () => {
    const found = await compareAllWays(gzipSync(tarOf(same)), zipOf(other));
    expect(changedLines(found)).toEqual(['-two', '+three']);
  });

  it('are told as bytes where one of them cannot be read', async () => {
    const broken = smallZip([{ name: 'x/1', content: 'one\n', central: { flags: 1 } }]);
    const found = await compareBytes(tarOf(same), broken);
    expect(found.kind).toBe('bytes');
    expect(found.notes.join()).toContain('ARCHIVE_UNSUPPORTED');
  });

  it('survive any damage', async () => {
    const [archive, zip] = [tarOf(same), zipOf(same)];
    for (let at = 0; at < zip.length; at += 37) {
      const broken = Buffer.from(zip);
      broken[at] = (zip[at] as number) ^ 0xff;
      expect((await compareBytes(archive, broken)).kind, `broken at ${at}`).not.toBe('identical');
      expect((await compareBytes(archive, zip.subarray(0, at))).kind, `cut at ${at}`).not.toBe('identical');
    }
  });
});
