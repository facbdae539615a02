import { describe, expect, it } from 'vitest';
import { bufferSource, explain } from '../../../compare/index.ts';
import type { Difference } from '../../../model/index.ts';
import { mirror } from '../../helpers/mirror.ts';

/** Both ways round: the second must be the first mirrored. */
async function compare(name: string, left: string, right: string): Promise<Difference> {
  const sources = [left, right].map((text) => bufferSource(name, Buffer.from(text)));
  const [old, now] = sources as [(typeof sources)[0], (typeof sources)[0]];
  const found = await explain(old, now);
  expect(await explain(now, old)).toEqual(mirror(found));
  return found;
}

const control = (fields: Record<string, string>): string =>
  Object.entries({ Package: 'x', Version: '1-1', Architecture: 'amd64', ...fields, Description: 'x\n about x' })
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
const signed = (text: string, signature: string, hash = 'SHA512'): string =>
  `-----BEGIN PGP SIGNED MESSAGE-----\nHash: ${hash}\n\n${text}\n-----BEGIN PGP SIGNATURE-----\n\n${signature}\n-----END PGP SIGNATURE-----\n`;

describe('explaining how two control files differ', () => {
  it('names the fields, and of a list only the items that differ', async () => {
    const found = await compare(
      './control',
      control({ Depends: 'libc6 (>= 2.36), perl, zlib1g', 'Installed-Size': '10' }),
      control({ Depends: 'libc6 (>= 2.38), perl, zlib1g', 'Installed-Size': '11', Homepage: 'https://example.org' }),
    );
    expect(found.kind).toBe('deb822');
    expect(found.fields).toEqual([
      { name: 'Depends: what differs', left: 'libc6 (>= 2.36)', right: 'libc6 (>= 2.38)' },
      { name: 'Homepage', right: 'https://example.org' },
      { name: 'Installed-Size', left: '10', right: '11' },
    ]);
    expect(found.reasons?.map(({ kind }) => kind)).toEqual(['version-text', 'metadata']);
  });

  it('tells values apart that differ far behind', async () => {
    const linked = (last: string): string => control({ Homepage: `https://example.org/${'x'.repeat(3000)}${last}` });
    const found = await compare('./control', linked('a'), linked('b'));
    expect(found.fields?.map(({ name }) => name)).toEqual(['Homepage']);
  });

  it('tells another order of a list, of fields, and other blanks from other content', async () => {
    const found = await compare(
      'control',
      control({ Depends: 'a, b', Provides: 'c,  d', Section: 'x', Priority: 'y' }),
      control({ Depends: 'b, a', Provides: 'c, d', Priority: 'y', Section: 'x' }),
    );
    expect(found.fields).toBeUndefined();
    expect(found.reasons).toEqual([
      { kind: 'order', evidence: 'Depends: the same items in another order' },
      { kind: 'whitespace', evidence: 'Provides: only blanks and line ends differ' },
      { kind: 'order', evidence: 'the same fields in another order' },
    ]);
  });

  it('leaves what is between paragraphs, and what is no control file, to the comparison of text', async () => {
    expect((await compare('control', control({}), `${control({})}\n\n`)).kind).toBe('text');
    const broken = await compare('control', control({}), `${control({})}no field\n`);
    expect(broken).toMatchObject({ kind: 'text', notes: [expect.stringContaining('DEB822_SYNTAX')] });
  });

  it('shows a field in another case and an empty field', async () => {
    const found = await compare('control', control({ Essential: 'no' }), control({ essential: 'no', Tag: '' }));
    expect(found.fields).toEqual([
      { name: 'essential, as it is written', left: 'Essential', right: 'essential' },
      { name: 'Tag', right: '' },
    ]);
  });
});

describe('naming why a list of a control file differs', () => {
  it.each([
    ['other versions', 'Depends', 'a (= 1), b', 'a (= 2), b', 1],
    ['a version on one side', 'Depends', 'a', 'a (= 2)', 1],
    ['another alternative', 'Depends', 'a | b', 'a | c', 0],
    ['another architecture', 'Build-Depends', 'a [amd64]', 'a [arm64]', 0],
    ['people of one name', 'Uploaders', 'Jo A <a@example.org>', 'Jo B <b@example.org>', 0],
    ['tags of one kind', 'Tag', 'role::program', 'role::plugin', 0],
  ])('speaks of versions where they differ alone: %s', async (_, name, left, right, count) => {
    const of = (value: string): string => control({ Package: 'a', [name]: value });
    const found = await compare('control', of(left), of(right));
    expect(found.fields).toHaveLength(1);
    expect((found.reasons ?? []).filter(({ kind }) => kind === 'version-text')).toHaveLength(count);
  });

  it('says of build-ids that they follow', async () => {
    const of = (id: string): string => control({ Package: 'a-dbgsym', 'Build-Ids': id.repeat(40) });
    const found = await compare('control', of('a'), of('b'));
    expect(found.reasons).toMatchObject([{ kind: 'build-id' }]);
  });

  it('takes no size of ten figures for a date', async () => {
    const of = (size: string): string => control({ Package: 'a', Size: size });
    const found = await compare('control', of('1700000000'), of('1700000001'));
    expect(found.reasons ?? []).toEqual([]);
  });
});

describe('explaining how two .buildinfo, .changes or .dsc differ', () => {
  const info = (date: string, depends: string, sums: string): string =>
    `Format: 1.0\nSource: x\nChecksums-Sha256:\n ${sums} 10 x.deb\nBuild-Date: ${date}\nBuild-Path: /build/x-${sums}\nInstalled-Build-Depends:\n autoconf (= 2.71-3),\n ${depends}\n`;

  it('knows dates, paths, digests and versions of build dependencies', async () => {
    const found = await compare(
      'x.buildinfo',
      info('Mon, 02 Jan 2023 10:00:00 +0000', 'gcc (= 12)', 'aaaa'),
      info('Tue, 03 Jan 2023 11:00:01 +0000', 'gcc (= 13)', 'bbbb'),
    );
    expect(found.reasons?.map(({ kind }) => kind)).toEqual(['metadata', 'path', 'checksum', 'version-text']);
    expect(found.fields).toContainEqual({
      name: 'Installed-Build-Depends: what differs',
      left: 'gcc (= 12)',
      right: 'gcc (= 13)',
    });
  });

  it('tells other versions of what was installed from packages that were installed for one side only', async () => {
    const of = (...items: string[]): string => control({ Package: 'a', 'Installed-Build-Depends': items.join(', ') });
    const alone = {
      kind: 'missing-or-extra',
      evidence: 'installed-build-depends: packages that were installed for one side only',
    };
    const [left, right] = [
      of('gcc-12 (= 12)', 'libc6 (= 2)', 'perl (= 5)'),
      of('gcc-13 (= 13)', 'libc6 (= 3)', 'perl (= 5)'),
    ];
    expect((await compare('x.buildinfo', left, right)).reasons).toEqual([
      { kind: 'version-text', evidence: 'installed-build-depends: packages with other versions: 1' },
      { ...alone, left: 'gcc-12 (= 12)', right: 'gcc-13 (= 13)' },
    ]);
    const twice = await compare('x.buildinfo', of('a (= 1)', 'a (= 2)', 'b (= 1)'), of('a (= 3)'));
    expect(twice.reasons?.[0]?.evidence).toBe('installed-build-depends: packages with other versions: 1');
    const more = await compare('x.buildinfo', of('libc6 (= 2)'), of('libc6 (= 2)', 'perl (= 5)'));
    expect(more.reasons).toEqual([{ ...alone, left: 'none', right: 'perl (= 5)' }]);
  });

  it('names the variables of a build that differ', async () => {
    const of = (...lines: string[]): string => control({ Package: 'a', Environment: ['', ...lines].join('\n ') });
    const found = await compare('x.buildinfo', of('LANG="C"', 'TZ="UTC"', 'X="1"'), of('LANG="tr_TR"', 'X="1"'));
    const evidence = 'variables of the build differ: LANG TZ';
    expect(found.reasons).toEqual([{ kind: 'metadata', evidence, left: 'LANG="C" TZ="UTC"', right: 'LANG="tr_TR"' }]);
  });

  it('takes the moment of building, which no build repeats, for no date that could be the same', async () => {
    const of = (name: string, value: string): string => control({ Package: 'a', [name]: value });
    const dates = ['Mon, 02 Jan 2023 10:00:00 +0000', 'Tue, 03 Jan 2023 11:00:01 +0000'] as const;
    const built = await compare('x.buildinfo', of('Build-Date', dates[0]), of('Build-Date', dates[1]));
    expect(built.fields).toEqual([{ name: 'Build-Date', left: dates[0], right: dates[1] }]);
    expect(built.reasons).toEqual([{ kind: 'metadata', evidence: 'build-date is when it was built' }]);
    const listed = await compare('x.changes', of('Date', dates[0]), of('Date', dates[1]));
    expect(listed.reasons).toMatchObject([{ kind: 'timestamp', evidence: 'field Date differs in a date' }]);
  });

  it('sets a signature apart', async () => {
    const text = info('Mon, 02 Jan 2023 10:00:00 +0000', 'gcc (= 12)', 'aaaa');
    const found = await compare('x.buildinfo', signed(text, 'one'), signed(text, 'two'));
    expect(found.detail).toBe('the signed text is equal: only the signature around it differs');
    expect(found.reasons).toMatchObject([{ kind: 'signature' }]);
    expect(found.children).toMatchObject([{ path: 'signature.asc', kind: 'text' }]);
    const unsigned = await compare('x.buildinfo', signed(text, 'one'), text);
    expect(unsigned.fields).toContainEqual({ name: 'signed', left: 'yes', right: 'no' });
  });

  it('compares what is signed', async () => {
    const [old, now] = ['gcc (= 12)', 'gcc (= 13)'].map((gcc) => info('now', gcc, 'aaaa')) as [string, string];
    const found = await compare('x.dsc', signed(old, 'one'), signed(now, 'two', 'SHA256'));
    expect(found.fields?.map(({ name }) => name)).toEqual([
      'Installed-Build-Depends: what differs',
      'header of the signed message',
    ]);
    expect(found.reasons?.map(({ kind }) => kind)).toEqual(['version-text', 'signature']);
  });
});

describe('explaining how two lists of digests differ', () => {
  const line = (digit: string, path: string): string => `${digit.repeat(32)}  ${path}\n`;

  it('compares by path, whatever the order', async () => {
    const found = await compare(
      './md5sums',
      line('1', 'b') + line('2', 'a') + line('3', 'c'),
      line('2', 'a') + line('4', 'b') + line('3', 'c'),
    );
    expect(found.diff?.split('\n').filter((text) => /^[+-]/.test(text))).toEqual([
      `-${line('1', 'b').trim()}`,
      `+${line('4', 'b').trim()}`,
    ]);
    expect(found.reasons).toMatchObject([{ kind: 'checksum' }]);
  });

  it('says that only the order differs', async () => {
    const found = await compare('md5sums', line('1', 'b') + line('2', 'a'), line('2', 'a') + line('1', 'b'));
    expect(found).toMatchObject({ kind: 'digest-list', reasons: [{ kind: 'order' }] });
  });

  it('leaves what is no list to the comparison of text', async () => {
    const marked = await compare('md5sums', line('1', 'b'), line('1', 'b').replace('  ', ' *'));
    expect(marked.reasons).toEqual([{ kind: 'metadata', evidence: 'the same digests, read as text or as binary' }]);
    expect((await compare('md5sums', line('1', 'b'), `${line('1', 'b')}more\n`)).kind).toBe('text');
    expect((await compare('md5sums', line('1', 'b'), line('1', 'b').trim())).kind).toBe('text');
  });
});
