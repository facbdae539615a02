import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bufferSource, explain, fileSource } from '../../compare/index.ts';
import type { Difference } from '../../model/index.ts';
import { smallZip } from '../helpers/small-zip.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

// What other comparers miss, each made and found: a package that lies about its own digests (diffoscope skips members
// whose lines in md5sums are equal), permissions that a normaliser sets to one value (OSS Rebuild's 0777), and what a
// listing does not show (duplicate names, hard links, extended attributes, extended headers, trailing bytes).

const names = (node: Difference): string[] => [node.path, ...node.children.flatMap(names)];
const fields = (node: Difference): string[] => [
  ...(node.fields ?? []).map((field) => `${field.name}: ${field.left ?? ''} -> ${field.right ?? ''}`),
  ...node.children.flatMap(fields),
];
const compare = (left: Buffer, right: Buffer): Promise<Difference> =>
  explain(bufferSource('file', left), bufferSource('file', right));

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** A package whose md5sums says what `claimed` holds, whatever `files` holds. */
async function debOf(
  files: Readonly<Record<string, string>>,
  claimed: Readonly<Record<string, string>>,
): Promise<string> {
  const folder = await temporaryFolder();
  const root = join(folder, 'root');
  const control = 'Package: x\nVersion: 1\nArchitecture: all\nMaintainer: N <n@example.org>\nDescription: x\n';
  const sums = Object.entries(claimed).map(([name, text]) => `${md5(text)}  ${name}\n`);
  const all = { ...files, 'DEBIAN/control': control, 'DEBIAN/md5sums': sums.join('') };
  for (const [name, content] of Object.entries(all)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  const env = { PATH: process.env.PATH ?? '', SOURCE_DATE_EPOCH: '1700000000' };
  execFileSync('find', [root, '-exec', 'touch', '-h', '-d', '@1700000000', '{}', '+']);
  execFileSync('dpkg-deb', ['--root-owner-group', '-b', root, join(folder, 'x.deb')], { stdio: 'ignore', env });
  return join(folder, 'x.deb');
}

/** A tar archive made of a folder that `make` filled. */
async function tarOf(make: (root: string) => void, ...options: string[]): Promise<Buffer> {
  const root = await temporaryFolder();
  make(root);
  const fixed = ['--sort=name', '--owner=root:0', '--group=root:0', '--mtime=@1700000000'];
  return execFileSync('tar', ['-C', root, ...fixed, ...options, '-cf', '-', '.']);
}

describe('a package whose md5sums lies', () => {
  const honest = { 'usr/lib/library.so': 'code', 'usr/share/doc/copyright': 'Copyright' };

  it('hides no member: the one with the stale line is named beside the one with the right line', async () => {
    const changed = { 'usr/lib/library.so': 'evil', 'usr/share/doc/copyright': 'Kopyright' };
    const left = await debOf(honest, honest);
    const right = await debOf(changed, { ...honest, 'usr/share/doc/copyright': 'Kopyright' });
    const found = await explain(await fileSource(left), await fileSource(right));
    expect(names(found)).toEqual(expect.arrayContaining(['./usr/lib/library.so', './usr/share/doc/copyright']));
  });

  it('hides no member when nothing else differs', async () => {
    const left = await debOf(honest, honest);
    const right = await debOf({ ...honest, 'usr/lib/library.so': 'evil' }, honest);
    const found = await explain(await fileSource(left), await fileSource(right));
    expect(names(found)).toContain('./usr/lib/library.so');
    expect(names(found)).not.toContain('./usr/share/doc/copyright');
  });
});

describe('what a normaliser would hide', () => {
  it('is told in a tar archive: a setuid bit', async () => {
    const made = (mode: number): Promise<Buffer> =>
      tarOf((root) => {
        writeFileSync(join(root, 'su'), 'x');
        chmodSync(join(root, 'su'), mode);
      });
    const found = await compare(await made(0o755), await made(0o4755));
    expect(fields(found).join('\n')).toMatch(/mode: 0?0755 -> 0?4755/);
  });

  it('is told in a zip file: a setuid bit', async () => {
    const made = (mode: number): Buffer =>
      smallZip([{ name: 'su', content: 'x', central: { external: ((0o100000 | mode) << 16) >>> 0 } }]);
    const found = await compare(made(0o755), made(0o4755));
    expect(fields(found).join('\n')).toMatch(/4755/);
  });

  it('is told in gzip: a name, a time and bytes after the end', async () => {
    const left = gzipSync('same');
    const right = Buffer.concat([left, Buffer.alloc(3)]);
    right.writeUInt32LE(1_700_000_000, 4);
    const found = await compare(left, right);
    expect(found.kind).toBe('gzip');
    expect(fields(found).length).toBeGreaterThanOrEqual(2);
  });
});

describe('what a listing does not show', () => {
  it('is told: the second of two zip members of one name', async () => {
    const made = (second: string): Buffer =>
      smallZip([
        { name: 'a', content: 'first', deflate: true },
        { name: 'a', content: second, deflate: true },
      ]);
    const found = await compare(made('second'), made('secret'));
    expect(found.kind).toBe('zip');
    expect(found.children.map((child) => child.path)).toEqual(['a']);
    expect(found.children[0]?.diff).toContain('+secret');
  });

  it('is told: a local header that names another file than the directory', async () => {
    const plain = { name: 'a', content: 'x' };
    const found = await compare(smallZip([plain]), smallZip([{ ...plain, local: { name: 'b' } }]));
    expect(JSON.stringify(found)).toMatch(/local/);
  });

  it('is told: a hard link that became a copy', async () => {
    const linked = (root: string): void => {
      writeFileSync(join(root, 'a'), 'x');
      linkSync(join(root, 'a'), join(root, 'b'));
    };
    const copied = (root: string): void => {
      linked(root);
      rmSync(join(root, 'b'));
      writeFileSync(join(root, 'b'), 'x');
    };
    const found = await compare(await tarOf(linked), await tarOf(copied));
    expect(names(found)).toContain('./b');
  });

  it('is told: an extended attribute such as a capability, beside another difference', async () => {
    const made = (text: string, ...options: string[]): Promise<Buffer> =>
      tarOf((root) => writeFileSync(join(root, 'a'), text), '--format=pax', ...options);
    const left = await made('one');
    const right = await made('two', '--pax-option=SCHILY.xattr.security.capability:=secret');
    const found = await compare(left, right);
    expect(fields(found).join('\n')).toContain('SCHILY.xattr.security.capability');
  });

  it('is told: what follows the end of a tar archive, and what pads a member', async () => {
    const plain = await tarOf((root) => writeFileSync(join(root, 'a'), 'x'));
    const after = Buffer.concat([plain, Buffer.from('hidden')]);
    expect(fields(await compare(plain, after)).length).toBeGreaterThan(0);
    const padded = Buffer.from(plain);
    padded[plain.indexOf('x\0\0', 1024) + 7] = 0x41;
    const found = await compare(plain, padded);
    expect(JSON.stringify(found)).toMatch(/padding/);
  });

  it('is told: members of a zip file in another order, and that no content differs', async () => {
    const parts = ['a', 'b', 'c'].map((name) => ({ name, content: name, deflate: true }));
    const found = await compare(smallZip(parts), smallZip(parts.toReversed()));
    expect(found.reasons?.map((reason) => reason.kind)).toContain('order');
    expect(found.children).toEqual([]);
  });
});

describe('a file whose reader is set in its ways', () => {
  it('differs by one byte in a kernel module, although only a section of notes does', async () => {
    const path = join(import.meta.dirname, '../fixtures/fuzz/elf-o');
    const left = readFileSync(path);
    const right = Buffer.from(left);
    right[left.length - 1] = (right.at(-1) ?? 0) ^ 1;
    expect((await compare(left, right)).kind).not.toBe('identical');
  });
});
