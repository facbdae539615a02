import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readPe } from '../../formats/index.ts';
import {
  compareAllWays,
  compareBytes,
  fieldsOf,
  nodesOf,
  notesOf,
  patched,
  pathsOf,
  reasonsOf,
  survivesDamage,
} from '../helpers/compare-bytes.ts';

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../fixtures/pe', name));
const [image, object] = [fixture('small.exe'), fixture('small.obj')];
const u32 = (...values: number[]): Buffer => Buffer.from(new Uint32Array(values).buffer);

type Part = { readonly name: string; readonly bytes: Buffer };
const TIME = 1_700_000_000;
const HEADERS = 0x400;
const ADDRESS = 0x1000;

/** A PE32+ image: the DOS header, the two headers, sections filled up to 512 bytes; directories by number. */
function smallPe(parts: readonly Part[], directories: Readonly<Record<number, [number, number]>> = {}): Buffer {
  const dos = Buffer.alloc(0x80);
  dos.write('MZ');
  dos.writeUInt32LE(0x80, 0x3c);
  const optional = Buffer.alloc(240);
  optional.writeUInt16LE(0x20b, 0);
  optional.writeUInt32LE(HEADERS, 60);
  optional.writeUInt32LE(16, 108);
  for (const [index, pair] of Object.entries(directories)) optional.set(u32(...pair), 112 + 8 * Number(index));
  const coff = Buffer.concat([
    Buffer.from([0x64, 0x86, parts.length, 0]),
    u32(TIME, 0, 0),
    Buffer.from([240, 0, 2, 0]),
  ]);
  let offset = HEADERS;
  const filled = parts.map(({ bytes }) => Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]));
  const table = parts.map(({ name, bytes }, index) => {
    const size = filled[index]?.length ?? 0;
    const place = u32(bytes.length, ADDRESS * (index + 1), size, offset, 0, 0, 0, 0x40000040);
    offset += size;
    return Buffer.concat([Buffer.from(name.padEnd(8, '\0')), place]);
  });
  const head = Buffer.concat([dos, Buffer.from('PE\0\0'), coff, optional, ...table]);
  return Buffer.concat([head, Buffer.alloc(HEADERS - head.length), ...filled]);
}

const debugEntry = (type: number, size: number): Buffer => u32(0, TIME, 0, type, size, 0, HEADERS + 28);
const codeView = (path: string, identity: string): Buffer =>
  Buffer.concat([Buffer.from('RSDS'), Buffer.from(identity.repeat(16)), u32(1), Buffer.from(`${path}\0`)]);
const withPdb = (view: Buffer): Buffer =>
  smallPe([{ name: '.rdata', bytes: Buffer.concat([debugEntry(2, view.length), view]) }], { 6: [ADDRESS, 28] });

describe('reading a PE file', () => {
  it('reads what objdump reads', () => {
    const judged = fixture('small.objdump.txt').toString();
    const { header, sections, image: optional } = readPe(image);
    const number = (name: string): number => Number.parseInt(judged.match(`${name}\\s+(\\w+)`)?.[1] ?? '', 16);
    expect(optional?.bits).toBe(64);
    expect(Number(header['image base'])).toBe(number('ImageBase'));
    expect(header).toMatchObject({
      machine: 0x8664,
      checksum: number('CheckSum'),
      entry: number('AddressOfEntryPoint'),
      'image size': number('SizeOfImage'),
      'DLL characteristics': number('DllCharacteristics'),
      subsystem: 3,
    });
    const told = [...judged.matchAll(/^ +\d+ (\S+) +(\w{8}) +\w+ +\w+ +(\w{8}) /gm)];
    expect(sections.map(({ name, offset }) => [name, offset])).toEqual(
      told.map(([, name, , offset]) => [name, Number.parseInt(offset ?? '', 16)]),
    );
    const seconds = Date.parse(`${judged.match(/^Time\/Date\s+(.*)$/m)?.[1]} UTC`) / 1000;
    expect(header.time).toBe(seconds);
  });
});

describe('explaining how two PE files differ', () => {
  it('names the time in the header and the checksum that follows from it', async () => {
    const found = await compareAllWays(image, patched(patched(image, 0x88, u32(TIME)), 0xd8, u32(1)));
    expect(found.kind).toBe('pe');
    expect(reasonsOf(found).map(({ kind }) => kind)).toEqual(['timestamp', 'checksum']);
    expect(fieldsOf(found)).toContainEqual(
      expect.objectContaining({ name: 'header time', right: '1700000000 (2023-11-14T22:13:20Z)' }),
    );
    expect(found.children).toEqual([]);
  });

  it('names the section that differs, not what only fills it up, and what stands after all of them', async () => {
    const [one, other] = [smallPe([{ name: '.text', bytes: Buffer.from('one') }]), Buffer.from('after')];
    const found = await compareAllWays(
      one,
      Buffer.concat([smallPe([{ name: '.text', bytes: Buffer.from('other') }]), other]),
    );
    expect(pathsOf(found)).toEqual(['file', '(after the sections)', '.text']);
    const filled = patched(one, one.length - 1, [1]);
    expect(pathsOf(await compareAllWays(one, filled))).toEqual(['file', '.text (padding)']);
  });

  it('names code as what differs, but not where the section is said to be code and holds other things, too', async () => {
    const codeOf = async (left: Buffer, right: Buffer): Promise<number> =>
      reasonsOf(await compareAllWays(left, right)).filter(({ kind }) => kind === 'code').length;
    const at = 0x400;
    expect(await codeOf(image, patched(image, at, [0xcc]))).toBe(1);
    expect(await codeOf(image, patched(image, 0x600, [0xcc]))).toBe(0);
    const kernel = patched(image, 0x202, Buffer.from('HdrS'));
    expect(await codeOf(kernel, patched(kernel, at, [0xcc]))).toBe(0);
    // The directory of .NET, the fifteenth, stands 112 bytes after the begin of the optional header of PE32+.
    const managed = patched(image, image.readUInt32LE(0x3c) + 24 + 112 + 14 * 8, u32(ADDRESS, 72));
    expect(await codeOf(managed, patched(managed, at, [0xcc]))).toBe(0);
  });

  it('goes into the sections of a unified kernel image', async () => {
    const uki = (word: string): Buffer =>
      smallPe([
        { name: '.linux', bytes: gzipSync('kernel') },
        { name: '.cmdline', bytes: Buffer.from(`root=${word}`) },
        { name: '.initrd', bytes: gzipSync(`first\n${word}\n`) },
      ]);
    const found = await compareAllWays(uki('a'), uki('b'));
    expect(nodesOf(found)).toEqual([
      'file | pe | ',
      '.cmdline | text | ',
      '.initrd | gzip | ',
      '.initrd (unpacked) | text | ',
    ]);
  });

  it('names the path and the identity of the program database', async () => {
    const found = await compareAllWays(withPdb(codeView('c:/one.pdb', 'a')), withPdb(codeView('c:/two.pdb', 'b')));
    expect(reasonsOf(found)).toMatchObject([
      { kind: 'build-id', evidence: 'PDB identity', left: `${'61'.repeat(4)}-6161-6161-6161-${'61'.repeat(6)} age 1` },
      { kind: 'path', evidence: 'PDB path', left: 'c:/one.pdb', right: 'c:/two.pdb' },
    ]);
  });

  it('calls a time no time where the linker says it is a hash', async () => {
    const debug = smallPe([{ name: '.rdata', bytes: debugEntry(16, 0) }], { 6: [ADDRESS, 28] });
    const found = await compareAllWays(debug, patched(debug, 0x88, u32(5)));
    expect(reasonsOf(found)).toEqual([
      expect.objectContaining({ kind: 'build-id', evidence: 'header time, a hash of the content' }),
    ]);
  });

  it('tells a signature apart from what is signed', async () => {
    const text = { name: '.text', bytes: Buffer.from('x') };
    const end = smallPe([text]).length;
    const signed = (word: string): Buffer =>
      Buffer.concat([smallPe([text], { 4: [end, word.length] }), Buffer.from(word)]);
    const found = await compareAllWays(signed('certificate one'), signed('certificate two'));
    expect(pathsOf(found)).toEqual(['file', '(certificates)']);
    expect(reasonsOf(found)).toEqual([
      { kind: 'signature', evidence: 'Authenticode certificate table', left: '15 bytes', right: '15 bytes' },
    ]);
    const unsigned = await compareAllWays(smallPe([text]), signed('certificate one'));
    expect(reasonsOf(unsigned)[0]).toMatchObject({ left: 'not signed', right: '15 bytes' });
    expect(pathsOf(unsigned)).toEqual(['file', '(certificates)']);
  });

  it('reads object files', async () => {
    const found = await compareAllWays(object, patched(object, 4, u32(TIME)));
    expect(found.kind).toBe('pe');
    expect(reasonsOf(found).map(({ kind }) => kind)).toEqual(['timestamp']);
  });

  it('does not read sections over and over that lie upon each other', async () => {
    const parts = Array.from({ length: 12 }, (_, index) => ({ name: `.s${index}`, bytes: Buffer.alloc(512) }));
    const plain = smallPe(parts);
    const hostile = Buffer.from(plain);
    for (let index = 0; index < parts.length; index++)
      hostile.set(u32(6000, ADDRESS, 6000, 512), 0x188 + 40 * index + 8);
    const found = await compareBytes(hostile, patched(hostile, hostile.length - 1, [1]));
    expect(found.kind).toBe('bytes');
    expect(notesOf(found)).toEqual(['FORMAT_MALFORMED: reading sections at byte 0: they overlap']);
  });

  it('never throws and never says equal, wherever one is cut or broken', async () => {
    await survivesDamage(image.subarray(0, 0x600), 3);
    await survivesDamage(object, 1);
  });
});
