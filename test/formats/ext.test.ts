import { describe, expect, it } from 'vitest';
import { EXT_TYPES, type ExtInode } from '../../formats/index.ts';
import { debugfs, type ExtOptions, extImage } from '../helpers/ext-image.ts';
import { contentOf, inodeOf, namesOf, read } from '../helpers/read-ext.ts';

const LARGE = Buffer.from(Array.from({ length: 700_000 }, (_, index) => (index * 7919) >>> 3));
const many = Object.fromEntries(
  Array.from({ length: 300 }, (_, index) => [`many/a-name-that-fills-blocks-${index}`, `${index}`]),
);
const TREE: ExtOptions = {
  files: {
    empty: '',
    'folder/deeper/file': 'one\n',
    large: LARGE,
    'n\u00e4me with blanks': 'x',
    small: 'y'.repeat(120),
    ...many,
  },
  links: { short: 'folder/deeper/file', long: `${'x'.repeat(200)}/y` },
  holes: { sparse: 3_000_000 },
};
const NODES = [
  'mknod fifo p',
  'mknod block b 8 17',
  'mknod character c 300 70000',
  'ln folder/deeper/file folder/again',
  'sif folder/deeper/file links_count 2',
  'sif large mtime 20230506070809',
  'sif large mtime_extra 0x1d6f3454',
  'sif empty mtime 0xfffffff0',
  'sif empty ctime_extra 1',
  'sif small uid 70000',
  'sif small gid 80000',
  'sif small mode 0107755',
];
const KINDS: readonly (readonly [string, ExtOptions])[] = [
  ['ext4', { edits: [...NODES, 'sif small flags 0x00080010'] }],
  ['ext3', { type: 'ext3', edits: NODES, size: '8M' }],
  ['ext2 of the first revision', { type: 'ext2', make: ['-r', '0', '-I', '128'] }],
  ['ext2 with small inodes', { type: 'ext2', make: ['-I', '128', '-b', '1024'] }],
  ['large blocks', { make: ['-b', '4096'], size: '16M' }],
  ['blocks of 64 KiB', { make: ['-b', '65536'], size: '64M' }],
  ['large inodes', { make: ['-I', '512', '-b', '1024'], edits: NODES }],
  ['32-bit block numbers', { make: ['-O', '^64bit,^metadata_csum'] }],
  ['descriptors in their groups', { make: ['-O', 'meta_bg,^resize_inode', '-b', '1024', '-g', '256'], size: '16M' }],
  [
    'a backup in every group',
    { make: ['-O', 'meta_bg,^resize_inode,^sparse_super', '-b', '1024', '-g', '256'], size: '16M' },
  ],
  ['two backups', { make: ['-O', 'meta_bg,sparse_super2,^resize_inode', '-b', '1024', '-g', '256'], size: '16M' }],
  ['clusters', { make: ['-O', 'bigalloc', '-C', '8192'], size: '16M' }],
  ['content in inodes', { make: ['-O', 'inline_data', '-I', '512'] }],
  ['hash trees', { indexed: true, make: ['-b', '1024'] }],
];
const images = new Map(KINDS.map(([name, options]) => [name, extImage({ ...TREE, ...options })]));
const imageOf = (name: string): Buffer => images.get(name) as Buffer;

const JUDGED_TYPES: ReadonlyMap<string, number> = new Map([
  ['regular', EXT_TYPES.file],
  ['directory', EXT_TYPES.folder],
  ['symlink', EXT_TYPES.symlink],
  ['FIFO', EXT_TYPES.fifo],
  ['character special', EXT_TYPES.characterDevice],
  ['block special', EXT_TYPES.blockDevice],
]);

/** What debugfs prints of an inode, in our words. */
function judged(text: string): object {
  const one = (pattern: RegExp): string => pattern.exec(text)?.[1] ?? `no ${pattern}`;
  const time = (name: string): object => {
    const found = new RegExp(`${name}: 0x([0-9a-f]{8})(?::([0-9a-f]{8}))?`).exec(text);
    const extra = Number.parseInt(found?.[2] ?? '0', 16);
    const low = Number.parseInt(found?.[1] ?? '', 16) | 0;
    return { seconds: low + (extra & 3) * 2 ** 32, nanoseconds: extra >>> 2 };
  };
  return {
    type: JUDGED_TYPES.get(one(/Type: ([a-zA-Z ]+?) +Mode/)),
    permissions: Number.parseInt(one(/Mode: +([0-7]+)/), 8),
    flags: Number.parseInt(one(/Flags: 0x([0-9a-f]+)/), 16),
    uid: Number(one(/User: +(\d+)/)),
    gid: Number(one(/Group: +(\d+)/)),
    size: Number(one(/Size: (\d+)/)),
    links: Number(one(/Links: (\d+)/)),
    modified: time('mtime'),
    changed: time('ctime'),
    accessed: time('atime'),
  };
}

function ours({ mode, flags, uid, gid, size, links, modified, changed, accessed }: ExtInode): object {
  return { type: mode >> 12, permissions: mode & 0o7777, flags, uid, gid, size, links, modified, changed, accessed };
}

describe.each(KINDS)('reading an ext image with %s', (kind) => {
  const image = imageOf(kind);
  const names = namesOf(image);

  it('gives the names and numbers that debugfs lists, in its order', () => {
    const folders = ['', 'folder', 'folder/deeper', 'many'];
    const listed = debugfs(
      image,
      folders.map((path) => `ls -p "/${path}"`),
    );
    folders.forEach((folder, index) => {
      const lines = [...(listed[index] ?? '').matchAll(/^\/(\d+)\/[^/]*\/[^/]*\/[^/]*\/([^/]*)\//gm)];
      const expected = lines.filter(([, inode, name]) => inode !== '0' && name !== '.' && name !== '..');
      const prefix = folder === '' ? '' : `${folder}/`;
      const found = [...names].filter(([path]) => path.startsWith(prefix) && !path.slice(prefix.length).includes('/'));
      expect(found).toEqual(expected.map(([, inode, name]) => [`${prefix}${name}`, Number(inode)]));
      expect(found.length).toBeGreaterThan(0);
    });
    expect(names.size).toBeGreaterThan(310);
  });

  it('gives of every inode what debugfs says', () => {
    const numbers = [...new Set(names.values())];
    const said = debugfs(
      image,
      numbers.map((number) => `stat <${number}>`),
    );
    numbers.forEach((number, index) => {
      expect(ours(read(image).inode(number)), `inode ${number}`).toEqual(judged(said[index] ?? ''));
    });
  });

  it('gives contents and targets as they were written, from any place', () => {
    const reader = read(image);
    for (const [path, content] of Object.entries({ ...TREE.files, sparse: Buffer.alloc(3_000_000) })) {
      const inode = inodeOf(image, Buffer.from(path).toString('latin1'));
      expect(contentOf(reader, inode).equals(Buffer.from(content)), path).toBe(true);
      if (reader.inline(inode) !== undefined) continue;
      for (const from of [1, 1023, 70_000, inode.size - 1])
        if (from > 0 && from < inode.size) {
          const sizes = [...reader.pieces(inode, from)].map(({ offset, size }) =>
            offset === undefined ? Buffer.alloc(size) : image.subarray(offset, offset + size),
          );
          expect(Buffer.concat(sizes).equals(Buffer.from(content).subarray(from)), `${path} from ${from}`).toBe(true);
        }
    }
    for (const [path, target] of Object.entries(TREE.links ?? {}))
      expect(reader.target(inodeOf(image, path))).toBe(target);
    const sparse = inodeOf(image, 'sparse');
    if (reader.inline(sparse) === undefined)
      expect([...reader.pieces(sparse)]).toEqual([{ offset: undefined, size: 3_000_000 }]);
  });
});

describe('reading what an ext image holds beside files', () => {
  const image = imageOf('ext4');

  it('keeps what is kept in inodes there, and folders in hash trees', () => {
    const kept = imageOf('content in inodes');
    expect(read(kept).inline(inodeOf(kept, 'small'))?.toString()).toBe('y'.repeat(120));
    expect(read(kept).inline(inodeOf(kept, 'folder'))).toBeInstanceOf(Buffer);
    expect(inodeOf(imageOf('hash trees'), 'many').flags & 0x1000).toBe(0x1000);
  });

  it('gives a name for each link to an inode', () => {
    const names = namesOf(image);
    expect(names.get('folder/again')).toBe(names.get('folder/deeper/file'));
  });

  it('gives extended attributes in the inode, in a block, and in inodes of their own', () => {
    const value = Buffer.alloc(1500, 'value');
    const edits = [
      'ea_set small user.short text',
      `ea_set large user.b ${'b'.repeat(500)}`,
      `ea_set large trusted.a ${'a'.repeat(300)}`,
      `ea_set empty user.long ${value.toString()}`,
    ];
    const made = extImage({ ...TREE, edits, make: ['-O', 'ea_inode', '-I', '256', '-b', '1024'] });
    const attributes = (path: string): object[] =>
      read(made)
        .attributes(inodeOf(made, path))
        .map((each) => ({ ...each, value: each.value.toString() }));
    expect(attributes('large')).toEqual([
      { name: 'trusted.a', value: 'a'.repeat(300) },
      { name: 'user.b', value: 'b'.repeat(500) },
    ]);
    expect(attributes('empty')).toEqual([{ name: 'user.long', value: value.toString() }]);
    expect(attributes('small')).toEqual([{ name: 'user.short', value: 'text' }]);
    expect(attributes('folder')).toEqual([]);
  });

  it('tells what is allocated and not written from what is', () => {
    const made = extImage({ edits: ['write /dev/null none', 'fallocate none 0 9', 'sif none size 10240'] });
    expect(contentOf(read(made), inodeOf(made, 'none')).equals(Buffer.alloc(10_240))).toBe(true);
  });
});
