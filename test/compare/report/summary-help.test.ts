import { describe, expect, it } from 'vitest';
import { helpAgainst } from '../../../compare/report/summary-help.ts';
import type { ReasonKind } from '../../../model/index.ts';

const helpOf = (
  kind: ReasonKind,
  readAs: string,
  evidence = '',
  left?: string,
  right?: string,
  at = 'a',
): string | undefined =>
  helpAgainst([
    {
      kind,
      files: 1,
      at,
      readAs,
      first: { kind, evidence, ...(left === undefined || right === undefined ? {} : { left, right }) },
    },
  ]);

describe('what helps', () => {
  it('against another mode is the umask only where that can have made it', () => {
    expect(helpOf('mode', 'tar-member', 'mode differs', '0755', '0775')).toBe('set the umask');
    expect(helpOf('mode', 'tar-member', 'mode differs', '0700', '0755')).toBe('set the umask');
    for (const mode of ['0755', '04644']) {
      const help = 'give files their modes (install -m)';
      expect(helpOf('mode', 'tar-member', 'mode differs', '0644', mode)).toBe(help);
      expect(helpOf('mode', 'tar-member', 'mode differs', mode, '0644')).toBe(help);
    }
  });

  it('against the date of gzip is to leave it out', () => {
    expect(helpOf('timestamp', 'gzip')).toContain('gzip -n');
    expect(helpOf('timestamp', 'text')).not.toContain('gzip');
  });

  it('against the file name in the header of gzip is to leave it out, and against other metadata is not known', () => {
    expect(helpOf('metadata', 'gzip', 'file name in the gzip header', 'a', 'b')).toBe('leave it out (gzip -n)');
    expect(helpOf('metadata', 'gzip', 'comment in the gzip header', 'a', 'b')).toBeUndefined();
    expect(helpOf('metadata', 'tar-member', 'linkname differs', 'a', 'b')).toBeUndefined();
    const given = 'give the compiler the same options, and the build the same environment';
    expect(helpOf('metadata', 'elf-section', 'options of the compiler differ: -O3')).toBe(given);
  });

  it('against times in extra fields of a zip archive is to leave those out', () => {
    const help = 'take dates from SOURCE_DATE_EPOCH, or leave extra fields out (zip -X)';
    expect(helpOf('timestamp', 'zip-member', 'local extra 0x5455 (times) differs')).toBe(help);
    expect(helpOf('timestamp', 'zip-member', 'mtime differs')).toBe('take dates from SOURCE_DATE_EPOCH');
  });

  it('against dates in a static library is to leave them out, and in a package not', () => {
    for (const kind of ['ar', 'ar-member'])
      expect(helpOf('timestamp', kind)).toBe('take dates from SOURCE_DATE_EPOCH, or leave them out (ar with D)');
    expect(helpOf('timestamp', 'deb-member')).toBe('take dates from SOURCE_DATE_EPOCH');
  });

  it('against a date in the text of a document is another variable, too', () => {
    const first = { kind: 'timestamp', evidence: '1 of 1 changed lines differ in dates' } as const;
    expect(helpAgainst([{ kind: 'timestamp', files: 1, at: 'text (pdftotext)', readAs: 'view', first }])).toBe(
      'take dates from SOURCE_DATE_EPOCH (of TeX with FORCE_SOURCE_DATE=1)',
    );
  });

  it('against dates that are whole hours apart is a time zone, where they name none', () => {
    const [left, right] = ['2024-05-05 10:00:00', '2024-05-05 19:00:00'];
    const zone = 'set the time zone (TZ=UTC), and take dates from SOURCE_DATE_EPOCH';
    expect(helpOf('timestamp', 'zip-member', 'mtime differs by 32400 s', left, right)).toBe(zone);
    expect(helpOf('timestamp', 'text', '1 of 1 changed lines differ in whole hours, as time zones do')).toBe(zone);
    for (const [evidence, date] of [
      ['mtime differs by 32401 s', left],
      ['mtime differs by 3600000 s', left],
      ['mtime differs by 3600 s', '2024-05-05T10:00:00Z'],
    ] as const)
      expect(helpOf('timestamp', 'tar-member', evidence, date, date)).toBe('take dates from SOURCE_DATE_EPOCH');
  });

  it('against another path of a program is to name it, and no other folder to build in', () => {
    const program = 'name programs by the same paths (of a merged /usr both exist)';
    for (const [left, right] of [
      ['/bin/sed', '/usr/bin/sed'],
      ['/usr/sbin/x', '/sbin/x'],
    ] as const)
      expect(helpOf('path', 'text', '1 of 1 changed lines differ in paths', left, right)).toBe(program);
    for (const [left, right] of [
      ['/bin/sh', '/bin/bash'],
      ['/usr/local/bin/perl', '/usr/bin/perl'],
    ] as const)
      expect(helpOf('path', 'text', '1 of 1 changed lines differ in paths', left, right)).toBe(
        'name programs by the same paths',
      );
    for (const [left, right] of [
      ['/build/a/bin/x', '/build/b/bin/x'],
      ['/bin/sh', '/build/a/sh'],
    ] as const)
      expect(helpOf('path', 'text', '1 of 1 changed lines differ in paths', left, right)).toContain('same folder');
  });

  it.each<[string, string, string]>([
    ['/lib/systemd/system', '/usr/lib/systemd/system', 'merged /usr'],
    ['/usr/lib/gcc/x86_64-linux-gnu/13/include', '/usr/lib/gcc/x86_64-linux-gnu/14/include', 'the same versions'],
    ['/usr/lib/python3.12/site.py', '/usr/lib/python3.13/site.py', 'the same versions'],
    ['/usr/lib/x86_64-linux-gnu/libfoo.so', '/usr/lib/i386-linux-gnu/libfoo.so', 'the same architecture'],
    ['/usr/share/vim/a', '/usr/share/emacs/a', 'the same packages installed'],
    ['/nonexistent/first-build/x', '/nonexistent/second-build/x', 'HOME'],
    ['/home/alice/.cache/foo', '/home/bob/.cache/foo', 'HOME'],
    ['/tmp/cc8HhGzf.o', '/tmp/ccQwErTy.o', 'leave out what temporary files are called'],
    ['/tmp/tmp.aB3dE5gH/x.c', '/tmp/tmp.Zq9dE5gH/x.c', 'Go), or leave out what temporary folders are called'],
    ['/tmp/tmp.aB3dE5gH', '/tmp/tmp.Zq9dE5gH', 'Go), or leave out what temporary folders are called'],
    ['/tmp/a/b/x.c', '/tmp/a/c/x.c', '-trimpath of Go)'],
    ['/build/a/libx.so.1', '/build/a/libx.so.2', 'same folder'],
    ['/build/a/one.txt', '/build/a/two.txt', 'name the file alike'],
    ['/home/alice', '/home/bob', 'HOME'],
    ['/home/alice/a/x.c', '/home/bob/a/x.c', 'same folder, or map it'],
    ['/usr/src/one/x.c', '/usr/src/two/x.c', 'same folder, or map it'],
    ['/usr/share/a', '/build/a', 'same folder, or map it'],
  ])('against %s for %s is no folder of the build but where one is: %s', (left, right, help) => {
    for (const [one, other] of [
      [left, right],
      [right, left],
    ] as const)
      expect(helpOf('path', 'text', '1 of 1 changed lines differ in paths', one, other)).toContain(help);
  });

  it('against a folder in the names of a dynamic linker is no option of a compiler', () => {
    const [left, right] = ['/build/a/lib', '/build/b/lib'];
    expect(helpOf('path', 'elf-section', '', left, right, '.dynstr')).toBe(
      'build in the same folder, or store none of it for libraries (RPATH, RUNPATH)',
    );
  });

  it('against other libraries that are needed is what the linker is given', () => {
    expect(helpOf('metadata', 'elf', 'what the linker was given differs: RUNPATH')).toBe(
      'link with the same options, and against the same libraries',
    );
  });

  it('against other commits of sources is no tool, and against digits no seed alone', () => {
    const commits = '1 of 1 changed lines differ in commits of sources';
    expect(helpOf('version-text', 'text', commits, '0123456789ab', 'fedcba987654')).toBe('build from the same commit');
    const digits = '1 of 1 changed lines differ in tokens of hex digits as long, as random ones are';
    expect(helpOf('random', 'text', digits, '0123456789ab', 'fedcba987654')).toBe(
      'find what the digits are a digest of, or give the same seed, or none',
    );
    const [left, right] = ['0f8fad5b-d9cb-469f-a165-70867728950e', '7c9e6679-7425-40de-944b-e07fc1f90ae7'];
    expect(helpOf('random', 'text', digits, left, right)).toBe('give the same seed, or none');
  });

  it('against functions and symbols in another order is no sorting of lists alone', () => {
    expect(helpOf('order', 'elf-section')).toContain('objects in the same order');
    expect(helpOf('order', 'tar')).toBe('sort what is listed or hashed');
  });

  it('against other code speaks of a linker only where there is one', () => {
    expect(helpOf('code', 'pe')).toContain('linker');
    expect(helpOf('code', 'java-class')).toBe('build with the same compiler');
    expect(helpOf('code', 'pyc')).toBe('build with the same compiler');
  });
});
