import { describe, expect, it } from 'vitest';
import { parseParagraphs } from '../../../../formats/index.ts';
import { type PackageEntry, readPackageEntry } from '../../../../rebuilder/ecosystem/debian/package-entry.ts';

const ENTRY = `Package: libc-bin
Source: glibc (2.41-12)
Version: 2.41-12+b1
Architecture: amd64
Essential: yes
Priority: required
Multi-Arch: foreign
Pre-Depends: libc6 (>> 2.41),
 libc6 (<< 2.42)
Depends: a | b
Filename: pool/main/g/glibc/libc-bin_2.41-12+b1_amd64.deb
Size: 638748
SHA256: ${'0123456789abcdef'.repeat(4)}
`;

function read(text: string): PackageEntry {
  const [paragraph] = parseParagraphs(Buffer.from(text), { paragraphBytes: 10_000, fields: 50 });
  return readPackageEntry(paragraph!);
}

describe('an entry of a Packages index', () => {
  it('is read field by field', () => {
    expect(read(ENTRY)).toEqual({
      package: 'libc-bin',
      version: '2.41-12+b1',
      architecture: 'amd64',
      source: 'glibc',
      sourceVersion: '2.41-12',
      filename: 'pool/main/g/glibc/libc-bin_2.41-12+b1_amd64.deb',
      size: 638748,
      sha256: '0123456789abcdef'.repeat(4),
      essential: true,
      priority: 'required',
      multiArch: 'foreign',
      preDepends: 'libc6 (>> 2.41), libc6 (<< 2.42)',
      depends: 'a | b',
      provides: '',
      conflicts: '',
      breaks: '',
    });
  });

  it('has its own name and version for its source where none is said', () => {
    expect(read(ENTRY.replace(/Source:.*\n/, ''))).toMatchObject({ source: 'libc-bin', sourceVersion: '2.41-12+b1' });
    expect(read(ENTRY.replace('glibc (2.41-12)', 'glibc'))).toMatchObject({
      source: 'glibc',
      sourceVersion: '2.41-12+b1',
    });
  });

  it('takes versions with an epoch, and file names that carry one', () => {
    const text = ENTRY.replace('Version: ', 'Version: 1:').replace('libc-bin_2.41', 'libc-bin_1:2.41');
    expect(read(text)).toMatchObject({ version: '1:2.41-12+b1' });
  });

  it.each([
    ['Package', 'libc-bin', '../x'],
    ['Package', 'libc-bin', 'Libc'],
    ['Version', '2.41-12+b1', '2.41 12'],
    ['Version', '2.41-12+b1', '-1'],
    ['Source', 'glibc (2.41-12)', 'glibc ()'],
    ['Source', 'glibc (2.41-12)', 'glibc (2) x'],
    ['Source', 'glibc (2.41-12)', 'g/l'],
    ['Architecture', 'amd64', 'amd64/..'],
    ['Filename', 'pool/main', '/pool/main'],
    ['Filename', 'pool/main', 'pool/../main'],
    ['Filename', 'pool/main', 'pool/./main'],
    ['Filename', 'pool/main', 'pool//main'],
    ['Filename', 'pool/main', 'pool/%2e%2e'],
    ['Filename', 'pool/main', 'pool/ma?in'],
    ['Filename', 'pool/main', 'pool\\main'],
    ['Filename', 'pool/main', 'https://example.org'],
    ['Size', '638748', '-1'],
    ['Size', '638748', '0638748'],
    ['Size', '638748', '6e9'],
    ['Size', '638748', '9999999999999999'],
    ['SHA256', '0123456789abcdef', '0123456789ABCDEF'],
    ['SHA256', '0123456789abcdef', '0123456789abcde'],
  ])('is refused when its %s is not %s but %s', (field, good, bad) => {
    const text = ENTRY.replace(new RegExp(`^(${field}: .*)$`, 'm'), (line) => line.replace(good, bad));
    expect(text).not.toBe(ENTRY);
    expect(() => read(text)).toThrow(
      expect.objectContaining({
        code: 'INDEX_MALFORMED',
        message: expect.stringContaining(`${field} is missing or malformed`),
      }),
    );
  });

  it.each(['Package', 'Version', 'Architecture', 'Filename', 'Size', 'SHA256'])('is refused without %s', (field) => {
    expect(() => read(ENTRY.replace(`${field}:`, `X-${field}:`))).toThrow(
      expect.objectContaining({ code: 'INDEX_MALFORMED', context: expect.objectContaining({ field }) }),
    );
  });
});
