import { describe, expect, it } from 'vitest';
import { countsOf } from '../../../compare/comparison.ts';
import { report } from '../../../compare/index.ts';
import type { Difference, Reason } from '../../../model/index.ts';
import { comparisonOf } from '../../helpers/sample-comparison.ts';

const node = (path: string, kind: string, more: Partial<Difference> = {}): Difference => ({
  path,
  kind,
  left: {},
  right: {},
  notes: [],
  children: [],
  truncated: false,
  ...more,
});

const reason = (kind: Reason['kind'], evidence: string, left?: string, right?: string): Reason => ({
  kind,
  evidence,
  ...(left === undefined || right === undefined ? {} : { left, right }),
});

/** A package as dpkg-deb makes it: what is in control.tar and in data.tar. */
function packageOf(
  control: readonly Difference[],
  data: readonly Difference[],
  more: Partial<Difference> = {},
): Difference {
  const part = (name: string, children: readonly Difference[]): Difference =>
    node(`${name}.xz`, 'xz', { children: [node(name, 'tar', { children, ...more })] });
  return node('x.deb', 'deb', { children: [part('control.tar', control), part('data.tar', data)] });
}

async function summaryOf(
  difference: Difference,
  more: Parameters<typeof comparisonOf>[1] = {},
): Promise<readonly string[]> {
  const comparison = comparisonOf(difference, { counts: countsOf(difference), notes: [], ...more });
  const pieces = await report({ ...comparison, right: { ...comparison.right, notes: [] } }, 'summary', {
    next: 'look',
  });
  return [...pieces].join('').trimEnd().split('\n');
}

const checksums = node('./md5sums', 'digest-list', { reasons: [reason('checksum', 'they follow')] });

describe('the summary', () => {
  it('shows the version of a tool before that of the package itself', async () => {
    const control = node('./control', 'deb822', { reasons: [reason('version-text', 'of the package', '1', '1+b1')] });
    const changes = node('./changelog', 'debian-changelog', { reasons: [reason('version-text', 'too', '1', '1+b1')] });
    const page = node('./x.1', 'man-page', { reasons: [reason('version-text', 'it names a program', 'a 1', 'a 2')] });
    expect((await summaryOf(packageOf([control], [changes, page])))[2]).toBe(
      'why       version-text in 3 (./x.1: it names a program: a 1 -> a 2)',
    );
    expect((await summaryOf(packageOf([control], [changes])))[2]).toContain('(./control: of the package: 1 -> 1+b1)');
  });

  it('names the files of a package by how they differ, those last that say little', async () => {
    const page = (name: string): Difference =>
      node(`./${name}.gz`, 'gzip', { children: [node(`./${name}`, 'man-page')] });
    const header = { detail: 'equal content, other header', fields: [{ name: 'mtime', left: '1', right: '2' }] };
    const lines = await summaryOf(
      packageOf(
        [checksums],
        [node('./', 'tar-member', header), page('a.1'), page('b.1'), page('c.1'), page('d.1'), node('./x', 'elf')],
      ),
    );
    expect(lines).toHaveLength(5);
    expect(lines[1]).toBe(
      'what      4 man-page: ./a.1.gz, ./b.1.gz, ./c.1.gz and 1 more; 1 elf: ./x; 1 only by mtime: ./; 1 other',
    );
  });

  it('tells causes with what either side has, by files, apart from what follows', async () => {
    const tool = reason('version-text', 'it names a program', 'tool 1', 'tool 2');
    const elf = node('./e', 'elf', {
      reasons: [reason('build-id', 'the linker made it'), tool],
      children: [node('.comment', 'elf-section', { reasons: [tool, tool] })],
    });
    const lines = await summaryOf(packageOf([checksums], [node('./t', 'text', { reasons: [tool] }), elf]));
    expect(lines[2]).toBe(
      'why       version-text in 2 (./t: it names a program: tool 1 -> tool 2); consequences: build-id in 1, checksum in 1',
    );
    expect(lines[4]).toBe('next      build with the same versions of the tools that are named; all of it: look');
  });

  it('tells causes of the archive itself', async () => {
    const moved = { reasons: [reason('order', 'members in another order')] };
    const lines = await summaryOf(packageOf([], [node('./t', 'text')], moved));
    expect(lines[2]).toBe('why       order in 1 (control.tar: members in another order)');
    expect(lines[4]).toBe('next      sort what is listed or hashed; all of it: look');
  });

  it('gives the linker no advice to sort, and two versions none at all', async () => {
    const linked = node('./e', 'elf', { reasons: [reason('order', 'sections in another order')] });
    expect((await summaryOf(packageOf([], [linked])))[4]).toBe(
      'next      build with the same compiler and linker, given its objects in the same order; all of it: look',
    );
    const control = node('./control', 'deb822', { fields: [{ name: 'Version', left: '1', right: '2' }] });
    expect((await summaryOf(packageOf([control], [linked])))[4]).toBe('next      look');
  });

  it('names parts where there are no files, and the input itself where there are no parts', async () => {
    const sections = ['.text', '.data'].map((name) => node(name, 'elf-section'));
    expect((await summaryOf(node('x', 'elf', { children: sections })))[1]).toBe(
      'what      2 elf-section: .text, .data',
    );
    const lines = await summaryOf(node('x', 'text', { diff: '@@ -1,1 +1,1 @@\n-a\n+b\n' }));
    expect(lines.slice(1, 4)).toEqual([
      'what      1 text: x',
      'why       no cause that the bytes show',
      'unseen    nothing that was found to differ was left out',
    ]);
  });

  it('names a file itself where nothing is in it but what a format shows of it', async () => {
    const strings = node('strings', 'view', { diff: '@@ -1,1 +1,1 @@\n-a\n+b\n' });
    expect((await summaryOf(node('x', 'bytes', { children: [strings] })))[1]).toBe('what      1 bytes: x');
    const said = node('diffoscope', 'diffoscope');
    expect((await summaryOf(node('x', 'bytes', { children: [strings, said] })))[1]).toBe('what      1 bytes: x');
    const section = node('.text', 'elf-section');
    expect((await summaryOf(node('x', 'elf', { children: [section, said] })))[1]).toBe(
      'what      1 elf-section: .text',
    );
    const packed = node('x.xz', 'xz', { children: [node('x', 'bytes', { children: [strings] })] });
    expect((await summaryOf(packed))[1]).toBe('what      1 xz: x.xz');
  });

  it('shows of long sides that are alike at first where they differ', async () => {
    const [left, right] = ['1', '2'].map((end) => `${'same '.repeat(30)}${end}`) as [string, string];
    const file = node('x', 'text', { reasons: [reason('timestamp', 'a date', left, right)] });
    expect((await summaryOf(file))[2]).toMatch(/: … \(\d+ characters\) …(?:same ){8}1 -> … .*same 2\)$/);
  });

  it('names of as many files the cause first that something helps against', async () => {
    const file = node('x', 'elf', { reasons: [reason('debug-info', 'only that'), reason('path', 'of the build')] });
    expect((await summaryOf(file))[2]).toMatch(/^why {7}path in 1 .*; debug-info in 1/);
    const paper = node('x', 'pdf', { reasons: [reason('random', 'an id'), reason('timestamp', 'a date')] });
    expect((await summaryOf(paper))[2]).toMatch(/^why {7}timestamp in 1 .*; random in 1/);
  });

  it('takes other options of a compiler for a cause, and an installed size for what follows', async () => {
    const options = reason('metadata', 'options of the compiler differ: -O3', '-O2', '-O3');
    const debug = node('./x', 'elf', {
      reasons: [reason('code', 'instructions of functions differ')],
      children: [node('.debug_info', 'elf-section', { reasons: [options] })],
    });
    const size = node('./control', 'deb822', { reasons: [reason('metadata', 'installed-size follows from files')] });
    const lines = await summaryOf(packageOf([size], [debug]));
    expect(lines[2]).toBe(
      'why       metadata in 1 (.debug_info: options of the compiler differ: -O3: -O2 -> -O3); ' +
        'code in 1 (./x: instructions of functions differ); consequences: metadata in 1',
    );
    expect(lines[4]).toBe(
      'next      give the compiler the same options, and the build the same environment; all of it: look',
    );
  });

  it('takes what is stored about a file for a cause: nothing else there differs', async () => {
    const link = node('./l', 'tar-member', { reasons: [reason('metadata', 'linkname differs', 's', './s')] });
    const lines = await summaryOf(packageOf([], [link]));
    expect(lines[2]).toBe('why       metadata in 1 (./l: linkname differs: s -> ./s)');
    expect(lines[4]).toBe('next      look');
  });

  it('shows of all metadata first what a build was given, which something helps against', async () => {
    const link = node('./l', 'tar-member', { reasons: [reason('metadata', 'linkname differs', 's', './s')] });
    const list = node('./x.buildinfo', 'deb822', {
      reasons: [reason('metadata', 'variables of the build differ: LANG')],
    });
    const lines = await summaryOf(packageOf([], [link, list]));
    expect(lines[2]).toBe('why       metadata in 2 (./x.buildinfo: variables of the build differ: LANG)');
    expect(lines[4]).toBe('next      give the build the same environment; all of it: look');
  });

  it('takes hashes of what a compiler was given for a cause', async () => {
    const evidence = '1 of 6 changed lines differ in hashes of what rustc was given';
    const lines = await summaryOf(node('./x', 'elf', { reasons: [reason('metadata', evidence)] }));
    expect(lines[2]).toBe(`why       metadata in 1 (./x: ${evidence})`);
  });

  it('takes the digits in names of a list of digests for what follows', async () => {
    const named = node('./md5sums', 'digest-list', { reasons: [reason('random', 'digits', 'a1', 'b1')] });
    const lines = await summaryOf(packageOf([named], [node('./x', 'text')]));
    expect(lines[2]).toBe('why       no cause that the bytes show; consequences: random in 1');
    expect(lines[4]).toBe('next      look');
  });

  it('takes what a linker was given, and an environment, for a cause', async () => {
    const given = reason('metadata', 'what the linker was given differs: RUNPATH', '/a', '/b');
    const lines = await summaryOf(packageOf([], [node('./x', 'elf', { reasons: [given] })]));
    expect(lines[2]).toBe('why       metadata in 1 (./x: what the linker was given differs: RUNPATH: /a -> /b)');
    const variables = reason('metadata', 'variables of an environment differ: LANG', 'LANG=C', 'LANG=de');
    const others = await summaryOf(packageOf([], [node('./x', 'text', { reasons: [variables] })]));
    expect(others[2]).toMatch(/^why {7}metadata in 1 /);
    expect(others[4]).toBe('next      give the build the same environment; all of it: look');
  });

  it('names the parts of a package where no file differs', async () => {
    const equal = {
      detail: 'the unpacked content is equal',
      reasons: [reason('compression', 'the unpacked content is equal')],
    };
    const lines = await summaryOf(node('x.deb', 'deb', { children: [node('data.tar.xz', 'xz', equal)] }));
    expect(lines[1]).toBe('what      1 xz: data.tar.xz');
    expect(lines[4]).toBe('next      use the same compressor and settings; all of it: look');
  });

  it('tells which node is not explained to the end, and why', async () => {
    const cut = (more: Partial<Difference>): Difference =>
      packageOf([], [node('./t', 'text', { truncated: true, ...more })]);
    const noted = await summaryOf(cut({ notes: ['said before', 'the limit was reached'] }));
    expect(noted[3]).toBe('unseen    1 of 6 nodes not explained to the end, such as ./t (the limit was reached)');
    const long = await summaryOf(cut({ diff: '@@ -1,1 +1,1 @@\n-a\n+b\n' }));
    expect(long[3]).toBe(
      'unseen    1 of 6 nodes not explained to the end, such as ./t (its lines are not all shown in full)',
    );
  });

  it('tells of a node that is not explained to the end nothing but what is about that', async () => {
    const section = node('.text', 'elf-section', { notes: ['not shown: no more programs may be run'] });
    const file = node('x', 'elf', { truncated: true, notes: ['2 sections moved'], children: [section] });
    expect((await summaryOf(file))[3]).toBe(
      'unseen    1 of 2 nodes not explained to the end, such as x (not shown: no more programs may be run)',
    );
    expect((await summaryOf({ ...file, children: [] }))[3]).toBe(
      'unseen    1 of 1 nodes not explained to the end, such as x',
    );
  });

  it.each([
    'differing functions with names: ELF_LIMIT',
    '5 members of equal content differ in mtime, such as a: ELF_MALFORMED: b',
  ])('takes no name from a file for a failure: %s', async (note) => {
    const lines = await summaryOf(node('x', 'elf', { notes: [note] }));
    expect(lines[3]).toBe('unseen    nothing that was found to differ was left out');
    const cut = await summaryOf(node('x', 'elf', { notes: [note, 'ELF_LIMIT: too much'], truncated: true }));
    expect(cut[3]).toContain('such as x (ELF_LIMIT: too much)');
  });

  it.each([
    'PROGRAM_FAILED: running xz: unexpected end of input',
    'ARCHIVE_MALFORMED: reading tar: it ends early',
    'instructions are not shown: PROGRAM_FAILED: running objdump: killed',
    'objdump is not installed: what it would show is left out',
  ])('tells what could not be read: %s', async (note) => {
    const part = node('part', 'bytes', { notes: ['the size differs', note] });
    expect((await summaryOf(node('x', 'xz', { children: [part, part] })))[3]).toBe(
      `unseen    2 of 3 nodes could not be read to the end, such as part (${note})`,
    );
  });
});
