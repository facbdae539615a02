import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bufferSource, explain } from '../../../compare/index.ts';
import { diskImageFormat, readDiskImage } from '../../../formats/index.ts';
import type { Difference } from '../../../model/index.ts';
import { mirror } from '../../helpers/mirror.ts';

const folder = mkdtempSync(join(tmpdir(), 'disk-image-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Both ways round: the second must be the first mirrored. */
async function compare(left: Buffer, right: Buffer): Promise<Difference> {
  const found = await explain(bufferSource('image', left), bufferSource('image', right));
  expect(await explain(bufferSource('image', right), bufferSource('image', left))).toEqual(mirror(found));
  return found;
}

let count = 0;
function run(program: string, ...argv: string[]): Buffer {
  const root = join(folder, `root-${count++}`);
  mkdirSync(root);
  writeFileSync(join(root, 'file'), 'text');
  for (const each of [join(root, 'file'), root]) utimesSync(each, 1_700_000_000, 1_700_000_000);
  const path = `${root}.image`;
  const env = { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, E2FSPROGS_FAKE_TIME: '1700000000' };
  execFileSync(
    program,
    argv.map((word) => word.replace('ROOT', root).replace('IMAGE', path)),
    { stdio: 'ignore', env },
  );
  return readFileSync(path);
}
const squashfs = (time: string, filesTime: string, ...more: string[]): Buffer =>
  run('mksquashfs', 'ROOT', 'IMAGE', '-mkfs-time', time, '-all-time', filesTime, '-all-root', ...more);
const UUID = ['11111111-2222-3333-4444-555555555555', '11111111-2222-3333-4444-666666666666'] as const;
const ext4 = (uuid: string): Buffer =>
  run('mke2fs', '-q', '-t', 'ext4', '-d', 'ROOT', '-U', uuid, '-E', `hash_seed=${uuid}`, 'IMAGE', '1M');
const iso = (volume: string): Buffer => run('genisoimage', '-quiet', '-V', volume, '-o', 'IMAGE', 'ROOT');

function uimage(time: number, text: string): Buffer {
  const header = Buffer.alloc(64);
  header.writeUInt32BE(0x27051956);
  header.writeUInt32BE(time, 8);
  header.write('linux', 32);
  return Buffer.concat([header, Buffer.from(text)]);
}

function fat(serial: number): Buffer {
  const sector = Buffer.alloc(1024);
  sector.writeUInt16LE(512, 11);
  sector.writeUInt32LE(serial, 39);
  sector.write('LABEL      FAT16   ', 43);
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

const reasons = (found: Difference): string[] => (found.reasons ?? []).map(({ kind }) => kind);

describe('explaining how two images of file systems differ', () => {
  it('names the time a squashfs was made', async () => {
    const found = await compare(squashfs('1700000000', '1'), squashfs('1700000001', '1'));
    expect(found.kind).toBe('squashfs');
    expect(found.fields).toContainEqual({
      name: 'made',
      left: '2023-11-14T22:13:20.000Z',
      right: '2023-11-14T22:13:21.000Z',
    });
    expect(reasons(found)).toContain('timestamp');
  });

  it('names the compression of a squashfs, and of a uImage', async () => {
    const found = await compare(squashfs('1', '1', '-comp', 'gzip'), squashfs('1', '1', '-comp', 'xz'));
    expect(found.fields).toContainEqual({ name: 'compression', left: 'gzip', right: 'xz' });
    expect(reasons(found)).toEqual(['compression']);
    const [plain, packed] = [uimage(1, 'text'), uimage(1, 'text')];
    packed.writeUInt8(2, 31);
    expect((await compare(plain, packed)).fields).toEqual([{ name: 'compression', left: 'none', right: 'bzip2' }]);
  });

  it('names the identifier and the hash seed of an ext4', async () => {
    const found = await compare(ext4(UUID[0]), ext4(UUID[1]));
    expect(found.fields).toEqual(
      expect.arrayContaining([
        { name: 'UUID', left: UUID[0], right: UUID[1] },
        { name: 'hash seed', left: UUID[0], right: UUID[1] },
      ]),
    );
    expect(reasons(found)).toContain('random');
    const judged = execFileSync('dumpe2fs', ['-h', join(folder, `root-${count - 1}.image`)], {
      encoding: 'utf8',
      env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const fields = readDiskImage(readFileSync(join(folder, `root-${count - 1}.image`)), 'ext');
    for (const [name, label] of [
      ['UUID', 'Filesystem UUID'],
      ['blocks', 'Block count'],
      ['free blocks', 'Free blocks'],
      ['hash seed', 'Directory Hash Seed'],
    ])
      expect(new RegExp(`^${label}: +(.*)$`, 'm').exec(judged)?.[1], label).toBe(fields.get(name as string));
  });

  it('tells in which ways an ISO 9660 names its files, whichever of them a program reads', async () => {
    const made = (...options: string[]): Buffer => run('genisoimage', '-quiet', ...options, '-o', 'IMAGE', 'ROOT');
    const [rockRidge, both, plain] = [made('-R'), made('-R', '-J'), made()];
    const fields = async (left: Buffer, right: Buffer) =>
      ((await compare(left, right)).fields ?? []).filter(({ name }) => /^(?:volume descriptors|system use)/.test(name));
    expect(await fields(rockRidge, both)).toEqual([
      { name: 'volume descriptors', left: 'primary', right: 'primary, Joliet 3' },
    ]);
    expect(await fields(plain, rockRidge)).toEqual([
      { name: 'system use entries, as of Rock Ridge', left: 'no', right: 'yes' },
    ]);
  });

  it('names the volume of an ISO 9660, and its dates', async () => {
    const [one, other] = [iso('ONE'), iso('OTHER')];
    expect(readDiskImage(one, 'iso9660').get('creation date')).toMatch(/^20[0-9]{14}$/);
    const found = await compare(one, other);
    expect(found).toMatchObject({ kind: 'iso9660', detail: expect.stringContaining('first difference') });
    expect(found.fields).toContainEqual({ name: 'volume identifier', left: 'ONE', right: 'OTHER' });
  });

  it('names the serial number of a FAT', async () => {
    const found = await compare(fat(1), fat(2));
    expect(found.fields).toEqual([{ name: 'serial number', left: '01000000', right: '02000000' }]);
    expect(reasons(found)).toEqual(['random']);
  });

  it('names the time of a uImage, and goes into what it holds', async () => {
    const found = await compare(uimage(1, 'one\n'), uimage(2, 'two\n'));
    expect(found.fields?.map(({ name }) => name)).toEqual(['made']);
    expect(found.children).toMatchObject([{ path: 'image', kind: 'text' }]);
  });
});

describe('reading what an image says of itself', () => {
  it('refuses one that ends too soon', () => {
    for (const bytes of [squashfs('1', '1'), fat(1), uimage(1, '')])
      for (let length = 0; length < 96; length += 1) {
        const start = bytes.subarray(0, length);
        const format = diskImageFormat(start);
        if (format === undefined || (format === 'uimage' && length >= 64)) continue;
        expect(() => readDiskImage(start, format)).toThrow(expect.objectContaining({ code: 'FORMAT_MALFORMED' }));
      }
  });
});
