import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ElfFile, type ElfLimits, readElf } from '../../formats/index.ts';
import { chunksOf } from '../helpers/chunks.ts';
import { type Part, smallElf } from '../helpers/small-elf.ts';

const roomy: ElfLimits = { sections: 70_000, nameBytes: 1_000_000, noteBytes: 100_000 };
const read = (bytes: Uint8Array, limits = roomy, chunk = 65_536): Promise<ElfFile> =>
  readElf((start) => chunksOf(bytes.subarray(start), chunk), limits);

const parts: readonly Part[] = [
  { name: '.text', type: 1, bytes: Buffer.from('code') },
  {
    name: '.note.gnu.build-id',
    type: 7,
    bytes: Buffer.from('0400000004000000030000004' + '74e5500deadbeef', 'hex'),
  },
];

function readelf(argument: string, path: string): string {
  return execFileSync('readelf', [argument, '-W', path], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
  });
}

/** Section lines of readelf -S -W: name, address, offset, size. Types are words there, and the names are never cut. */
function judgedSections(path: string): string[] {
  return readelf('-S', path)
    .split('\n')
    .flatMap((line) => {
      const found = /^ +\[ *(\d+)\] (\S*) +([A-Z]\S*|\S+) +([0-9a-f]{8,16}) ([0-9a-f]{6,}) ([0-9a-f]{6,}) /.exec(line);
      return found === null ? [] : [`${found[1]} ${found[2]} ${found[4]} ${found[5]} ${found[6]}`];
    });
}

function ourSections(file: ElfFile): string[] {
  const hex = (value: number | bigint, digits: number): string => value.toString(16).padStart(digits, '0');
  return file.sections.map(
    (section, index) =>
      `${index} ${section.name} ${hex(section.address, file.bits / 4)} ${hex(section.offset, 6)} ${hex(section.size, 6)}`,
  );
}

describe('reading an ELF file', () => {
  it.each(['/bin/ls', '/bin/bash', process.execPath])('lists the sections of %s as readelf does', async (path) => {
    const file = await read(readFileSync(path));
    const judged = judgedSections(path);
    expect(judged.length).toBeGreaterThan(20);
    expect(ourSections(file).slice(1)).toEqual(judged.slice(-(file.sections.length - 1)));
  });

  it('reads the build-id and the owners of notes as readelf -n does', async () => {
    const file = await read(readFileSync('/bin/ls'));
    const judged = readelf('-n', '/bin/ls');
    expect(judged).toContain(`Build ID: ${file.buildId}`);
    const owners = [...judged.matchAll(/^ {2}(\S+) +0x([0-9a-f]{8})/gm)].map((found) => `${found[1]} ${found[2]}`);
    expect(
      file.notes.map((note) => `${note.owner} ${(note.description.length / 2).toString(16).padStart(8, '0')}`),
    ).toEqual(owners);
  });

  it.each([
    [32, 'little'],
    [32, 'big'],
    [64, 'little'],
    [64, 'big'],
  ] as const)('reads %i bits, %s endian, in chunks of 1, 7 and all', async (bits, endian) => {
    const note = Buffer.from(parts[1]?.bytes ?? []);
    if (endian === 'big') for (const at of [0, 4, 8]) note.subarray(at, at + 4).reverse();
    const bytes = smallElf([parts[0] as Part, { ...(parts[1] as Part), bytes: note }], { bits, endian });
    for (const chunk of [1, 7, bytes.length]) {
      const file = await read(bytes, roomy, chunk);
      expect(file).toMatchObject({ bits, endian, buildId: 'deadbeef' });
      expect(file.sections.map((section) => `${section.name}:${section.type}:${section.size}`)).toEqual([
        ':0:0',
        '.text:1:4',
        '.note.gnu.build-id:7:20',
        '.shstrtab:3:36',
      ]);
    }
  });

  it('refuses a file cut at any byte', async () => {
    const bytes = smallElf(parts, { bits: 64, endian: 'little' });
    for (let length = 0; length < bytes.length; length++) {
      await expect(read(bytes.subarray(0, length)), `cut at ${length}`).rejects.toMatchObject({
        code: 'ELF_MALFORMED',
      });
    }
  });

  it('gives no sections where there is no table', async () => {
    const bytes = Buffer.from(smallElf([], { bits: 64, endian: 'little' }).subarray(0, 64));
    bytes.fill(0, 40, 48);
    expect((await read(bytes)).sections).toEqual([]);
  });

  it.each<[string, (bytes: Buffer) => void]>([
    ['another magic', (bytes) => bytes.writeUInt8(0x46, 0)],
    ['a class that does not exist', (bytes) => bytes.writeUInt8(3, 4)],
    ['a byte order that does not exist', (bytes) => bytes.writeUInt8(0, 5)],
    ['section headers of another size', (bytes) => bytes.writeUInt16LE(63, 58)],
    ['section headers inside the file header', (bytes) => bytes.writeBigUInt64LE(63n, 40)],
    ['an offset that no file reaches', (bytes) => bytes.writeBigUInt64LE(2n ** 60n, 40)],
    ['a note longer than its section', (bytes) => bytes.writeUInt32LE(0xffffffff, 64 + 4 + 4)],
  ])('refuses %s', async (_what, spoil) => {
    const bytes = Buffer.from(smallElf(parts, { bits: 64, endian: 'little' }));
    spoil(bytes);
    await expect(read(bytes)).rejects.toMatchObject({ code: 'ELF_MALFORMED' });
  });

  it.each<[keyof ElfLimits, number]>([
    ['sections', 4],
    ['nameBytes', 36],
    ['noteBytes', 20],
  ])('ends when %s passes its limit by one, and not before', async (limit, value) => {
    const bytes = smallElf(parts, { bits: 64, endian: 'little' });
    expect((await read(bytes, { ...roomy, [limit]: value })).sections.length).toBe(4);
    await expect(read(bytes, { ...roomy, [limit]: value - 1 })).rejects.toMatchObject({ code: 'ELF_LIMIT' });
  });

  it('follows the counts that do not fit the header', async () => {
    const bytes = Buffer.from(smallElf(parts, { bits: 64, endian: 'little' }));
    const table = Number(bytes.readBigUInt64LE(40));
    bytes.writeBigUInt64LE(4n, table + 32);
    bytes.writeUInt32LE(3, table + 40);
    bytes.writeUInt16LE(0, 60);
    bytes.writeUInt16LE(0xffff, 62);
    expect((await read(bytes)).sections.map((section) => section.name)).toContain('.text');
  });
});
