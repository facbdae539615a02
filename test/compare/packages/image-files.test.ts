import { execFileSync } from 'node:child_process';
import {
  lutimesSync,
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
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { bufferSource, DEFAULT_COMPARE_LIMITS, explain } from '../../../compare/index.ts';
import type { Difference } from '../../../model/index.ts';
import { mirror } from '../../helpers/mirror.ts';

const folder = mkdtempSync(join(tmpdir(), 'image-files-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

/** Both ways round: the second must be the first mirrored. */
async function compare(left: Buffer, right: Buffer, programRuns = 500): Promise<Difference> {
  const limits = { ...DEFAULT_COMPARE_LIMITS, programRuns };
  const found = await explain(bufferSource('image', left), bufferSource('image', right), { limits });
  expect(await explain(bufferSource('image', right), bufferSource('image', left), { limits })).toEqual(mirror(found));
  return found;
}

type Content = { readonly text: string; readonly time?: number };
type Make = (content: Content, ...more: readonly string[]) => Buffer;

let count = 0;
function make(argv: (root: string, image: string) => readonly [string, ...string[]], { text, time }: Content): Buffer {
  const root = join(folder, `root-${count++}`);
  mkdirSync(join(root, 'folder'), { recursive: true });
  // Larger than a sector, so that a cut can fall into it.
  writeFileSync(join(root, 'folder', 'file'), `${text}\n${'line\n'.repeat(2000)}`);
  symlinkSync('folder/file', join(root, 'link'));
  for (const name of ['folder/file', 'folder', '']) utimesSync(join(root, name), 0, time ?? 1_700_000_000);
  lutimesSync(join(root, 'link'), 0, 1_700_000_000);
  const [program, ...rest] = argv(root, `${root}.image`);
  execFileSync(program, rest, { stdio: 'ignore' });
  return readFileSync(`${root}.image`);
}
const SQUASHFS = ['-mkfs-time', '1', '-all-root', '-noI', '-noD', '-noF', '-no-xattrs'];
const squashfs: Make = (content, ...more) =>
  make((root, image) => ['mksquashfs', root, image, ...SQUASHFS, ...more], content);
const iso: Make = (content, ...more) =>
  make((root, image) => ['genisoimage', '-quiet', '-r', ...more, '-o', image, root], content);
const FORMATS = [
  ['squashfs', squashfs, 'sqfs2tar', './folder/file'],
  ['iso9660', iso, 'bsdtar', 'folder/file'],
] as const;

const fileOf = (found: Difference, path: string): Difference | undefined =>
  found.children.find((child) => child.path === '(files)')?.children.find((child) => child.path === path);
const EQUAL = 'the files that a program finds in the images are equal, and in the same order';
const UNREAD = 'the contents of the files in the image were not compared one by one';

describe.each(FORMATS)('comparing the files in two images: %s', (kind, image, program, path) => {
  it('shows the lines of the file that differ', async () => {
    const found = await compare(image({ text: 'one' }), image({ text: 'two' }));
    expect(found.kind).toBe(kind);
    expect(found.notes).not.toContain(UNREAD);
    expect(fileOf(found, path)).toMatchObject({ kind: 'text', diff: expect.stringContaining('-one\n+two\n') });
  });

  it('names the time of a file', async () => {
    const found = await compare(image({ text: 'one' }), image({ text: 'one', time: 1_700_003_600 }));
    expect(fileOf(found, path)?.fields).toContainEqual(expect.objectContaining({ name: 'mtime' }));
  });

  it('says what was not looked into where the program is not there', async () => {
    const [left, right] = [image({ text: 'one' }), image({ text: 'two' })];
    vi.stubEnv('PATH', '/nowhere');
    const found = await compare(left, right);
    expect(found.kind).toBe(kind);
    expect(found.notes).toEqual(
      expect.arrayContaining([`${program} is not installed: what it would show is left out`, UNREAD]),
    );
    expect(found.detail).toContain('first difference');
  });

  it('says so where no more programs may be run', async () => {
    const found = await compare(image({ text: 'one' }), image({ text: 'two' }), 0);
    const why = `the files in the image were not read: running ${program}: no more programs may be run`;
    expect(found.notes).toEqual(expect.arrayContaining([why, UNREAD]));
  });

  it('notes an image that is cut off, and never takes it for equal', async () => {
    const whole = image({ text: 'one' });
    const content = whole.indexOf('one\nline\n');
    const found = await compare(whole, whole.subarray(0, content + 100));
    const why = `the files in the image were not read: running ${program}: it could not read what it was given`;
    expect(found.kind).toBe(kind);
    expect(found.notes).toEqual(expect.arrayContaining([why, UNREAD]));
    expect(found.notes).not.toContain(EQUAL);
    expect(found.detail).toContain('first difference');
  });
});

describe('comparing what an image holds beside its files', () => {
  it('says that the files are equal where only the superblock differs', async () => {
    const found = await compare(squashfs({ text: 'one' }), squashfs({ text: 'one' }, '-mkfs-time', '2'));
    expect(found.notes).toContain(EQUAL);
    expect(found.fields).toContainEqual(expect.objectContaining({ name: 'made' }));
    expect(found.detail).toContain('first difference at byte 8;');
  });

  it('shows the system area of an ISO 9660', async () => {
    const one = iso({ text: 'one' });
    const other = Buffer.from(one);
    other.write('boot', 440);
    const found = await compare(one, other);
    expect(found.notes).toContain(EQUAL);
    expect(found.children).toMatchObject([{ path: 'system area', kind: 'bytes' }]);
  });

  it('adds no file of this machine that a list at the start of an image names', async () => {
    const named = join(folder, 'of-this-machine');
    writeFileSync(named, 'kept secret');
    const hostile = (text: string): Buffer => {
      const image = iso({ text });
      image.write(`#mtree\n./leak type=file contents=${named}\n`.padEnd(32_768, '\n'));
      return image;
    };
    const found = await compare(hostile('one'), hostile('two'));
    expect(fileOf(found, 'folder/file')).toMatchObject({ diff: expect.stringContaining('-one\n+two\n') });
    expect(JSON.stringify(found)).not.toMatch(/leak|secret/);
  });
});
