import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Paragraph, parseParagraphs } from '../../../../formats/index.ts';
import { sha256Of } from '../../../../model/index.ts';
import { runProgram } from '../../../../programs/index.ts';
import { assembleDsc, parseDsc, sourceFiles } from '../../../../rebuilder/ecosystem/debian/dsc.ts';

const limits = { wallSeconds: 30, outputBytes: 1_000_000 };
const control = `Source: tiny
Maintainer: Tester <tester@example.org>
Build-Depends: debhelper-compat (= 13),
 dpkg-dev
Standards-Version: 4.7.0

Package: tiny
Architecture: all
Description: tiny
 Nothing.
`;
let folder: string;
let real: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reproof-dsc-'));
  await mkdir(join(folder, 'tiny/debian/source'), { recursive: true });
  const write = (path: string, text: string): Promise<void> => writeFile(join(folder, 'tiny/debian', path), text);
  await write('control', control);
  await write('source/format', '3.0 (native)\n');
  await write('rules', '#!/usr/bin/make -f\n%:\n\ttrue\n');
  await write(
    'changelog',
    'tiny (1.2) sid; urgency=low\n\n  * x\n\n -- T <t@example.org>  Mon, 01 Jan 2024 00:00:00 +0000\n',
  );
  const { status, stderr } = await runProgram(['dpkg-source', '-b', 'tiny'], { limits, cwd: folder });
  if (status !== 0) throw new Error(stderr);
  real = await readFile(join(folder, 'tiny_1.2.dsc'), 'utf8');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What a Sources index says of a .dsc: Source is called Package, the lists name the .dsc too, and there is more. */
function sourcesParagraph(dsc: string, more = ''): Paragraph {
  const line = `${sha256Of(dsc)} ${Buffer.byteLength(dsc)} tiny_1.2.dsc`;
  const text = dsc
    .replace(/^Source:/m, 'Package:')
    .replace(/^Checksums-Sha256:\s*\n/m, `Checksums-Sha256:\n ${line}\n${more}`)
    .concat('Directory: pool/main/t/tiny\nPriority: optional\nSection: misc\n');
  return parseParagraphs(Buffer.from(text), { paragraphBytes: 100_000, fields: 100 })[0] as Paragraph;
}

describe('reading a .dsc', () => {
  it('gives what dpkg-source wrote', async () => {
    const tarball = await readFile(join(folder, 'tiny_1.2.tar.xz'));
    expect(parseDsc(real, 'tiny_1.2.dsc')).toEqual({
      format: '3.0 (native)',
      source: 'tiny',
      version: '1.2',
      architectures: ['all'],
      files: [{ name: 'tiny_1.2.tar.xz', size: tarball.length, sha256: sha256Of(tarball) }],
      signed: false,
      text: real,
    });
  });

  it.each([
    ['a name with a folder', (s: string) => s.replaceAll('tiny_1.2.tar.xz', '../tiny_1.2.tar.xz')],
    ['an absolute name', (s: string) => s.replaceAll('tiny_1.2.tar.xz', '/etc/passwd')],
    ['a hidden name', (s: string) => s.replaceAll('tiny_1.2.tar.xz', '.tar.xz')],
    ['a name like an option', (s: string) => s.replaceAll('tiny_1.2.tar.xz', '-x')],
    ['its own name', (s: string) => s.replaceAll('tiny_1.2.tar.xz', 'tiny_1.2.dsc')],
    [
      'a digest in capitals',
      (s: string) => s.replace(/[0-9a-f]{64}/, (digest) => digest.toUpperCase().replace('0', 'A')),
    ],
    ['a negative size', (s: string) => s.replace(/([0-9a-f]{64}) /, '$1 -')],
    ['a file twice', (s: string) => s.replace(/( [0-9a-f]{64} .*\n)/, '$1$1')],
    ['a file that only MD5 vouches for', (s: string) => `${s} ${'0'.repeat(32)} 5 tiny_1.2.orig.tar.gz\n`],
    ['no SHA-256', (s: string) => s.replace(/^Checksums-Sha256:.*\n .*\n/m, '')],
    ['no file', (s: string) => s.replace(/^(Checksums-Sha256:).*\n .*\n/m, '$1\n').replace(/^Files:.*\n .*\n/m, '')],
    ['a bad source name', (s: string) => s.replace('Source: tiny', 'Source: ../tiny')],
    ['a bad version', (s: string) => s.replace('Version: 1.2', 'Version: 1/2')],
    ['a format that cannot be built', (s: string) => s.replace('3.0 (native)', '3.0 (git)')],
    ['two paragraphs', (s: string) => `${s}\n${s}`],
    ['a field twice', (s: string) => `${s}Source: tiny\n`],
    ['text outside its armour', (s: string) => `${s}\n-----BEGIN PGP SIGNED MESSAGE-----\n`],
    ['nothing in it', () => ''],
  ])('refuses %s', (_what, change) => {
    expect(change(real)).not.toBe(real);
    expect(() => parseDsc(change(real), 'tiny_1.2.dsc')).toThrow(expect.objectContaining({ code: 'DSC_INVALID' }));
  });
});

describe('putting a .dsc together from its Sources paragraph', () => {
  it('says what the real one says, to our reader', () => {
    const assembled = assembleDsc(sourcesParagraph(real));
    expect({ ...parseDsc(assembled, 'tiny_1.2.dsc'), text: '' }).toEqual({
      ...parseDsc(real, 'tiny_1.2.dsc'),
      text: '',
    });
  });

  it('gives the bytes dpkg-source writes, where the index left nothing out', () => {
    expect(assembleDsc(sourcesParagraph(real))).toBe(real);
  });

  it('can be unpacked by dpkg-source with its checks on', async () => {
    await writeFile(join(folder, 'assembled.dsc'), assembleDsc(sourcesParagraph(real)));
    const result = await runProgram(['dpkg-source', '-x', 'assembled.dsc', 'unpacked'], { limits, cwd: folder });
    expect(result).toMatchObject({ status: 0 });
    expect(await readFile(join(folder, 'unpacked/debian/control'), 'utf8')).toBe(control);
  });

  it('drops the files it is told to, such as a signature that is not to be had', () => {
    const asc = ` ${'a'.repeat(64)} 833 tiny_1.2.tar.xz.asc\n`;
    const paragraph = sourcesParagraph(real, asc);
    expect(sourceFiles(paragraph).files.map((file) => file.name)).toEqual(['tiny_1.2.tar.xz', 'tiny_1.2.tar.xz.asc']);
    expect(assembleDsc(paragraph, ['tiny_1.2.tar.xz.asc'])).toBe(real);
  });

  it('refuses a paragraph without a .dsc', () => {
    const paragraph = parseParagraphs(Buffer.from(real), { paragraphBytes: 100_000, fields: 100 })[0] as Paragraph;
    expect(() => sourceFiles(paragraph)).toThrow(expect.objectContaining({ code: 'DSC_INVALID' }));
  });
});
