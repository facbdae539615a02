import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { indexedBinary } from '../../../../rebuilder/ecosystem/debian/binaries.ts';
import type { IndexFile } from '../../../../rebuilder/ecosystem/debian/index-file.ts';
import { paragraphs } from '../../../../rebuilder/ecosystem/debian/index-search.ts';
import { listPackages, type PackageLine } from '../../../../rebuilder/ecosystem/debian/package-list.ts';
import type { VerifiedSuite } from '../../../../rebuilder/ecosystem/debian/release.ts';
import { temporaryFolder } from '../../../helpers/temporary-folder.ts';

const SHA256 = 'a'.repeat(64);
const LESS = `Package: less
Source: less-src (668-1)
Version: 668-1+b1
Installed-Size: 300
Maintainer: Zoë Example <zoe@example.org>
Architecture: amd64
Depends: libc6 (>= 2.38), libtinfo6 (>= 6)
Description: pager
 with a second line
Filename: pool/main/l/less/less_668-1+b1_amd64.deb
Size: 12
SHA256: ${SHA256}
`;
const HELLO = `Package: hello\nVersion: 1:2.10-5\nArchitecture: all\nFilename: pool/h/hello_2.10-5_all.deb\nSize: 0\nSHA256: ${SHA256}\n`;

async function indexOf(bytes: string | Uint8Array): Promise<Pick<IndexFile, 'file' | 'suite' | 'path'>> {
  const file = join(await temporaryFolder(), 'Packages');
  await writeFile(file, bytes);
  return { file, suite: 'sid', path: 'main/binary-amd64/Packages' };
}

async function read(
  bytes: string | Uint8Array,
  limits?: { fields: number; paragraphs: number },
): Promise<PackageLine[]> {
  const pieces = await Array.fromAsync(listPackages(await indexOf(bytes), () => true, limits));
  return pieces.flat();
}

describe('listPackages', () => {
  it('gives what says what a file is, where it is and what it was built from', async () => {
    expect(await read(`${LESS}\n${HELLO}`)).toEqual([
      {
        name: 'less',
        version: '668-1+b1',
        architecture: 'amd64',
        source: 'less-src',
        sourceVersion: '668-1',
        maintainer: 'Zoë Example <zoe@example.org>',
        path: 'pool/main/l/less/less_668-1+b1_amd64.deb',
        size: 12,
        sha256: SHA256,
      },
      {
        name: 'hello',
        version: '1:2.10-5',
        architecture: 'all',
        source: 'hello',
        sourceVersion: '1:2.10-5',
        maintainer: undefined,
        path: 'pool/h/hello_2.10-5_all.deb',
        size: 0,
        sha256: SHA256,
      },
    ]);
  });

  it('reads as the full reader does', async () => {
    const text = `\n \n${HELLO.replace('Package: ', 'pAcKaGe:\t')} \t\n\n\n${LESS.trimEnd()}`;
    const index = await indexOf(text);
    const suite = { baseUrl: '', archive: 'debian', suite: 'sid' } as VerifiedSuite;
    const full = (await Array.fromAsync(paragraphs(index))).map((paragraph) =>
      indexedBinary({ index: { ...index, component: 'main' } as IndexFile, suite, paragraph }),
    );
    const lines = await read(text);
    expect(lines).toHaveLength(2);
    expect(
      lines.map(({ name, version, architecture, source, sourceVersion, path, size, sha256 }) => [
        name,
        version,
        architecture,
        source,
        sourceVersion,
        `/${path}`,
        size,
        sha256,
      ]),
    ).toEqual(
      full.map((each) => [
        each.package,
        each.version,
        each.architecture,
        each.source,
        each.sourceVersion,
        each.url,
        each.size,
        each.sha256,
      ]),
    );
  });

  it('gives only what is asked for by its source, and checks the rest all the same', async () => {
    const wants = (source: string) => source === 'hello';
    const names = async (text: string) =>
      (await Array.fromAsync(listPackages(await indexOf(text), wants))).flat().map((line) => line.name);
    expect(await names(`${LESS}\n${HELLO}`)).toEqual(['hello']);
    await expect(names(`${LESS.replace('Size: 12', 'Size: -1')}\n${HELLO}`)).rejects.toMatchObject({
      code: 'INDEX_MALFORMED',
    });
  });

  it('reads an empty index as an empty list', async () => {
    expect(await read('')).toEqual([]);
    expect(await read('\n\n')).toEqual([]);
  });

  it.each<[string, string | Uint8Array]>([
    [
      'a field of 100 MB',
      Buffer.concat([Buffer.from('Package: less\nDescription: '), Buffer.alloc(100 * 1024 * 1024, 'x')]),
    ],
    ['a million fields', HELLO + Array.from({ length: 1_000_000 }, (_, number) => `X-${number}: y\n`).join('')],
    ['201 fields', HELLO + Array.from({ length: 195 }, (_, number) => `X-${number}: y\n`).join('')],
    ['bytes that are not UTF-8', Buffer.concat([Buffer.from(HELLO), Buffer.from([0x58, 0x3a, 0xff, 0x0a])])],
    ['a NUL byte', `${HELLO}X: \0\n`],
    ['a carriage return', HELLO.replaceAll('\n', '\r\n')],
    ['a wanted field twice', `${HELLO}Version: 2\n`],
    ['a wanted field twice in another case', `${HELLO}sha256: ${'b'.repeat(64)}\n`],
    ['a wanted field over two lines', HELLO.replace('Size: 0', 'Size: 0\n 1')],
    ['a continuation line without a field', ` x\n${HELLO}`],
    ['a line that is no field', `${HELLO}nonsense\n`],
    ['a comment', `# x\n${HELLO}`],
    ['a paragraph that is no package', `${HELLO}\nX: y\n`],
    ['a path that climbs', HELLO.replace('pool/h/', '../')],
    ['a source that is none', HELLO.replace('Version', 'Source: a b c\nVersion')],
    ['a version of a source that is none', HELLO.replace('Version', 'Source: abc (_)\nVersion')],
    ['a digest in capitals', HELLO.replace(SHA256, SHA256.toUpperCase())],
    ['a size of 16 digits', HELLO.replace('Size: 0', `Size: ${'1'.repeat(16)}`)],
  ])('refuses %s', async (_what, bytes) => {
    await expect(read(bytes)).rejects.toMatchObject({ code: 'INDEX_MALFORMED' });
  });

  it('stops at a number of paragraphs', async () => {
    const text = Array.from({ length: 4 }, () => HELLO).join('\n');
    expect(await read(text, { fields: 10, paragraphs: 4 })).toHaveLength(4);
    await expect(read(text, { fields: 10, paragraphs: 3 })).rejects.toMatchObject({ code: 'INDEX_MALFORMED' });
  });

  it('reads fields cut anywhere between two blocks', async () => {
    const long = `${LESS}X-Filler: ${'y'.repeat(1_500_000)}\n`;
    const lines = await read(`${long}\n`.repeat(6) + HELLO);
    expect(lines.map((line) => line.name)).toEqual([...Array(6).fill('less'), 'hello']);
  });
});
