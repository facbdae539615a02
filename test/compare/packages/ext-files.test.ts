import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  type ByteSource,
  bufferSource,
  type CompareLimits,
  DEFAULT_COMPARE_LIMITS,
  explain,
} from '../../../compare/index.ts';
import type { Difference } from '../../../model/index.ts';
import { chunksOf } from '../../helpers/chunks.ts';
import { patched } from '../../helpers/compare-bytes.ts';
import { type ExtOptions, extImage } from '../../helpers/ext-image.ts';
import { mirror } from '../../helpers/mirror.ts';
import { inodeOf } from '../../helpers/read-ext.ts';

type Options = { readonly limits?: Partial<CompareLimits>; readonly chunk?: number };

/** Both ways round: the second must be the first mirrored. */
async function compare(left: Buffer, right: Buffer, { limits = {}, chunk }: Options = {}): Promise<Difference> {
  const source = (bytes: Buffer): ByteSource =>
    chunk === undefined
      ? bufferSource('image', bytes)
      : { name: 'image', size: undefined, open: (start = 0) => chunksOf(bytes.subarray(start), chunk) };
  const all = { limits: { ...DEFAULT_COMPARE_LIMITS, ...limits } };
  const found = await explain(source(left), source(right), all);
  expect(await explain(source(right), source(left), all)).toEqual(mirror(found));
  return found;
}

const FILES = { 'folder/file': 'one\ntwo\n', same: 'same\n' };
const make = (options: ExtOptions = {}): Buffer => extImage({ files: FILES, size: '1M', ...options });
const kinds = (found: Difference | undefined): string[] => [...new Set(found?.reasons?.map(({ kind }) => kind))];
const child = (found: Difference, path: string): Difference | undefined =>
  found.children.find((each) => each.path === path);
const fieldNames = (found: Difference | undefined): string[] => (found?.fields ?? []).map(({ name }) => name);
const LAYOUT = [
  'inode numbers',
  'places of contents',
  'journal',
  'checksum of the superblock',
  'rest of the superblock',
];

describe('comparing the files in two ext images', () => {
  it.each(['ext2', 'ext3', 'ext4'] as const)('shows the lines of the file that differ: %s', async (type) => {
    const size = type === 'ext3' ? '4M' : '1M';
    const found = await compare(
      make({ type, size }),
      make({ type, size, files: { ...FILES, 'folder/file': 'one\nthree\n' } }),
    );
    expect(found.kind).toBe('ext');
    expect(found.children.map(({ path, kind }) => `${path} ${kind}`)).toEqual(['folder/file text']);
    expect(found.children[0]?.diff).toBe('@@ -1,2 +1,2 @@\n one\n-two\n+three\n');
    expect(found.notes).toEqual([]);
  });

  it('says that all files are equal where only the superblock differs, and how', async () => {
    const uuid = '11111111-2222-3333-4444-666666666666';
    const found = await compare(
      make({ make: ['-O', '^metadata_csum'] }),
      make({ make: ['-O', '^metadata_csum'], uuid }),
    );
    expect(found.detail).toBe(
      'the same members with the same headers in the same order: nothing but the fields above differs',
    );
    expect(found.children).toEqual([]);
    expect(fieldNames(found).filter((name) => !LAYOUT.includes(name))).toEqual(['UUID', 'hash seed']);
    expect(found.reasons).toContainEqual({
      kind: 'random',
      evidence: 'field "UUID" of the ext image',
      left: '11111111-2222-3333-4444-555555555555',
      right: uuid,
    });
  });

  it('says so where the files stand elsewhere in the image, under other numbers', async () => {
    const moved = make({ files: { gone: 'gone\n'.repeat(1000), ...FILES }, edits: ['rm gone'] });
    const other = make();
    const found = await compare(moved, other);
    expect(found.children).toEqual([]);
    expect(fieldNames(found)).toEqual(expect.arrayContaining(['inode numbers', 'places of contents']));
    expect(found.detail).toContain('the same members with the same headers in the same order');
  });

  it('names what differs of mode, owner, time, flags, targets, devices and attributes', async () => {
    const base = ['mknod device c 1 2', 'symlink link one', 'ea_set same user.note one'];
    const left = make({ edits: base });
    const right = make({
      edits: [
        'mknod device c 1 3',
        'symlink link two',
        'ea_set same user.note two',
        'sif folder/file mode 0104711',
        'sif folder/file uid 5',
        'sif folder/file mtime_extra 4000',
        'sif folder/file flags 0x80010',
      ],
    });
    const found = await compare(left, right);
    expect(fieldNames(child(found, 'folder/file'))).toEqual(['flags', 'mode', 'mtime', 'uid']);
    expect(child(found, 'folder/file')?.fields).toContainEqual({
      name: 'mtime',
      left: '2023-11-14T22:13:20Z',
      right: '2023-11-14T22:13:20.000001000Z',
    });
    expect(child(found, 'folder/file')?.fields).toContainEqual({ name: 'flags', right: 'immutable' });
    expect(kinds(child(found, 'folder/file'))).toEqual(expect.arrayContaining(['mode', 'owner', 'timestamp']));
    expect(child(found, 'device')?.fields).toEqual([{ name: 'device', left: '1:2', right: '1:3' }]);
    expect(child(found, 'link')?.fields).toEqual([{ name: 'linkname', left: 'one', right: 'two' }]);
    expect(child(found, 'same')?.fields).toEqual([{ name: 'xattr user.note', left: '"one"', right: '"two"' }]);
  });

  it('names capabilities and access lists in words', async () => {
    const set = (capability: string, list: string): Buffer =>
      make({
        attributes: {
          same: { 'security.capability': Buffer.from(capability, 'hex') },
          'folder/file': { 'system.posix_acl_access': Buffer.from(list, 'hex') },
        },
      });
    const acl = (id: string): string =>
      `0200000001000600ffffffff02000400${id}04000500ffffffff10000700ffffffff20000000ffffffff`;
    const found = await compare(
      set('0100000200200000000000000000000000000000', acl('e8030000')),
      set('0100000200000000000020000000000000000000', acl('e9030000')),
    );
    const words = JSON.stringify([child(found, 'same')?.fields, child(found, 'folder/file')?.fields]);
    expect(words).toContain('revision 2, effective; permitted: cap_net_raw; inheritable: none');
    expect(words).toContain('revision 2, effective; permitted: none; inheritable: cap_sys_admin');
    expect(words).toContain('user::rw-,user:1000:r--,group::r-x,mask::rwx,other::---');
  });

  it('names links to one file, and compares their content once', async () => {
    const linked = (text: string): Buffer =>
      make({
        files: { ...FILES, 'folder/file': text },
        edits: ['ln folder/file another', 'ln folder/file folder/more', 'sif folder/file links_count 3'],
      });
    const found = await compare(linked('one\n'), linked('two\n'));
    expect(found.children.map(({ path }) => path)).toEqual(['another']);
    const apart = await compare(
      linked('one\n'),
      make({ files: { ...FILES, 'folder/file': 'one\n', another: 'one\n' } }),
    );
    expect(child(apart, 'another')?.fields).toContainEqual({ name: 'links', left: '3', right: '1' });
    expect(child(apart, 'folder/file')?.fields).toEqual(
      expect.arrayContaining([{ name: 'linkname', left: 'another' }]),
    );
  });

  it('tells a hole from written zeros, and goes through holes', async () => {
    const hole = make({ holes: { s: 1024 } });
    // mke2fs(8) makes holes of zeros.
    const zeros = make({ files: { ...FILES, s: 'x'.repeat(1024) }, edits: ['zap_block -f s 0'] });
    const found = await compare(hole, zeros);
    expect(child(found, 's')).toMatchObject({ detail: 'equal content, other header' });
    expect(fieldNames(child(found, 's'))).toEqual(['bytes not stored']);
    const longer = await compare(
      make({ holes: { s: 200_000 }, edits: ['sif s size 200001'] }),
      make({ holes: { s: 200_000 } }),
    );
    expect(child(longer, 's')?.kind).toBe('bytes');
  });

  it('goes into archives in them, and finds the same in an image that can only be streamed', async () => {
    const nested = (text: string): Buffer =>
      make({ files: { ...FILES, 'inner.img': make({ files: { deep: text } }) }, size: '4M' });
    const [left, right] = [nested('one\n'), nested('two\n')];
    const found = await compare(left, right);
    expect(child(found, 'inner.img')).toMatchObject({ kind: 'ext', children: [{ path: 'deep', kind: 'text' }] });
    const { left: _, right: __, ...streamed } = await compare(left, right, { chunk: 65_536 });
    const { left: ___, right: ____, ...whole } = found;
    expect(streamed).toEqual(whole);
    const packed = await compare(gzipSync(left), gzipSync(right));
    expect(packed.children[0]).toMatchObject({ kind: 'ext', children: whole.children });
  });

  it('reads what does not fit in memory from its image', async () => {
    const large = (end: string): Buffer => make({ files: { large: `${'line\n'.repeat(20_000)}${end}` } });
    const found = await compare(large('one\n'), large('two\n'), { limits: { heldBytes: 1000 } });
    expect(child(found, 'large')?.diff).toContain('-one\n+two\n');
  });

  it('notes a journal that holds what the files do not yet', async () => {
    const [clean, other] = [make({ size: '4M' }), make({ size: '4M', files: { ...FILES, same: 'other\n' } })];
    const dirty = Buffer.from(other);
    dirty.writeUInt32LE(dirty.readUInt32LE(1024 + 0x60) | 4, 1024 + 0x60);
    expect((await compare(clean, other)).notes).toEqual([]);
    expect((await compare(clean, dirty)).notes).toEqual([
      'a journal holds changes that are not in their places yet: the files were read without them',
    ]);
  });

  it('lists names in their order in the folders', async () => {
    const order = (names: readonly string[]): Buffer => make({ edits: names.map((name) => `write /dev/null ${name}`) });
    const found = await compare(order(['a', 'b', 'c']), order(['c', 'b', 'a']));
    expect(found.reasons?.find(({ kind }) => kind === 'order')?.evidence).toMatch(/^members in another order/);
  });

  it('says what it could not read, and never takes it for equal', async () => {
    const [left, right] = [make(), make()];
    const at = right.indexOf(Buffer.from('\x04\x01file', 'latin1'));
    right.writeUInt16LE(3, at - 2);
    const found = await compare(left, right);
    expect(found).toMatchObject({
      kind: 'ext',
      detail: expect.stringContaining('first difference'),
      notes: expect.arrayContaining([expect.stringContaining('ARCHIVE_MALFORMED: reading folder of ext image')]),
    });
  });

  it('ends where holes pass the limit of bytes', async () => {
    const endless = (size: string): Buffer => make({ holes: { s: 1000 }, edits: [`sif s size ${size}`] });
    const found = await compare(endless('4000000000000'), endless('4000000000001'), { limits: { bytes: 2 ** 24 } });
    expect(found).toMatchObject({
      truncated: true,
      notes: expect.arrayContaining([expect.stringContaining('ARCHIVE_LIMIT')]),
    });
  });

  it('ends where blocks of numbers that name themselves pass the limit of bytes', async () => {
    const image = make({ type: 'ext2', files: { f: Buffer.alloc(20_000, 'x') }, make: ['-b', '1024'] });
    const inode = image.indexOf(inodeOf(image, 'f').bytes);
    const block = image.readUInt32LE(inode + 0x28 + 4 * 12);
    for (let at = 0; at < 1024; at += 4) image.writeUInt32LE(block, block * 1024 + at);
    image.writeUInt32LE(block, inode + 0x28 + 4 * 14);
    image.writeUInt32LE(4, inode + 0x6c);
    const found = await compare(image, patched(image, image.length - 1, [1]), { limits: { bytes: 2 ** 21 } });
    expect(found).toMatchObject({
      truncated: true,
      notes: expect.arrayContaining([expect.stringContaining('ARCHIVE_LIMIT')]),
    });
  });
});
