import { describe, expect, it } from 'vitest';
import { bufferSource, explain } from '../../../../compare/index.ts';
import type { Difference } from '../../../../model/index.ts';
import { assembled } from '../../../helpers/assembled-elf.ts';
import { mirror } from '../../../helpers/mirror.ts';

const SHARED = ['-shared', '--hash-style=sysv'];

/** The node of a section, of two files that must read the same with the sides swapped. */
async function sectionOf(name: string, left: Buffer, right: Buffer): Promise<Difference | undefined> {
  const compare = (old: Buffer, now: Buffer): Promise<Difference> =>
    explain(bufferSource('tool', old), bufferSource('tool', now));
  const found = await compare(left, right);
  expect(await compare(right, left)).toEqual(mirror(found));
  return found.children.find((one) => one.path === name);
}

describe('explaining how the relocations of two ELF files differ', () => {
  it('tells another place of a section that a relocation of an object file refers to', async () => {
    const object = (text: string): Buffer =>
      assembled(`lea ${text}(%rip), %rdi\n.section .rodata\nyes: .asciz "yes"\nno: .asciz "no"\n`);
    const found = await sectionOf('.rela.text', object('yes'), object('no'));
    expect(found?.children[0]?.diff).toBe('@@ -1,1 +1,1 @@\n-.text+0x3: PC32 .rodata-0x4\n+.text+0x3: PC32 .rodata\n');
    expect(found?.reasons).toBeUndefined();
  });

  it('tells which function a pointer of an object file is to, in code that differs', async () => {
    const object = (pointers: string, value: number, space = ''): Buffer =>
      assembled(
        `${space}.type one, @function\none: ret\n.size one, 1\n.type other, @function\nother: mov $${value}, %eax\nret\n` +
          `.size other, 6\n.data\n.quad ${pointers}\n`,
      );
    const found = await sectionOf('.rela.data', object('one, other', 1), object('other, one', 2));
    expect(found?.reasons).toBeUndefined();
    expect(found?.children[0]?.diff).toBe(
      '@@ -1,2 +1,2 @@\n-.data+0x0: 64 .text\n-.data+0x8: 64 .text+0x1\n+.data+0x0: 64 .text+0x1\n+.data+0x8: 64 .text\n',
    );
    const moved = await sectionOf('.rela.data', object('one, other', 1), object('one, other', 2, '.skip 16, 0x31\n'));
    expect(moved).toMatchObject({ reasons: [{ kind: 'addresses' }], children: [] });
  });

  it('tells two symbols of an object file that changed places', async () => {
    const object = (one: string, other: string): Buffer => assembled(`.globl x, y\ncall ${one}\nnop\ncall ${other}\n`);
    const found = await sectionOf('.rela.text', object('x', 'y'), object('y', 'x'));
    expect(found?.notes).toEqual(['as many relocations of each type and symbol, in another order']);
    expect(found?.children[0]?.diff).toContain('-.text+0x1: PLT32 x-0x4\n-.text+0x7: PLT32 y-0x4\n');
  });

  it.each([
    ['in code that is equal', '', ['.text', '.text+0x1']],
    ['in code that differs too, by the names of what is there', 'mov $7, %eax', ['one', 'other']],
  ])('tells which function a pointer is to: %s', async (_what, more, [first, second]) => {
    const library = (pointers: string, added: string): Buffer =>
      assembled(
        `.type one, @function\none: ret\n.size one, 1\n.type other, @function\nother: ret\n${added}\n` +
          `.size other, .-other\n.data\n${pointers}\n`,
        SHARED,
      );
    const found = await sectionOf('.rela.dyn', library('.quad one, other', ''), library('.quad other, one', more));
    expect(found?.reasons).toBeUndefined();
    expect(found?.children[0]?.diff).toContain(`RELATIVE ${first}`);
    expect(found?.children[0]?.diff).toContain(`RELATIVE ${second}`);
  });

  it('tells which text a pointer is to, in texts that differ and have no names', async () => {
    const library = (pointers: string, more: string): Buffer =>
      assembled(`.data\n${pointers}\n.section .rodata\nyes: .asciz "yes"\nno: .asciz "no"\n.byte ${more}\n`, SHARED);
    const found = await sectionOf('.rela.dyn', library('.quad yes, no', '1'), library('.quad no, yes', '2'));
    expect(found?.reasons).toBeUndefined();
    expect(found?.children[0]?.diff).toBe(
      '@@ -1,2 +1,2 @@\n-.data+0x0: RELATIVE .rodata+0x0\n-.data+0x8: RELATIVE .rodata+0x4\n' +
        '+.data+0x0: RELATIVE .rodata+0x4\n+.data+0x8: RELATIVE .rodata+0x0\n',
    );
  });

  it('tells a place of a long text from the next one, which begins alike', async () => {
    const library = (place: string, byte: number): Buffer =>
      assembled(`.data\n.quad ${place}\n.section .rodata\nlong: .skip 9000, 0x61\n.byte 0, ${byte}\n`, SHARED);
    const found = await sectionOf('.rela.dyn', library('long', 1), library('long + 1', 2));
    expect(found?.reasons).toBeUndefined();
    expect(found?.children[0]?.diff).toContain('-.data+0x0: RELATIVE .rodata+0x0\n+.data+0x0: RELATIVE .rodata+0x1\n');
  });

  it('tells which of two imported functions a pointer of a linked file is to, which sorts relocations by symbol', async () => {
    const library = (one: string, other: string): Buffer =>
      assembled(`.globl x, y\n.data\n.quad ${one}, ${other}, x, y\n`, SHARED);
    const found = await sectionOf('.rela.dyn', library('x', 'y'), library('y', 'x'));
    expect(found?.reasons).toBeUndefined();
    expect(found?.children[0]?.diff).toBe(
      '@@ -1,2 +1,2 @@\n-.data+0x0: 64 x\n-.data+0x8: 64 y\n+.data+0x0: 64 y\n+.data+0x8: 64 x\n',
    );
  });

  it('says that the same relocations of a linked file stand in another order', async () => {
    const library = assembled('.globl x, y\n.data\n.quad x, y\n', SHARED);
    const table = Buffer.from(library);
    const places = ['x', 'y'].map(
      (_, index) => library.indexOf(Buffer.from('0100000001000000', 'hex')) + 24 * index - 8,
    );
    for (const [index, place] of places.entries())
      library.copy(table, place, places[1 - index], (places[1 - index] as number) + 24);
    const found = await sectionOf('.rela.dyn', library, table);
    expect(found?.reasons).toMatchObject([{ kind: 'order' }]);
    expect(found?.children).toEqual([]);
  });

  it('says that relocations only moved with what they refer to', async () => {
    const library = (space: string): Buffer =>
      assembled(`.type one, @function\n${space}one: ret\n.size one, 1\n.data\n.quad one\n`, SHARED);
    expect(await sectionOf('.rela.dyn', library(''), library('.skip 16, 0x31\n'))).toMatchObject({
      notes: ['the same relocations in the same order, at other places or with other addends'],
      reasons: [{ kind: 'addresses' }],
      children: [],
    });
  });

  it('leaves relocations untold whose words, of a section of a long name, would be too long together', async () => {
    const kinds = 100;
    const object = (value: number): Buffer => {
      const bytes = assembled(
        `.rept ${kinds}\n.quad .${'a'.repeat(2 ** 20)}\n.endr\n.section .${'a'.repeat(2 ** 20)}\n`,
      );
      // Each of another type; the second stands eight bytes after the first, and is of type 1.
      const second = bytes.indexOf(Buffer.from('0800000000000000010000', 'hex'));
      for (let at = 0; at < kinds; at++) bytes.writeUInt32LE(1 + at, second + (at - 1) * 24 + 8);
      bytes.writeUInt8(value, second + 16);
      return bytes;
    };
    const found = await sectionOf('.rela.text', object(1), object(2));
    expect(found?.notes).toEqual(['too large to be compared by symbol']);
  });

  it('says of no relocation that it moved where only what stands after the last one differs', async () => {
    const library = (byte: number): Buffer =>
      assembled(`.section .rela.x, "", @0x40000004\n.fill 24, 1, 1\n.byte ${byte}\n`);
    const asRelocations = (bytes: Buffer): Buffer => {
      const type = bytes.lastIndexOf(Buffer.from([4, 0, 0, 0x40]));
      return Buffer.concat([bytes.subarray(0, type + 3), Buffer.of(0), bytes.subarray(type + 4)]);
    };
    const found = await sectionOf('.rela.x', asRelocations(library(1)), asRelocations(library(2)));
    expect(found?.reasons).toBeUndefined();
    expect(found?.children).toMatchObject([
      { kind: 'bytes', detail: expect.stringContaining('difference at byte 24') },
    ]);
  });
});
