import { describe, expect, it } from 'vitest';
import type { CompareLimits } from '../../../compare/index.ts';
import type { Difference } from '../../../model/index.ts';
import { compareBytes, patched } from '../../helpers/compare-bytes.ts';
import { fatImage, withFile } from '../../helpers/fat-image.ts';
import { mirror } from '../../helpers/mirror.ts';

/** Both ways round: the second must be the first mirrored. */
async function compare(left: Buffer, right: Buffer, limits: Partial<CompareLimits> = {}): Promise<Difference> {
  const found = await compareBytes(left, right, { limits });
  expect(await compareBytes(right, left, { limits })).toEqual(mirror(found));
  return found;
}

const BASE = fatImage({ files: { 'EFI/debian/grub.cfg': 'one\n', large: `${'line\n'.repeat(9000)}one\n` } });

describe('comparing the files in two FAT images', () => {
  it('shows the lines of the file that differ', async () => {
    const found = await compare(BASE, withFile(BASE, 'EFI/debian/grub.cfg', 'two\n'));
    expect(found.kind).toBe('fat');
    expect(found.notes).toEqual([]);
    expect(found.children).toMatchObject([
      { path: 'EFI/debian/grub.cfg', kind: 'text', diff: '@@ -1,1 +1,1 @@\n-one\n+two\n' },
    ]);
  });

  it('names the time of a file', async () => {
    const found = await compare(BASE, withFile(BASE, 'EFI/debian/grub.cfg', 'one\n', 1_700_000_002));
    expect(found.children[0]).toMatchObject({ path: 'EFI/debian/grub.cfg', detail: 'equal content, other header' });
    expect(found.children[0]?.fields).toContainEqual({
      name: 'mtime',
      left: '2023-11-14 22:13:20',
      right: '2023-11-14 22:13:22',
    });
    expect(found.children[0]?.reasons).toContainEqual(
      expect.objectContaining({ kind: 'timestamp', evidence: 'mtime differs by 2 s' }),
    );
  });

  it('says that all files are equal where only the boot sector differs', async () => {
    const found = await compare(BASE, patched(BASE, 39, [1, 2, 3, 4]));
    expect(found.detail).toContain('nothing but the fields above differs');
    expect(found.fields).toEqual([{ name: 'serial number', left: '78563412', right: '01020304' }]);
    expect(found.reasons).toMatchObject([{ kind: 'random' }]);
    const code = await compare(BASE, patched(BASE, 300, [1]));
    expect(code.fields?.map(({ name }) => name)).toEqual(['boot code']);
    for (const at of [0, 21, 28, 38, 63]) {
      const rest = await compare(BASE, patched(BASE, at, [(BASE[at] as number) ^ 1]));
      expect(
        rest.fields?.map(({ name }) => name),
        `byte ${at}`,
      ).toEqual(['rest of the boot sector']);
    }
  });

  it('tells what stands between the boot sector and the table', async () => {
    const wide = fatImage({ make: ['-F', '32'] });
    const found = await compare(wide, patched(wide, 700, [1]));
    expect(found.fields?.map(({ name }) => name)).toEqual(['other reserved sectors']);
    const rest = await compare(wide, patched(wide, 64, [1]));
    expect(rest.fields?.map(({ name }) => name)).toEqual(['rest of the boot sector']);
  });

  it('reads what does not fit in memory, and the same from an image that can only be streamed', async () => {
    const other = withFile(BASE, 'large', `${'line\n'.repeat(9000)}two\n`);
    const found = await compare(BASE, other, { heldBytes: 100 });
    expect(found.children).toMatchObject([{ path: 'large', diff: expect.stringContaining('-one\n+two\n') }]);
    const { left: _, right: __, ...streamed } = await compareBytes(BASE, other, { chunk: 65_536 });
    expect(found).toMatchObject(streamed);
  });

  it('says what it could not read, and never takes it for equal', async () => {
    const found = await compare(BASE, patched(BASE, BASE.indexOf('GRUB    CFG') + 26, [0xff, 0xff]));
    expect(found).toMatchObject({
      kind: 'fat',
      detail: expect.stringContaining('first difference'),
      notes: expect.arrayContaining([expect.stringContaining('ARCHIVE_MALFORMED: reading cluster 65535 of FAT image')]),
    });
  });
});
