import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isReproofError, sha256Of } from '../../../model/index.ts';
import { runProgram } from '../../../programs/index.ts';
import { DEB_LIMITS, type DebLimits, readDeb } from '../../../rebuilder/inventory/index.ts';
import type { ArtifactContents } from '../../../sbom/index.ts';
import { chunksOf } from '../../helpers/chunks.ts';
import { CONTROL, type HandMadeMember, handMadeAr, handMadeDeb, handMadeTar } from '../../helpers/hand-made-deb.ts';
import { temporaryFolder } from '../../helpers/run-cli.ts';

const read = (bytes: Uint8Array, limits: Partial<DebLimits> = {}, chunk = 65_536): Promise<ArtifactContents> =>
  readDeb(chunksOf(bytes, chunk), {
    name: 'small.deb',
    limits: { ...DEB_LIMITS, ...limits },
    signal: new AbortController().signal,
  });
const file = (name: string, text = name): HandMadeMember => ({ name, content: Buffer.from(text) });
const malformed = { code: 'ARCHIVE_MALFORMED' };
const DEP5 = 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n';

describe('reading a .deb', () => {
  it.each(['gzip', 'xz', 'zstd', 'none'])('packed by %s tells what dpkg-deb unpacks', async (packed) => {
    const folder = await temporaryFolder();
    const tree = join(folder, 't');
    await mkdir(join(tree, 'usr/share/doc/small'), { recursive: true });
    await mkdir(join(tree, 'DEBIAN'));
    await writeFile(join(tree, 'DEBIAN/control'), CONTROL);
    await writeFile(join(tree, 'usr/share/doc/small/copyright'), `${DEP5}\nFiles: *\nLicense: GPL-2+\n`);
    await writeFile(join(tree, 'usr/share/big'), Buffer.alloc(300_000, 'x'));
    await writeFile(join(tree, 'usr/share/empty'), '');
    await symlink('big', join(tree, 'usr/share/link'));
    const limits = { wallSeconds: 30, outputBytes: 1_000_000 };
    await runProgram(['ln', join(tree, 'usr/share/big'), join(tree, 'usr/share/hard')], { limits });
    const env = { SOURCE_DATE_EPOCH: '1704067200' };
    const argv = ['dpkg-deb', '--root-owner-group', `-Z${packed}`, '-b', 't', 'x.deb'] as const;
    expect(await runProgram([...argv], { limits, env, cwd: folder })).toMatchObject({ status: 0 });
    await runProgram(['dpkg-deb', '-x', 'x.deb', 'unpacked'], { limits, cwd: folder });

    const bytes = await readFile(join(folder, 'x.deb'));
    const contents = await read(bytes);
    const names = await readdir(join(folder, 'unpacked'), { recursive: true, withFileTypes: true });
    const unpacked = await Promise.all(
      names
        .filter((entry) => entry.isFile())
        .map(async (entry) => {
          const path = join(entry.parentPath, entry.name);
          const content = await readFile(path);
          const sha1 = createHash('sha1').update(content).digest('hex');
          return { kind: 'file', path: path.slice(join(folder, 'unpacked').length), sha1, sha256: sha256Of(content) };
        }),
    );
    const byPath = (left: { path: string }, right: { path: string }) => (left.path < right.path ? -1 : 1);
    expect(contents.files.filter(({ kind }) => kind === 'file').sort(byPath)).toEqual(unpacked.sort(byPath));
    expect(unpacked).toHaveLength(4);
    expect(contents.files).toContainEqual({ kind: 'symlink', path: '/usr/share/link', target: 'big' });
    expect(contents).toMatchObject({
      package: { name: 'small', version: '1.0-1', architecture: 'amd64' },
      source: { name: 'small', version: '1.0-1' },
      relations: { Depends: 'libc6 (>= 2.34)' },
      file: { name: 'small.deb', size: bytes.length, sha256: sha256Of(bytes) },
      licences: ['GPL-2+'],
      builtAt: 1_704_067_200,
    });
  });

  it('is the same in pieces of any size', async () => {
    const deb = handMadeDeb([file('./a'), file('./b')]);
    const whole = await read(deb, {}, deb.length);
    expect(await read(deb, {}, 1)).toEqual(whole);
    expect(await read(deb, {}, 7)).toEqual(whole);
  });

  it('refuses one that is cut at any byte', async () => {
    const deb = handMadeDeb([file('./a')]);
    for (let length = 0; length < deb.length - 1; length++)
      await expect(read(deb.subarray(0, length)), `cut at ${length}`).rejects.toMatchObject(malformed);
  });

  it('tells names apart that do not print, or are no UTF-8, and shows none as it is', async () => {
    const names = [
      './a\x1b[2J',
      './a\n',
      './\xe2\x80\xaegnp.exe',
      './\xff\xfe',
      './\\xff\\xfe',
      './caf\xc3\xa9',
      './caf\xe9',
    ];
    const { files } = await read(handMadeDeb(names.map((name) => file(name))));
    expect(files.map(({ path }) => path)).toEqual([
      '/a\\x1b[2J',
      '/a\\n',
      '/\\u{202e}gnp.exe',
      '/\\xff\\xfe',
      '/\\\\xff\\\\xfe',
      '/café',
      '/caf\\xe9',
    ]);
  });

  it('reads names with and without a dot before them as one', async () => {
    const { files } = await read(handMadeDeb([file('usr/a'), file('./usr/b'), file('/usr/c')]));
    expect(files.map(({ path }) => path)).toEqual(['/usr/a', '/usr/b', '/usr/c']);
  });

  it.each([
    ['a link to what is not there', handMadeDeb([{ name: './a', type: '1', link: './b' }])],
    ['a sparse file', handMadeDeb([{ name: './a', type: 'S' }])],
    ['a type nobody knows', handMadeDeb([{ name: './a', type: 'Z' }])],
    ['no control file', handMadeDeb([], '')],
    ['a package with a slash', handMadeDeb([], CONTROL.replace('small', '../small'))],
    ['a version with a blank', handMadeDeb([], CONTROL.replace('1.0-1', '1.0 1'))],
    ['an architecture with a control character', handMadeDeb([], CONTROL.replace('amd64', 'amd\x1b64'))],
    ['a source that is none', handMadeDeb([], `${CONTROL}Source: a b c\n`)],
    ['no payload', handMadeDeb([]).subarray(0, handMadeDeb([]).indexOf('data.tar.gz'))],
    [
      'its parts in another order',
      handMadeAr([
        ['debian-binary', Buffer.from('2.0\n')],
        ['data.tar', handMadeTar([])],
      ]),
    ],
    ['format 3', handMadeAr([['debian-binary', Buffer.from('3.0\n')]])],
    [
      'an unknown compression',
      handMadeAr([
        ['debian-binary', Buffer.from('2.0\n')],
        ['control.tar.zip', Buffer.from('PK')],
      ]),
    ],
    [
      'what xz refuses',
      handMadeAr([
        ['debian-binary', Buffer.from('2.0\n')],
        ['control.tar.xz', Buffer.from('no xz')],
      ]),
    ],
    ['more after its data', Buffer.concat([handMadeDeb([]), handMadeAr([['more', Buffer.from('x')]]).subarray(8)])],
  ])('refuses %s', async (_what, bytes) => {
    await expect(read(bytes)).rejects.toMatchObject(malformed);
  });

  it.each([
    ['members', 2],
    ['nameBytes', 5],
    ['unpackedBytes', 3000],
    ['controlBytes', CONTROL.length - 1],
  ] as const)('stops at the limit of %s', async (limit, value) => {
    const deb = handMadeDeb([file('./a'), file('./b'), file('./c')]);
    await expect(read(deb, { [limit]: value })).rejects.toMatchObject({ code: 'ARCHIVE_LIMIT', context: { limit } });
  });

  it('reads or refuses one with any byte changed, and throws nothing else', async () => {
    const deb = handMadeAr([
      ['debian-binary', Buffer.from('2.0\n')],
      ['control.tar', handMadeTar([{ name: './control', content: Buffer.from(CONTROL) }])],
      [
        'data.tar',
        handMadeTar([file('./a'), { name: './b', type: '1', link: './a' }, { name: './c', type: '2', link: 'a' }]),
      ],
    ]);
    const change = fc.record({ at: fc.integer({ min: 0, max: deb.length - 1 }), to: fc.integer({ min: 0, max: 255 }) });
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const bytes = Buffer.from(deb);
        for (const { at, to } of changes) bytes[at] = to;
        try {
          await read(bytes);
        } catch (error) {
          refused++;
          if (!isReproofError(error, 'ARCHIVE_MALFORMED', 'ARCHIVE_LIMIT')) throw error;
        }
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(50);
  });

  it('passes over members that dpkg passes over', async () => {
    const deb = handMadeDeb([file('./a')]);
    const signed = Buffer.concat([deb, handMadeAr([['_gpgorigin', Buffer.from('signed')]]).subarray(8)]);
    expect((await read(signed)).files).toHaveLength(1);
  });

  it('ends when it is told to', async () => {
    const controller = new AbortController();
    controller.abort(new Error('enough'));
    const part = handMadeAr([
      ['debian-binary', Buffer.from('2.0\n')],
      ['control.tar.xz', Buffer.alloc(1000)],
    ]);
    const reading = { name: 'small.deb', limits: DEB_LIMITS, signal: controller.signal };
    await expect(readDeb(chunksOf(part, 100), reading)).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});

describe('the licences of a .deb', () => {
  const copyright = (content: Uint8Array, limits: Partial<DebLimits> = {}) =>
    read(handMadeDeb([{ name: './usr/share/doc/small/copyright', content }]), limits);

  it('are those of each set of files, each once', async () => {
    const text = `${DEP5}Upstream-Name: x\n\nFiles: *\nCopyright: a\nLicense: GPL-2+\n text\n\nFiles: b\nCopyright: b\nLicense: Expat\n\nFiles: c\nLicense: GPL-2+\n\nLicense: GPL-2+\n On Debian systems see /usr/share/common-licenses.\n`;
    expect((await copyright(Buffer.from(text))).licences).toEqual(['Expat', 'GPL-2+']);
  });

  it.each([
    ['free text', Buffer.from('This package was debianized by somebody.\n\nIt is GPL.\n')],
    ['another format', Buffer.from('Format: https://example.org/\n\nFiles: *\nLicense: Expat\n')],
    ['no licence', Buffer.from(DEP5)],
    ['a field twice', Buffer.from(`${DEP5}\nFiles: *\nLicense: Expat\nLicense: ISC\n`)],
    ['no UTF-8', Buffer.from(`${DEP5}\nFiles: *\nLicense: \xff\n`, 'latin1')],
    ['NULs', Buffer.alloc(1000)],
  ])('are not known from %s', async (_what, content) => {
    expect(await copyright(content)).toMatchObject({ licences: undefined, files: [{ sha256: sha256Of(content) }] });
  });

  it('are not read from a file of 100 MB, whose digest is known all the same', async () => {
    const content = Buffer.alloc(100 * 1024 ** 2, `${DEP5}\nFiles: *\nLicense: Expat\n\n`);
    const { licences, files } = await copyright(content);
    expect(licences).toBeUndefined();
    expect(files[0]).toMatchObject({ sha256: sha256Of(content) });
  });
});
