import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type RpmFile, readRpm, readRpmPayload, rpmFiles } from '../../formats/index.ts';
import { isReproofError } from '../../model/index.ts';
import { chunksOf } from '../helpers/chunks.ts';
import { rpmPackage, strippedRpm } from '../helpers/rpm-package.ts';

const folder = mkdtempSync(join(tmpdir(), 'rpm-payload-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, payloadBytes: number): RpmFile => ({ name, mode: 0o100644, payloadBytes, facts: {} });
const FILES = [file('empty', 0), file('five', 5), file('four', 4)];
const END = `070701${'0'.repeat(32)}00000001${'0'.repeat(48)}0000000b00000000TRAILER!!!\0\0\0\0`;
const PAYLOAD = Buffer.from(
  `07070X00000001\0\0hello\0\0\x0007070X00000000\0\x0007070X00000002\0\0four${END}`,
  'latin1',
);

/** Every entry as text; `skip` leaves contents unread. */
async function list(
  bytes: Uint8Array,
  chunk = bytes.length,
  files: readonly RpmFile[] = FILES,
  skip = false,
): Promise<string[]> {
  const seen: string[] = [];
  for await (const entry of readRpmPayload(chunksOf(bytes, chunk), files)) {
    const pieces: Uint8Array[] = [];
    if (!skip) for await (const piece of entry.content) pieces.push(piece);
    seen.push(`${entry.number} ${entry.file.name} ${entry.contentOffset} ${Buffer.concat(pieces).toString('latin1')}`);
  }
  return seen;
}
const malformed = { code: 'ARCHIVE_MALFORMED' };

describe('reading an RPM payload that names files by number', () => {
  it('gives the files of the header with their contents, in any chunks', async () => {
    const seen = await list(PAYLOAD);
    expect(seen).toEqual(['1 five 16 hello', '0 empty 40 ', '2 four 56 four']);
    for (const chunk of [1, 7]) expect(await list(PAYLOAD, chunk)).toEqual(seen);
    expect((await list(PAYLOAD, 7, FILES, true)).length).toBe(3);
  });

  it('gives what rpm2archive gives of a package', async () => {
    const bytes = await strippedRpm(rpmPackage({ text: 'one', more: true }));
    const { header, payloadOffset } = await readRpm(chunksOf(bytes, 1000), { storeBytes: 2 ** 20, values: 10_000 });
    const payload = execFileSync(header.get('PAYLOADCOMPRESSOR')?.[0] ?? '', ['-dc'], {
      input: bytes.subarray(payloadOffset),
    });
    const path = join(folder, 'x.rpm');
    writeFileSync(path, bytes);
    execFileSync('rpm2archive', ['-n', path]);
    const tar = readFileSync(`${path}.tar`);
    const judged = execFileSync('tar', ['-tf', '-'], { input: tar, encoding: 'latin1' }).trimEnd().split('\n');
    const files = rpmFiles(header);
    const seen = await list(payload, 1000, files);
    const names = seen.map((line) => line.split(' ')[1]);
    expect(names.toSorted()).toEqual(judged.map((name) => name.replace(/\/$/, '')).toSorted());
    const contents = new Map(seen.map((line) => [line.split(' ')[1], line.split(' ').slice(3).join(' ')]));
    expect(contents.get('./usr/share/x/z')).toBe('last\n');
    expect(contents.get('./usr/share/x/soft')).toBe('file');
    // Of links to one file the last in the header has the content.
    expect([contents.get('./usr/share/x/d/hard'), contents.get('./usr/share/x/file')]).toEqual(['', 'one\n']);
    for (const name of ['d/hard', 'z'])
      expect(execFileSync('tar', ['-xOf', '-', `./usr/share/x/${name}`], { input: tar, encoding: 'latin1' })).toBe(
        contents.get(name === 'z' ? './usr/share/x/z' : './usr/share/x/file'),
      );
  });

  it('refuses one cut anywhere', async () => {
    for (let length = 0; length < PAYLOAD.length; length++)
      await expect(list(PAYLOAD.subarray(0, length)), `cut at ${length}`).rejects.toMatchObject(malformed);
  });

  it.each([
    ['a number that is no file of the header', PAYLOAD.toString('latin1').replace('00000002', '00000003')],
    ['a file again and again', `${'07070X00000000\0\0'.repeat(4)}${END}`],
    ['padding that is not empty', PAYLOAD.toString('latin1').replace('hello\0', 'hello!')],
    ['more after its end', `${PAYLOAD.toString('latin1')}x`],
    ['an entry by name', PAYLOAD.toString('latin1').replace('TRAILER!!!', 'TRAILER!!?')],
  ])('refuses one with %s', async (_what, text) => {
    await expect(list(Buffer.from(text, 'latin1'))).rejects.toMatchObject(malformed);
  });

  it('throws nothing but its own errors, whatever bytes are changed', async () => {
    const edits = fc.array(fc.tuple(fc.nat(PAYLOAD.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(edits, async (changes) => {
        const bytes = Buffer.from(PAYLOAD);
        for (const [offset, value] of changes) bytes[offset] = value;
        const outcome = await list(bytes).catch((error: unknown) => error);
        expect(Array.isArray(outcome) || isReproofError(outcome)).toBe(true);
      }),
    );
  });
});

describe('listing the files of an RPM header', () => {
  it('gives no file more than all tags tell of', () => {
    const header = new Map([
      ['BASENAMES', ['a', 'b', 'c']],
      ['DIRNAMES', ['/x/', '']],
      ['DIRINDEXES', ['0', '1', '7']],
      ['FILEMODES', ['33188', '41471', '16877']],
      ['LONGFILESIZES', ['5000000000', '3', '4096']],
    ]);
    expect(rpmFiles(header).map(({ name, payloadBytes }) => [name, payloadBytes])).toEqual([
      ['./x/a', 5_000_000_000],
      ['b', 3],
      ['c', 0],
    ]);
    expect(rpmFiles(new Map([...header, ['FILEMODES', ['33188']]]))).toHaveLength(1);
    expect(rpmFiles(new Map())).toEqual([]);
  });
});
