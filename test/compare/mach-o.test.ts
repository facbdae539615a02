import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readMachO } from '../../formats/index.ts';
import {
  changedLines,
  compareAllWays,
  compareBytes,
  fieldsOf,
  patched,
  pathsOf,
  reasonsOf,
  survivesDamage,
} from '../helpers/compare-bytes.ts';

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../fixtures/mach-o', name));
const object = fixture('small.o');
const u32 = (...values: number[]): Buffer => Buffer.from(new Uint32Array(values).buffer);
const bigU32 = (...values: number[]): Buffer => Buffer.from(u32(...values)).swap32();

const command = (kind: number, content: Buffer): Buffer => Buffer.concat([u32(kind, 8 + content.length), content]);
const uuid = (letter: string): Buffer => command(0x1b, Buffer.from(letter.repeat(16)));
const library = (name: string, time = 2): Buffer =>
  command(0xc, Buffer.concat([u32(24, time, 0x10203, 0x10000), Buffer.from(name.padEnd(24, '\0'))]));
/** A library for ARM64 with these commands, and `tail` after them. */
function machOf(commands: readonly Buffer[], tail = ''): Buffer {
  const all = Buffer.concat(commands);
  const header = u32(0xfeedfacf, 0x100000c, 0, 6, commands.length, all.length, 0x85, 0);
  return Buffer.concat([header, all, Buffer.from(tail)]);
}
const signed = (text: string): Buffer => machOf([uuid('a'), command(0x1d, u32(32 + 24 + 16, text.length))], text);

describe('reading a Mach-O file', () => {
  it('reads what llvm-objdump reads', () => {
    const judged = fixture('small.objdump.txt').toString();
    const { header, commands, pieces } = readMachO(object, { sections: 10 });
    expect(header).toMatchObject({ cpu: 'x86-64', type: 'object', 'load commands': '4, 520 bytes', flags: '0x2000' });
    const told = [
      ...judged.matchAll(/sectname (\S+)\n\s+segname (\S+)\n\s+addr \S+\n\s+size 0x(\w+)\n\s+offset (\d+)/g),
    ].map(([, section, segment, size, offset]) => ({
      name: `${segment},${section}`,
      offset: Number(offset),
      size: Number.parseInt(size ?? '', 16),
    }));
    expect(told.length).toBe(4);
    expect(pieces.filter(({ name }) => /^__\w+,\w+$/.test(name))).toEqual(told);
    expect(commands).toContainEqual(expect.stringMatching(/^segment {2}address 0x0, 112 bytes in memory/));
    expect(() => readMachO(object, { sections: 3 })).toThrow(expect.objectContaining({ code: 'FORMAT_LIMIT' }));
  });
});

describe('explaining how two Mach-O files differ', () => {
  it('names the section that differs', async () => {
    const found = await compareAllWays(object, patched(object, object.indexOf('hello'), Buffer.from('HELLO')));
    expect(found.kind).toBe('mach-o');
    expect(pathsOf(found)).toEqual(['file', '__TEXT,__const']);
    expect(reasonsOf(found)).toEqual([]);
  });

  it('names code as what differs', async () => {
    const { pieces } = readMachO(object, { sections: 10 });
    const found = await compareAllWays(object, patched(object, pieces[0]?.offset ?? 0, [0xcc]));
    expect(pathsOf(found)).toEqual(['file', '__TEXT,__text']);
    expect(reasonsOf(found).map(({ kind }) => kind)).toEqual(['code']);
  });

  it('names the UUID', async () => {
    const found = await compareAllWays(machOf([uuid('a')]), machOf([uuid('b')]));
    const sides = { left: '61'.repeat(16), right: '62'.repeat(16) };
    expect(fieldsOf(found)).toEqual([{ name: 'UUID', ...sides }]);
    expect(reasonsOf(found)).toEqual([{ kind: 'build-id', evidence: 'UUID load command', ...sides }]);
  });

  it('names libraries, run paths and versions', async () => {
    const path = (text: string): Buffer =>
      command(0x8000001c, Buffer.concat([u32(12), Buffer.from(text.padEnd(20, '\0'))]));
    const build = (sdk: number): Buffer => command(0x32, u32(1, 0xb0000, sdk, 1, 3, 0x1000));
    const [one, other] = [
      machOf([library('/lib/a.dylib'), path('@loader_path'), build(0xc0000)]),
      machOf([library('/lib/b.dylib'), path('@other_path'), build(0xd0100)]),
    ];
    expect(changedLines(await compareAllWays(one, other))).toEqual([
      '-library /lib/a.dylib 1.2.3, compatible 1.0.0, time 2',
      '-run path @loader_path',
      '-platform 1, needs 11.0.0, made with 12.0.0, tool 3 0.16.0',
      '+library /lib/b.dylib 1.2.3, compatible 1.0.0, time 2',
      '+run path @other_path',
      '+platform 1, needs 11.0.0, made with 13.1.0, tool 3 0.16.0',
    ]);
  });

  it('tells a signature apart', async () => {
    const found = await compareAllWays(signed('one'), signed('two'));
    expect(pathsOf(found)).toEqual(['file', 'code signature']);
    expect(reasonsOf(found)).toEqual([
      { kind: 'signature', evidence: 'code signature', left: '3 bytes', right: '3 bytes' },
    ]);
  });

  it('goes into each file of a universal one, and takes no Java class for one', async () => {
    const universal = (inner: Buffer): Buffer =>
      Buffer.concat([
        bigU32(0xcafebabe, 2, 7, 3, 48, 4, 0, 0x100000c, 0, 52, inner.length, 0),
        Buffer.from('i386'),
        inner,
      ]);
    const found = await compareAllWays(universal(machOf([uuid('a')])), universal(machOf([uuid('b')])));
    expect(found.kind).toBe('mach-o-universal');
    expect(pathsOf(found)).toEqual(['file', 'ARM64 (subtype 0)']);
    expect(found.children[0]?.kind).toBe('mach-o');
  });

  it('leaves to bytes what lies outside of all that is named', async () => {
    const found = await compareAllWays(machOf([uuid('a')], 'one'), machOf([uuid('a')], 'two'));
    expect(found).toMatchObject({ kind: 'bytes', notes: [] });
    expect(found.detail).toContain('3 of 59 bytes differ in place: 56+3');
  });

  it('falls back to bytes where a section is not in the file', async () => {
    const found = await compareBytes(object, object.subarray(0, 600));
    expect(found).toMatchObject({
      kind: 'bytes',
      notes: ['FORMAT_MALFORMED: reading sections at byte 600: the file ends inside one'],
    });
  });

  it('never throws and never says equal, wherever one is cut or broken', async () => {
    await survivesDamage(object, 3);
    await survivesDamage(signed('one'), 2);
  });
});
