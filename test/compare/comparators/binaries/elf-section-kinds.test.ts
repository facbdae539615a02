import { describe, expect, it } from 'vitest';
import { bufferSource, explain } from '../../../../compare/index.ts';
import type { Difference, Reason } from '../../../../model/index.ts';
import { assembled } from '../../../helpers/assembled-elf.ts';
import { mirror } from '../../../helpers/mirror.ts';

const SHARED = ['-shared', '--hash-style=sysv'];
const CODE = '.globl begin, other\nbegin: nop\nret\nother: ret\n';

/** The node of a section, of two files that must read the same with the sides swapped. */
async function sectionOf(name: string, left: Buffer, right: Buffer): Promise<Difference | undefined> {
  const found = await explain(bufferSource('tool', left), bufferSource('tool', right));
  expect(await explain(bufferSource('tool', right), bufferSource('tool', left))).toEqual(mirror(found));
  return found.children.find((one) => one.path === name);
}

/** Why two files differ, which must read the same with the sides swapped. */
async function reasonsOf(left: Buffer, right: Buffer): Promise<readonly Reason[]> {
  const found = await explain(bufferSource('tool', left), bufferSource('tool', right));
  expect(await explain(bufferSource('tool', right), bufferSource('tool', left))).toEqual(mirror(found));
  return found.reasons ?? [];
}

/** A library that needs others: the linker names in the same way those that it is to filter. */
function needing(...names: readonly string[]): Buffer {
  const bytes = assembled(CODE, [...SHARED, ...names.flatMap((name) => ['-f', name])]);
  const [filter, needed] = ['fdffff7f00000000', '0100000000000000'].map((tag) => Buffer.from(tag, 'hex'));
  for (let at = bytes.indexOf(filter as Buffer); at >= 0; at = bytes.indexOf(filter as Buffer))
    bytes.set(needed as Buffer, at);
  return bytes;
}

describe('explaining how sections of a kind differ', () => {
  it('tells another function that the dynamic linker is to call from one that only moved', async () => {
    const library = (first: string, space = ''): Buffer => assembled(`${space}${CODE}`, [...SHARED, '-init', first]);
    const other = await sectionOf('.dynamic', library('begin'), library('other'));
    expect(other?.diff).toContain('-INIT .text+0x0\n+INIT .text+0x2\n');
    expect(other?.notes).toEqual([]);
    const moved = await sectionOf('.dynamic', library('begin'), library('begin', '.skip 16, 0x31\n'));
    expect(moved?.diff).toBeUndefined();
    expect(moved?.notes).toEqual(['1 address only moved']);
  });

  it('names what the linker was given otherwise as a cause', async () => {
    const given = (...options: readonly string[]): Buffer => assembled(CODE, [...SHARED, ...options]);
    const evidence = 'what the linker was given differs: ';
    expect(await reasonsOf(given('-soname', 'a.so.1'), given('-soname', 'a.so.2'))).toEqual([
      { kind: 'metadata', evidence: `${evidence}name as a library (SONAME)`, left: 'a.so.1', right: 'a.so.2' },
    ]);
    const folder = ['-rpath', '/usr/lib/a'];
    expect(
      await reasonsOf(given(...folder, '--enable-new-dtags'), given(...folder, '--disable-new-dtags')),
    ).toContainEqual({ kind: 'metadata', evidence: `${evidence}RPATH, RUNPATH` });
    const [one, other, more] = [needing('a.so', 'b.so'), needing('b.so', 'a.so'), needing('a.so', 'c.so')];
    expect(await reasonsOf(one, more)).toContainEqual({
      kind: 'metadata',
      evidence: `${evidence}needed libraries`,
      left: 'a.so b.so',
      right: 'a.so c.so',
    });
    expect(await reasonsOf(one, other)).toContainEqual({
      kind: 'order',
      evidence: 'needed libraries in another order',
      left: 'a.so b.so',
      right: 'b.so a.so',
    });
  });

  it('takes no remark for the version of a compiler that holds none, or is dated', async () => {
    const kindsOf = async (left: string, right: string): Promise<readonly string[]> => {
      const made = (text: string): Buffer =>
        assembled(`${CODE}.section .comment, "MS", @progbits, 1\n.asciz "${text}"\n`, SHARED);
      return ((await sectionOf('.comment', made(left), made(right)))?.reasons ?? []).map(({ kind }) => kind);
    };
    expect(await kindsOf('built on one', 'built on two')).toEqual([]);
    expect(await kindsOf('built Jan  1 2026 10:00:00', 'built Feb 11 2026 23:59:59')).toEqual(['timestamp']);
    expect(await kindsOf('cc 1.0"\n.asciz "as 2', 'as 2"\n.asciz "cc 1.0')).toEqual(['order']);
    expect(await kindsOf('cc 1.0', 'cc 1.0"\n.asciz "lld 2.1')).toEqual(['version-text']);
  });

  it('does not say that a table follows from code where only a constant differs', async () => {
    const file = (action: number, text: string, code = ''): Buffer =>
      assembled(
        `${code}${CODE}.section .gcc_except_table, "a"\n.byte ${action}\n.section .rodata\n.asciz "${text}"\n`,
        SHARED,
      );
    const shown = await sectionOf('.gcc_except_table', file(1, 'one'), file(2, 'two'));
    expect(shown?.detail).toBe('content differs');
    expect(shown?.children[0]?.kind).toBe('bytes');
    const followed = await sectionOf('.gcc_except_table', file(1, 'one'), file(2, 'one', 'nop\n'));
    expect(followed?.detail).toMatch(/^content differs, as it does where code, symbols or their places differ/);
  });

  it('shows stubs of imported functions that are more than the linker makes', async () => {
    const library = (value: number): Buffer =>
      assembled(`.globl begin\nbegin: mov $${value}, %eax\ncall one@plt\ncall two@plt\nret\n`, SHARED);
    const left = library(1);
    const follows = await sectionOf('.plt', left, assembled('.globl begin\nbegin: nop\ncall one@plt\n', SHARED));
    expect(follows?.detail).toMatch(/^content differs, as it does where code, symbols or their places differ/);
    const right = library(2);
    // The first stub after the common one: jmp *slot(%rip), push $0, jmp to the common one.
    const stub = right.indexOf('6800000000e9', 'hex') - 6;
    expect(right.readUInt16BE(stub)).toBe(0xff25);
    // jmp to what follows the section, and nop
    right.set(Buffer.from('e92a00000090', 'hex'), stub);
    const forged = await sectionOf('.plt', left, right);
    expect(forged?.detail).toMatch(/^functions: .* 1 differ/);
    expect(forged?.reasons?.map(({ kind }) => kind)).toEqual(['code']);
    expect(forged?.children[0]?.diff).toContain('+jmp');
    // The number of another import pushed.
    const swapped = library(2);
    swapped.writeUInt8(1, stub + 7);
    expect((await sectionOf('.plt', left, swapped))?.reasons?.map(({ kind }) => kind)).toEqual(['code']);
  });

  it('shows slots of imported functions that lead elsewhere than to their own stubs', async () => {
    const library = (value: number): Buffer =>
      assembled(`.globl begin\nbegin: mov $${value}, %eax\ncall one@plt\ncall two@plt\nret\n`, SHARED);
    const left = library(1);
    const more = assembled('.globl begin\nbegin: call one@plt\ncall two@plt\ncall three@plt\n', SHARED);
    expect((await sectionOf('.got.plt', left, more))?.detail).toMatch(/^content differs, as it does where code/);
    const right = library(2);
    const slot = Buffer.alloc(8);
    slot.writeUInt32LE(0x1016);
    const at = right.indexOf(slot);
    expect(at).toBeGreaterThan(0);
    for (const place of [0x1026, 0x1030]) {
      right.writeUInt32LE(place, at);
      const forged = await sectionOf('.got.plt', left, right);
      expect(forged?.detail).toBe('content differs');
      expect(forged?.children[0]?.kind).toBe('bytes');
    }
  });

  it('says that strings of a table stand in another order, and shows where', async () => {
    const library = (...texts: string[]): Buffer =>
      assembled(
        `${CODE}.section .texts, "aMS", @progbits, 1\n${texts.map((text) => `.asciz "${text}"\n`).join('')}`,
        SHARED,
      );
    const strings = await sectionOf('.texts', library('first', 'second'), library('second', 'first'));
    expect(strings).toMatchObject({
      notes: ['the same strings in another order'],
      reasons: [{ kind: 'order' }],
      children: [{ kind: 'bytes', detail: expect.stringContaining('first difference at byte 0') }],
    });
  });

  it('does not say that versions are named at another place where it is their flags that differ', async () => {
    const file = (flags: number): Buffer =>
      assembled(`.section .gnu.version_d, "", @0x6ffffffd\n.short 1, ${flags}, 1, 0\n.long 0, 0, 0\n`);
    const found = await sectionOf('.gnu.version_d', file(0), file(2));
    expect(found?.detail).toMatch(/^content differs: the same versions, of other flags or digests, or named at other/);
  });
});
