import { describe, expect, it } from 'vitest';
import { readPackageList } from '../../../rebuilder/host/index.ts';

const LESS = { name: 'less', version: '668-1', architecture: 'amd64' };
const LIBC = { name: 'libc6', version: '2.41-12', architecture: 'amd64' };

describe('lists of packages', () => {
  it.each([
    ['dpkg-query with a format', 'less 668-1 amd64\nlibc6 2.41-12 amd64\n'],
    ['dpkg-query alone', 'less:amd64\t668-1\nlibc6:amd64\t2.41-12\n'],
    [
      'dpkg -l',
      [
        'Desired=Unknown/Install/Remove/Purge/Hold',
        '| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend',
        '|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)',
        '||/ Name           Version      Architecture Description',
        '+++-==============-============-============-=================================',
        'ii  less           668-1        amd64        pager program similar to more',
        'rc  gone           1.0          amd64        removed, its configuration is there',
        'hi  libc6:amd64    2.41-12      amd64        GNU C Library: Shared libraries',
      ].join('\n'),
    ],
    [
      'apt list --installed',
      'Listing... Done\nless/stable,now 668-1 amd64 [installed]\nlibc6/stable,now 2.41-12 amd64 [installed,automatic]\n',
    ],
    [
      'a .buildinfo',
      [
        '-----BEGIN PGP SIGNED MESSAGE-----',
        'Format: 1.0',
        'Build-Architecture: amd64',
        'Checksums-Sha256:',
        ` ${'a'.repeat(64)} 100 less_668-1_amd64.deb`,
        'Installed-Build-Depends:',
        ' less:amd64 (= 668-1),',
        ' libc6:amd64 (= 2.41-12)',
        'Environment:',
        ' LANG="C.UTF-8"',
        '-----BEGIN PGP SIGNATURE-----',
        'iQIzBAEBCgAdFiEEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      ].join('\n'),
    ],
    [
      'a lock',
      JSON.stringify({
        schema: 'reproof-lock/1',
        layers: [{ packages: [{ ...LESS, size: 1 }] }, { packages: [LIBC] }],
      }),
    ],
  ])('reads what %s has', (_what, text) => {
    expect(readPackageList(text)).toEqual({ packages: [LESS, LIBC], unread: 0, unreadLines: [] });
  });

  it('leaves the architecture open where a list does not say it', () => {
    expect(readPackageList(' less (= 668-1),').packages).toEqual([{ name: 'less', version: '668-1' }]);
  });

  it('has a package once', () => {
    expect(readPackageList('less 668-1 amd64\nless 668-1 amd64\n').packages).toEqual([LESS]);
  });

  it('counts lines that are no packages, and shows the beginning of the first few', () => {
    const { packages, unread, unreadLines } = readPackageList(
      `less 668-1 amd64\n<script>alert(1)</script>\n${'x'.repeat(10_000_000 / 10)}\n${'?\n'.repeat(9)}`,
    );
    expect(packages).toEqual([LESS]);
    expect(unread).toBe(11);
    expect(unreadLines).toHaveLength(5);
    expect(unreadLines[0]).toEqual({ line: 2, text: '<script>alert(1)</script>' });
    expect(unreadLines[1]?.text).toHaveLength(120);
  });

  it.each([
    ['more bytes', 'x'.repeat(11), { bytes: 10, packages: 5 }, 'REQUEST_TOO_LARGE'],
    ['more packages', 'a 1 all\nb 1 all\n', { bytes: 100, packages: 1 }, 'REQUEST_TOO_LARGE'],
    ['JSON that is cut', '{"layers": [', undefined, 'REQUEST_INVALID'],
    ['other JSON', '{"layers": [{}]}', undefined, 'REQUEST_INVALID'],
    ['a package that is none', '{"packages": [{"name": "../x", "version": "1"}]}', undefined, 'REQUEST_INVALID'],
  ])('refuses %s', (_what, text, limits, code) => {
    expect(() => readPackageList(text, limits)).toThrow(expect.objectContaining({ code }));
  });
});
