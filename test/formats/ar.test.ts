import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type ArLimits, readAr } from '../../formats/index.ts';
import { chunksOf } from '../helpers/chunks.ts';

const folder = mkdtempSync(join(tmpdir(), 'ar-'));
afterAll(() => rmSync(folder, { recursive: true }));

const roomy: ArLimits = { members: 100, nameBytes: 10_000, memberBytes: 1_000_000 };
type Seen = { kind: string; name: string; mode: number | undefined; size: number; content: string };

async function list(bytes: Uint8Array, limits = roomy, chunk = bytes.length): Promise<Seen[]> {
  const seen: Seen[] = [];
  for await (const member of readAr(chunksOf(bytes, chunk), limits)) {
    const pieces: Uint8Array[] = [];
    for await (const piece of member.content) pieces.push(piece);
    const content = Buffer.concat(pieces).toString('latin1');
    seen.push({ kind: member.kind, name: member.name, mode: member.mode, size: member.size, content });
  }
  return seen;
}

function header(name: string, size: number | string, fields: { mtime?: string; mode?: string } = {}): string {
  const { mtime = '1700000000', mode = '100644' } = fields;
  return `${name.padEnd(16)}${mtime.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${mode.padEnd(8)}${String(size).padEnd(10)}\`\n`;
}

function archive(...parts: string[]): Buffer {
  return Buffer.from(`!<arch>\n${parts.join('')}`, 'latin1');
}

function madeByAr(name: string, files: Record<string, string>, options = 'rcU'): Buffer {
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  execFileSync('ar', [options, name, ...Object.keys(files)], { cwd: folder });
  return readFileSync(join(folder, name));
}

const mixed = archive(
  header('//', 25),
  'a-name-of-22-characters/\n\n',
  header('short/', 3),
  'abc\n',
  header('/0', 4),
  'long',
  header('#1/8', 11),
  'bsd\0\0\0\0\0xyz\n',
  header('empty', 0),
);

describe('reading an ar archive', () => {
  it.each([1, 7, 1_000_000])('gives the same members in chunks of %i bytes', async (chunk) => {
    expect(await list(mixed, roomy, chunk)).toEqual([
      { kind: 'file', name: 'short', mode: 0o100644, size: 3, content: 'abc' },
      { kind: 'file', name: 'a-name-of-22-characters', mode: 0o100644, size: 4, content: 'long' },
      { kind: 'file', name: 'bsd', mode: 0o100644, size: 3, content: 'xyz' },
      { kind: 'file', name: 'empty', mode: 0o100644, size: 0, content: '' },
    ]);
  });

  it('names what ar t names, long names and spaces too', async () => {
    const bytes = madeByAr('names.a', {
      a: '1',
      'a name with spaces, longer than sixteen bytes': '22',
      'exactly-16-bytes': '333',
      'fifteen-bytes-x': '',
      z: '4444',
    });
    const judged = execFileSync('ar', ['t', 'names.a'], { cwd: folder, encoding: 'utf8' }).trimEnd().split('\n');
    expect((await list(bytes)).map((member) => member.name)).toEqual(judged);
    expect((await list(bytes)).map((member) => member.content)).toEqual(['1', '22', '333', '', '4444']);
  });

  it('reads a real package as dpkg-deb lists it', async () => {
    const root = mkdtempSync(join(folder, 'deb-'));
    execFileSync('mkdir', ['-p', join(root, 'DEBIAN')]);
    writeFileSync(
      join(root, 'DEBIAN/control'),
      'Package: x\nVersion: 1\nArchitecture: all\nMaintainer: N <n@example.org>\nDescription: x\n',
    );
    const path = join(folder, 'x.deb');
    execFileSync('dpkg-deb', ['--root-owner-group', '-b', root, path], { stdio: 'ignore' });
    const members = await list(readFileSync(path));
    expect(members.map((member) => member.name)).toEqual(
      execFileSync('ar', ['t', path], { encoding: 'utf8' }).trimEnd().split('\n'),
    );
    expect(members[0]).toMatchObject({ name: 'debian-binary', content: '2.0\n' });
  });

  it('marks the symbol table, which ar t leaves out', async () => {
    const bytes = archive(header('/', 4), '\0\0\0\0', header('a.o/', 2), 'ok');
    expect((await list(bytes)).map(({ kind, name }) => `${kind} ${name}`)).toEqual(['symbol-table /', 'file a.o']);
  });

  it('passes over what was not read', async () => {
    const names: string[] = [];
    for await (const member of readAr(chunksOf(archive(header('a/', 3), 'abc\n', header('b/', 2), 'de'), 3), roomy)) {
      for await (const _piece of member.content) break;
      names.push(member.name);
    }
    expect(names).toEqual(['a', 'b']);
  });

  it('reads what lib.exe of Microsoft writes', async () => {
    const names = 'first-long-name.obj\0second-long-name.obj\0\n';
    const bytes = archive(
      header('/', 4, { mtime: '-1', mode: '0' }),
      '\0\0\0\0',
      header('//', names.length - 1, { mtime: '-1', mode: '0' }),
      names,
      header('/20', 1, { mtime: '-1' }),
      'x\n',
    );
    expect(await list(bytes)).toMatchObject([{ name: '/' }, { name: 'second-long-name.obj', content: 'x' }]);
  });

  it('refuses an archive cut anywhere but between members', async () => {
    const bytes = archive(header('#1/4', 7), 'namexyz\n', header('b/', 2), 'de');
    const between = new Set([8, 8 + 60 + 8]);
    for (let length = 0; length < bytes.length; length++) {
      const reading = list(bytes.subarray(0, length));
      if (between.has(length)) expect((await reading).length).toBe(length === 8 ? 0 : 1);
      else await expect(reading, `cut at ${length}`).rejects.toMatchObject({ code: 'ARCHIVE_MALFORMED' });
    }
  });

  it.each<[string, string[], number]>([
    ['a size that is no number', [header('a/', '0x10')], 56],
    ['a blank size', [header('a/', '')], 56],
    ['a negative size', [header('a/', '-1')], 56],
    ['a mode that is not octal', [header('a/', 0, { mode: '100688' })], 48],
    ['a header without its end', [header('a/', 0).replace('`\n', '``')], 66],
    ['a long name without a table', [header('/7', 0)], 8],
    ['a long name beyond the table', [header('//', 4), 'ab/\n', header('/9', 0)], 72],
    ['a second table of long names', [header('//', 4), 'ab/\n', header('//', 4), 'ab/\n'], 72],
    ['a BSD name longer than its member', [header('#1/9', 4), 'abcd'], 8],
  ])('names the byte of %s', async (_what, parts, offset) => {
    await expect(list(archive(...parts))).rejects.toMatchObject({ code: 'ARCHIVE_MALFORMED', context: { offset } });
  });

  it('says that a thin archive is one', async () => {
    const bytes = madeByAr('thin.a', { a: '1' }, 'rcT');
    await expect(list(bytes)).rejects.toMatchObject({ message: expect.stringContaining('thin archive') });
  });

  it.each<[keyof ArLimits, number]>([
    ['members', 2],
    ['nameBytes', 5],
    ['memberBytes', 7],
  ])('ends when %s passes its limit by one, and not before', async (limit, value) => {
    const bytes = archive(header('#1/5', 12), 'namesseven77', header('b/', 2), 'de');
    expect((await list(bytes, { ...roomy, [limit]: value })).length).toBe(2);
    await expect(list(bytes, { ...roomy, [limit]: value - 1 })).rejects.toMatchObject({
      code: 'ARCHIVE_LIMIT',
      context: { limit, value: value - 1 },
    });
  });
});
