import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { bufferSource, type CompareLimits, explain, fileSource, renderText } from '../../compare/index.ts';
import type { Difference, FieldChange } from '../../model/index.ts';
import { smallElf } from '../helpers/small-elf.ts';

const folder = mkdtempSync(join(tmpdir(), 'explain-'));
afterAll(() => rmSync(folder, { recursive: true }));

const compare = (left: Uint8Array, right: Uint8Array, limits: Partial<CompareLimits> = {}): Promise<Difference> =>
  explain(bufferSource('file', left), bufferSource('file', right), { limits });

/** All nodes as "path | kind | detail", depth first. */
function flat(node: Difference): string[] {
  return [`${node.path} | ${node.kind} | ${node.detail ?? ''}`, ...node.children.flatMap(flat)];
}
const notes = (node: Difference): string[] => [...node.notes, ...node.children.flatMap(notes)];
const fields = (node: Difference): FieldChange[] => [...(node.fields ?? []), ...node.children.flatMap(fields)];

let count = 0;
/** A folder with these files, every date the same. */
function tree(files: Record<string, string | Buffer>): string {
  const root = join(folder, `tree-${count++}`);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), content);
    utimesSync(join(root, name), 1_700_000_000, 1_700_000_000);
  }
  return root;
}

function tarOf(root: string, names: string[], ...options: string[]): Buffer {
  const argv = ['-C', root, '--owner=root:0', '--group=root:0', ...options, '-cf', '-', ...names];
  return execFileSync('tar', argv, { maxBuffer: 1e8 });
}

function debOf(files: Record<string, string | Buffer>, ...options: string[]): string {
  const control = 'Package: x\nVersion: 1\nArchitecture: all\nMaintainer: N <n@example.org>\nDescription: x\n';
  const root = tree({ ...files, 'DEBIAN/control': control });
  const path = `${root}.deb`;
  const env = { PATH: process.env.PATH ?? '', SOURCE_DATE_EPOCH: '1700000000' };
  execFileSync('dpkg-deb', ['--root-owner-group', ...options, '-b', root, path], { stdio: 'ignore', env });
  return path;
}

const elfWith = (code: string, id: string, swap = false): Buffer => {
  const text = { name: '.text', type: 1, bytes: Buffer.from(code) };
  const note = {
    name: '.note.gnu.build-id',
    type: 7,
    bytes: Buffer.from(`040000000400000003000000474e5500${id}`, 'hex'),
  };
  return smallElf(swap ? [note, text] : [text, note], { bits: 64, endian: 'little' });
};

describe('explaining how two packages differ', () => {
  it('goes down to the lines, sections and bytes that differ, and opens nothing else', async () => {
    const files = (line: string, id: string, blob: number[]): Record<string, string | Buffer> => ({
      'usr/bin/tool': elfWith('code', id),
      'usr/share/doc/x/changelog.gz': gzipSync(`one\n${line}\nthree\n`),
      'usr/share/x/blob': Buffer.from([0, ...blob]),
      'usr/share/x/same': 'same',
    });
    const left = debOf(files('two', 'aaaaaaaa', [1, 2, 3]));
    const right = debOf(files('2', 'bbbbbbbb', [1, 9, 9]));
    const found = await explain(await fileSource(left), await fileSource(right), { path: 'x.deb' });
    expect(flat(found)).toEqual([
      'x.deb | deb | ',
      'data.tar.xz | xz | ',
      'data.tar | tar | ',
      './usr/bin/tool | elf | differing pieces: 1 of 5',
      './usr/share/doc/x/changelog.gz | gzip | ',
      './usr/share/doc/x/changelog | text | ',
      './usr/share/x/blob | bytes | first difference at byte 2; 2 of 4 bytes differ in place: 2+2',
    ]);
    expect(fields(found)).toContainEqual({ name: 'build-id', left: 'aaaaaaaa', right: 'bbbbbbbb' });
    expect(found.right?.size).toBe(readFileSync(right).length);
  });

  it.each(['-Zgzip', '-Zzstd', '-Znone'])(
    'pairs data.tar.xz with what %s made, and says that only the packing differs',
    async (option) => {
      const [left, right] = [debOf({ a: 'a' }, '-Zxz'), debOf({ a: 'a' }, option)];
      const found = await explain(await fileSource(left), await fileSource(right));
      const text = flat(found).join('\n');
      expect(text).not.toContain('only on one side');
      expect(text).toContain('data.tar.xz | compressed | the unpacked content is equal');
    },
  );

  it('says identical of identical files, and reads them once', async () => {
    const found = await compare(Buffer.from('same'), Buffer.from('same'));
    expect(found).toMatchObject({ kind: 'identical', children: [] });
  });

  it('gives the same tree for the same input', async () => {
    const [left, right] = [debOf({ a: 'a', b: 'b' }), debOf({ a: 'x', c: 'c' })];
    const once = async (): Promise<string> =>
      JSON.stringify(await explain(await fileSource(left), await fileSource(right), { path: 'x' }));
    expect(await once()).toBe(await once());
  });
});

describe('explaining how two tar archives differ', () => {
  it('names what is gone, what is new, another order, and a header', async () => {
    const root = tree({ a: 'a', b: 'b', c: 'c', d: 'd' });
    const left = tarOf(root, ['a', 'b', 'c']);
    chmodSync(join(root, 'a'), 0o600);
    const right = tarOf(root, ['b', 'a', 'd']);
    const found = await compare(left, right);
    expect(flat(found)).toEqual([
      'file | tar | ',
      'c | tar-member | only on one side',
      'd | tar-member | only on one side',
      'a | tar-member | equal content, other header',
    ]);
    expect(found.fields).toEqual([
      { name: 'member after 0 in common', left: 'a', right: 'b' },
      { name: 'members sorted by name', left: 'yes', right: 'no' },
    ]);
    expect(found.reasons).toEqual([{ kind: 'order', evidence: 'members in another order: 1 of 2 moved' }]);
  });

  it('tells many equal header changes in one note', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const root = tree(Object.fromEntries(names.map((name) => [name, name])));
    const found = await compare(tarOf(root, names), tarOf(root, names, '--mtime=@1700003600'));
    expect(found.children).toEqual([]);
    expect(found.notes).toEqual(['5 members of equal content differ in mtime, such as a']);
    const evidence = 'mtime of 5 of 5 members differs, always by 3600 s, such as a';
    const [left, right] = ['2023-11-14T22:13:20Z', '2023-11-14T23:13:20Z'];
    expect(found.reasons).toEqual([{ kind: 'timestamp', evidence, left, right }]);
  });

  it('sees a symbolic link that points elsewhere, and extended headers', async () => {
    const [one, other] = [tree({ a: 'a' }), tree({ a: 'a' })];
    symlinkSync('here', join(one, 'link'));
    symlinkSync('there', join(other, 'link'));
    const pax = ['--format=pax', '--pax-option=delete=atime,delete=ctime'];
    const found = await compare(
      tarOf(one, ['link'], '--mtime=@1', ...pax),
      tarOf(other, ['link'], '--mtime=@1.5', ...pax),
    );
    expect(fields(found)).toEqual([
      { name: 'linkname', left: 'here', right: 'there' },
      { name: 'mtime', left: '1970-01-01T00:00:01Z', right: '1970-01-01T00:00:01.5Z' },
      { name: 'pax mtime', right: '1.5' },
      { name: 'ustar mtime', right: '1' },
      { name: 'x header', right: expect.stringContaining('name ./PaxHeaders/link, format ustar, mode 0644') },
    ]);
  });

  it('sees more NULs at the end, and what follows them', async () => {
    const root = tree({ a: 'a' });
    const tar = tarOf(root, ['a']);
    const filled = { name: 'end of archive', left: 'filled up to a multiple of 10240 bytes' };
    expect((await compare(tar, Buffer.concat([tar, Buffer.alloc(10_240)]))).fields).toEqual([
      { ...filled, right: '19456 zero bytes' },
    ]);
    expect((await compare(tar, Buffer.concat([tar, tar]))).fields).toEqual([
      { name: 'bytes after the end', right: expect.stringMatching(/^10240 bytes, sha256 [0-9a-f]{64}$/) },
    ]);
  });

  it('keeps names apart that are no UTF-8, and never shows a control character', async () => {
    const name = Buffer.from('\x1b[31m\xff', 'latin1');
    const [left, right] = ['left', 'right'].map((content) => {
      const root = tree({ a: 'a' });
      writeFileSync(Buffer.concat([Buffer.from(`${root}/`), name]), content);
      return tarOf(root, ['.'], '--exclude=a', '--mtime=@1');
    }) as [Buffer, Buffer];
    const found = await compare(left, right);
    expect(found.children[0]?.path).toBe('./\\x1b[31m\\xff');
    expect(renderText(found)).not.toMatch(/[\0-\x08\x0b-\x1f]/);
  });

  it('reads members again that do not fit in memory, with the same result', async () => {
    const pair = ['left', 'right'].map((word) => tarOf(tree({ a: `${word}\n`, b: `b ${word}\n` }), ['a', 'b'])) as [
      Buffer,
      Buffer,
    ];
    const held = await compare(...pair);
    expect(flat(held).length).toBe(3);
    for (const heldBytes of [1, 12, 20]) expect(await compare(...pair, { heldBytes })).toEqual(held);
  });
});

describe('explaining hostile or broken input', () => {
  const root = tree({ a: 'a'.repeat(600), b: 'b' });
  const whole = gzipSync(tarOf(root, ['a', 'b']));

  it('never throws and never says equal, wherever a compressed archive is cut', async () => {
    for (let length = 0; length < whole.length; length += 3) {
      const found = await compare(whole, whole.subarray(0, length));
      expect(found.kind, `cut at ${length}`).not.toBe('identical');
      expect(flat(found).join('\n')).not.toContain('is equal');
    }
  });

  it.each(['xz', 'zstd', 'bzip2', 'gzip'])(
    'notes a broken %s stream and does not go on as if it were whole',
    async (program) => {
      const packed = execFileSync(program, ['-c'], { input: tarOf(root, ['a', 'b']) });
      const broken = Buffer.from(packed.subarray(0, packed.length - 5));
      const found = await compare(packed, broken);
      expect(flat(found).at(-1)).toContain('could not be compared');
      expect(notes(found).join()).toMatch(/ARCHIVE_MALFORMED|PROGRAM_FAILED/);
    },
  );

  it('notes an ELF file cut short and falls back to bytes', async () => {
    const elf = elfWith('code', 'aaaaaaaa');
    const found = await compare(elf, elf.subarray(0, 100));
    expect(found).toMatchObject({ kind: 'bytes', notes: [expect.stringContaining('ELF_MALFORMED')] });
  });

  it.each<[keyof CompareLimits, number]>([
    ['bytes', 5_000],
    ['members', 3],
    ['nodes', 1],
  ])('stops at the limit of %s, says so, and still says that they differ', async (limit, value) => {
    const other = gzipSync(tarOf(tree({ a: 'x', b: 'y' }), ['a', 'b']));
    const found = await compare(whole, other, { [limit]: value });
    const truncated = (node: Difference): boolean => node.truncated || node.children.some(truncated);
    expect(found.kind).not.toBe('identical');
    expect(truncated(found)).toBe(true);
  });

  it('does not unpack without end', async () => {
    let nested: Buffer = Buffer.from('core');
    for (let layer = 0; layer < 40; layer++) nested = gzipSync(nested);
    let other: Buffer = Buffer.from('other');
    for (let layer = 0; layer < 40; layer++) other = gzipSync(other);
    const nodes = flat(await compare(nested, other, { depth: 5 }));
    expect(nodes.filter((node) => !node.includes('| view |')).length).toBe(6);
  });
});

describe('explaining how two ELF files differ', () => {
  it('names sections in another order and the build-id, not sections that only moved', async () => {
    const found = await compare(elfWith('code', 'aaaaaaaa'), elfWith('code', 'bbbbbbbb', true));
    expect(fields(found)).toContainEqual({
      name: 'order of sections',
      left: '.text .note.gnu.build-id',
      right: '.note.gnu.build-id .text',
    });
    expect(flat(found).join('\n')).not.toContain('.text | elf-section');
  });
});
