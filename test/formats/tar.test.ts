import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ByteReader, TarReader } from '../../formats/index.ts';
import { chunksOf } from '../helpers/chunks.ts';
import { END, header, list, members, padded, pax, record } from '../helpers/small-tar.ts';

const folder = mkdtempSync(join(tmpdir(), 'tar-'));
afterAll(() => rmSync(folder, { recursive: true }));

const LONG = `${'long/'.repeat(30)}name`;

/** A folder with files, links, a folder, a file with holes and names past every field's length. */
const root = join(folder, 'root');
mkdirSync(join(root, LONG, '..'), { recursive: true });
for (const [name, text] of [
  ['a', 'hello\n'],
  ['empty', ''],
  [LONG, 'long'],
  ['caf\u00e9', 'x'],
  ['exact', 'x'.repeat(512)],
] as const)
  writeFileSync(join(root, name), text);
symlinkSync(LONG, join(root, 'link'));
writeFileSync(join(root, 'holes'), 'start');
truncateSync(join(root, 'holes'), 2 ** 20);
utimesSync(join(root, 'a'), 1, 1_700_000_000.25);

function pack(...options: string[]): Buffer {
  const given = options.map((option) => option.replace('SNAPSHOT', join(folder, 'snapshot')));
  return execFileSync('tar', ['-C', root, '--sort=name', ...given, '-cf', '-', '.'], { maxBuffer: 1e8 });
}

describe('reading a tar archive', () => {
  it.each([
    ['--format=gnu'],
    ['--format=oldgnu'],
    ['--format=posix'],
    ['--format=posix', '--sparse'],
    ['--format=gnu', '--sparse'],
    ['--format=posix', '--sparse', '--sparse-version=0.0'],
    ['--format=posix', '--sparse', '--sparse-version=0.1'],
    ['--format=gnu', '--listed-incremental=SNAPSHOT'],
    ['--format=gnu', '--label=volume'],
    ['--format=ustar', '--exclude=./link'],
    ['--format=v7', '--exclude=./long', '--exclude=./link'],
  ])('sees what GNU tar sees in an archive made with %s %s %s', async (...options) => {
    const bytes = pack(...options);
    const listed = execFileSync('tar', ['--full-time', '--numeric-owner', '--quoting-style=escape', '-tvf', '-'], {
      input: bytes,
      encoding: 'utf8',
    });
    const seen = await members(bytes);
    const ids = seen.map(({ header: { uid, gid } }) => `${uid ?? 0}/${gid ?? 0}`);
    const judged = listed
      .trimEnd()
      .split('\n')
      .map((line) => /^(\S)\S+ +(\S+) +(\d+) (\S+) (\S+) +(.*)$/.exec(line) as string[]);
    expect(judged.map((line) => line[2])).toEqual(ids);
    const nameOf = (name: string): string => Buffer.from(name, 'latin1').toString('utf8');
    const shown = seen.map(
      (one) =>
        `${nameOf(one.name)}${one.header.type === '2' ? ` -> ${nameOf(one.linkname)}` : ''}${one.header.type === 'V' ? '--Volume Header--' : ''}`,
    );
    const quoted = judged.map((line) =>
      (line[6] ?? '').replace(/\\(\d{3})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 8))),
    );
    expect(quoted.map((name) => (name.includes('\u00c3') ? nameOf(name) : name))).toEqual(shown);
    const times = seen.map((one) => new Date(Math.floor(Number(one.mtime)) * 1000).toISOString().slice(0, 19));
    const local = execFileSync('tar', ['--utc', '--full-time', '-tvf', '-'], { input: bytes, encoding: 'utf8' });
    expect(
      local
        .trimEnd()
        .split('\n')
        .map((line) => (/(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)/.exec(line) ?? []).slice(1).join('T')),
    ).toEqual(times);
    const content = (name: string): string | undefined => seen.find((one) => one.name === name)?.content;
    expect([content('./a'), content('./empty'), content('./exact')]).toEqual(['hello\n', '', 'x'.repeat(512)]);
  });

  it('gives times to the nanosecond, and every pax record as bytes', async () => {
    const seen = await members(pack('--format=posix'));
    expect(seen.find(({ name }) => name === './a')).toMatchObject({
      mtime: '1700000000.25',
      header: { mtime: '1700000000' },
    });
    const value = '\xff\0=\n';
    const [only] = await members(
      Buffer.concat([pax('x', record('SCHILY.xattr.user.x', value) + record('path', 'n\xff')), header({}), END]),
    );
    expect(only).toMatchObject({
      name: 'n\xff',
      records: [
        { key: 'SCHILY.xattr.user.x', value },
        { key: 'path', value: 'n\xff' },
      ],
    });
  });

  it('gives the map of a sparse file and its data alone', async () => {
    const holes = (await members(pack('--format=gnu', '--sparse'))).find(({ name }) => name === './holes');
    expect(holes?.sparse).toEqual({ map: ['0+4096', '1048576+0'], size: '1048576', mapBytes: 0 });
    expect(holes?.content).toBe('start'.padEnd(4096, '\0'));
  });

  it('gives the map that stands before the data of a sparse file apart from it', async () => {
    const holes = (await members(pack('--format=posix', '--sparse'))).find(({ name }) => name === './holes');
    expect(holes?.sparse).toEqual({ map: ['0+4096', '1048576+0'], size: '', mapBytes: 512 });
    expect(holes?.content).toBe('start'.padEnd(4096, '\0'));
  });

  it('refuses what stands before the data and is no map', async () => {
    const records = record('GNU.sparse.major', '1') + record('GNU.sparse.minor', '0');
    const sparse = (map: string, headerBytes?: number): Promise<unknown> => {
      const content = padded(map);
      const bytes = Buffer.concat([pax('x', records), header({}, content.length), content, END]);
      return list(bytes, 512, headerBytes);
    };
    for (const map of ['', 'x\n', '1\n5\n', '1\n5\n6\n7', '-1\n', '9'.repeat(512), '1\n5\n6\n\n'])
      await expect(sparse(map), map).rejects.toMatchObject({ code: 'ARCHIVE_MALFORMED' });
    await expect(sparse(`400\n${'1\n'.repeat(800)}`, 2048)).rejects.toMatchObject({ code: 'ARCHIVE_LIMIT' });
    expect(await sparse(`400\n${'1\n'.repeat(800)}`)).toMatchObject([{ size: 0, sparse: { mapBytes: 2048 } }, {}]);
  });

  it('reads maps that go on in further blocks', async () => {
    const path = join(root, 'many-holes');
    writeFileSync(path, '');
    for (let at = 0; at < 40; at++)
      execFileSync('dd', ['of=many-holes', 'bs=1', `seek=${at * 65_536}`, 'conv=notrunc', 'status=none'], {
        cwd: root,
        input: 'x',
      });
    const bytes = execFileSync('tar', ['-C', root, '--format=gnu', '-Scf', '-', 'many-holes'], { maxBuffer: 1e8 });
    rmSync(path);
    const [only] = await members(bytes);
    expect(only?.sparse?.map.length).toBe(41);
    await expect(list(bytes, 512, 512)).rejects.toMatchObject({ code: 'ARCHIVE_LIMIT' });
  });

  it('puts global headers over what follows', async () => {
    const bytes = Buffer.concat([
      pax('g', record('mtime', '5.5') + record('comment', 'c')),
      header({}),
      pax('x', record('mtime', '6')),
      header({}),
      END,
    ]);
    const seen = await list(bytes);
    expect(seen.map((item) => (item.kind === 'member' ? item.mtime : item.kind))).toEqual([
      'global',
      '5.5',
      '6',
      'end',
    ]);
  });

  it.each([1, 7, 1_000_000])('gives the same items in chunks of %i bytes', async (chunk) => {
    const bytes = Buffer.concat([
      pack('--format=posix', '--sparse', '--exclude=./exact').subarray(0, 24 * 512),
      END,
      Buffer.from('x'),
    ]);
    const whole = await list(
      Buffer.concat([
        header({}, 3),
        padded('abc\0\0\x01'),
        pax('g', record('a', 'b')),
        header({}),
        END,
        Buffer.from('trailing'),
      ]),
    );
    expect(
      await list(
        Buffer.concat([
          header({}, 3),
          padded('abc\0\0\x01'),
          pax('g', record('a', 'b')),
          header({}),
          END,
          Buffer.from('trailing'),
        ]),
        chunk,
      ),
    ).toEqual(whole);
    expect(whole.map((item) => item.kind)).toEqual(['member', 'padding', 'global', 'member', 'end']);
    expect(whole.at(-1)).toMatchObject({ zeroBytes: 1024, content: 'trailing' });
    expect(bytes.length).toBeGreaterThan(0);
  });
});

describe('passing over plain members', () => {
  const plain = (name: string, text: string): Buffer => Buffer.concat([header({ 0: name }, text.length), padded(text)]);
  const archive = Buffer.concat([
    plain('a', 'a'),
    plain('empty', ''),
    plain('block', 'b'.repeat(512)),
    header({ 0: 'link', 156: '2', 157: 'target' }, 77),
    header({ 0: 'odd' }, 3),
    Buffer.concat([Buffer.from('odd'), Buffer.alloc(509, 7)]),
    plain('before pax', 'x'),
    pax('x', record('path', 'named by pax')),
    plain('z', 'pax'),
    header({ 0: 'wide', 124: '\x80\0\0\0\0\0\0\0\0\0\0\x03' }),
    padded('abc'),
    plain('n', 'n'),
    pax('g', record('mtime', '5')),
    plain('dated', 'd'),
    END,
    Buffer.from('trailing'),
  ]);
  const whole = readAll(() => false);

  /** Every item's place and name, and whether it was passed over; `pass` is asked before each. */
  async function readAll(pass: (reader: TarReader) => boolean): Promise<readonly string[]> {
    const reader = new TarReader(new ByteReader(chunksOf(archive, 100)), { headerBytes: 10_000 });
    const seen: string[] = [];
    for (;;) {
      pass(reader);
      const item = await reader.next();
      if (item === undefined) return seen;
      if (item.kind === 'member') seen.push(`member ${item.name} at ${item.offset}, ${item.size}, ${item.mtime}`);
      else if (item.kind === 'padding') seen.push(`padding ${item.name} ${item.bytes.toString('hex')}`);
      else seen.push(item.kind);
    }
  }
  const readAt = (into: Uint8Array, offset: number): number => archive.copy(into, 0, offset, offset + into.length);

  it('gives all that is not passed over as without, wherever it has to end', async () => {
    const all = await whole;
    expect(all).toHaveLength(13);
    const fewest: string[][] = [];
    for (let end = 0; end <= archive.length; end += 64) {
      const rest = await readAll((reader) => reader.passPlain(readAt, end));
      expect(
        all.filter((item) => rest.includes(item)),
        `up to ${end}`,
      ).toEqual(rest);
      const gone = all.filter((item) => !rest.includes(item));
      for (const item of gone) expect(Number(/ at (\d+)/.exec(item)?.[1]), `${item}, up to ${end}`).toBeLessThan(end);
      fewest.push(gone.map((item) => item.split(' at ')[0] ?? ''));
    }
    expect(fewest[0]).toEqual([]);
    expect(fewest.at(-1)).toEqual([
      'member a',
      'member empty',
      'member block',
      'member link',
      'member odd',
      'member before pax',
      'member n',
    ]);
  });

  it('stops where the archive ends, inside a header or before it', async () => {
    for (const cut of [0, 1, 511, 512, 513, 1024, 1500]) {
      const bytes = plain('a', 'x'.repeat(600)).subarray(0, cut);
      const reader = new TarReader(new ByteReader(chunksOf(bytes, 100)), { headerBytes: 10_000 });
      const short = (into: Uint8Array, offset: number): number =>
        bytes.subarray(offset, offset + into.length).copy(into);
      expect(reader.passPlain(short, 10_000), `cut at ${cut}`).toBe(cut >= 512);
      await expect(reader.next(), `cut at ${cut}`).rejects.toMatchObject({ code: 'ARCHIVE_MALFORMED' });
    }
  });
});
