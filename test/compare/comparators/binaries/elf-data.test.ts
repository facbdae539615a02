import { describe, expect, it } from 'vitest';
import { bufferSource, explain } from '../../../../compare/index.ts';
import type { Difference } from '../../../../model/index.ts';
import { assembled } from '../../../helpers/assembled-elf.ts';
import { mirror } from '../../../helpers/mirror.ts';

const EXECUTABLE = ['-e', 'one'];
const SHARED = ['-shared', '--hash-style=sysv'];
const CODE = `.globl one, other
.hidden one, other
.type one, @function
one: ret
.size one, .-one
.type other, @function
other: nop
ret
.size other, .-other
`;

/** The same functions, told by frames where symbols are stripped. */
const FRAMED = `.globl _start
_start: .cfi_startproc
ret
.cfi_endproc
one: .cfi_startproc
ret
.cfi_endproc
other: .cfi_startproc
nop
ret
.cfi_endproc
`;
const TEXTS = `.section .rodata
first: .string "the first text"
second: .string "the second text"
`;

/** The node of .data, of two files that must read the same with the sides swapped. */
async function dataOf(left: Buffer, right: Buffer): Promise<Difference | undefined> {
  const compare = (old: Buffer, now: Buffer): Promise<Difference> =>
    explain(bufferSource('tool', old), bufferSource('tool', now));
  const found = await compare(left, right);
  expect(await compare(right, left)).toEqual(mirror(found));
  return found.children.find((one) => one.path === '.data');
}

describe('explaining how the data of two ELF files differ', () => {
  it('calls words addresses that only follow what they point to', async () => {
    const program = (options: readonly string[], space: string): Buffer =>
      assembled(`${space}\n${CODE}.data\n.quad one\n.quad other\n`, options);
    for (const options of [EXECUTABLE, [...SHARED, '-z', 'pack-relative-relocs']])
      expect(await dataOf(program(options, ''), program(options, '.skip 32, 0x31'))).toMatchObject({
        notes: ['only addresses of other parts of the file differ'],
        reasons: [{ kind: 'addresses' }],
      });
  });

  it.each([
    ['in code that is equal', ''],
    ['in code that differs too, by the names of what is there', 'mov $7, %eax'],
  ])('tells an address of something else from one that moved: %s', async (_what, more) => {
    const program = (first: string, second: string, added: string): Buffer =>
      assembled(`${CODE}${added}\n.data\n.quad ${first}\n.quad ${second}\n`, EXECUTABLE);
    const data = await dataOf(program('one', 'other', ''), program('other', 'one', more));
    expect(data?.reasons).toBeUndefined();
    expect(data?.children[0]?.detail).toMatch(/^first difference at byte 0; 2 of 16 bytes/);
  });

  it.each([
    ['a text, in texts that differ', 'first', 'second', []],
    ['a function without a name, in code that differs', 'one', 'other', []],
    ['a text, in a file that runs anywhere', 'first', 'second', SHARED],
  ])('tells a pointer to something else from one that moved: to %s', async (_what, one, other, options) => {
    const program = (first: string, second: string, change: number): Buffer =>
      assembled(`${FRAMED}mov $${change}, %eax\n.data\n.quad ${first}\n.quad ${second}\n${TEXTS}.long ${change}\n`, [
        ...options,
        '-s',
      ]);
    const data = await dataOf(program(one, other, 1), program(other, one, 2));
    expect(data?.reasons).toBeUndefined();
    expect(data?.children[0]?.detail).toMatch(/^first difference at byte 0; 2 of 16 bytes/);
  });

  it('takes a pointer to a text that was changed, and moved another, for one that moved', async () => {
    const program = (folder: string): Buffer =>
      assembled(
        `${CODE}.data\n.quad first\n.quad second\n.section .rodata\nfirst: .string "/${folder}/one.c"\nsecond: .string "/${folder}/two.c"\n`,
        [...EXECUTABLE, '-s'],
      );
    const data = await dataOf(program('build'), program('builder'));
    expect(data?.reasons).toMatchObject([{ kind: 'addresses' }]);
  });

  it('takes any number of names of one place for no other thing, without comparing them all', async () => {
    const names = (letter: string): string =>
      Array.from({ length: 20_000 }, (_, index) => `.type ${letter}${index}, @object\n${letter}${index}:\n`).join('');
    const program = (letter: string): Buffer =>
      assembled(
        `${CODE}.section .fixed, "aw"\n${names(letter)}.long '${letter}'\n.data\n.rept 5000\n.quad ${letter}1\n.endr\n`,
        [...EXECUTABLE, `-Tdata=0x${letter === 'a' ? 60 : 70}0000`],
      );
    const data = await dataOf(program('a'), program('b'));
    expect(data?.reasons).toMatchObject([{ kind: 'addresses' }]);
  });

  it('takes no number of a file that runs anywhere for an address, though it looks like one', async () => {
    const library = (limit: number): Buffer => assembled(`${CODE}.data\n.quad ${limit}\n`, SHARED);
    const data = await dataOf(library(0x1000), library(0x1001));
    expect(data?.reasons).toBeUndefined();
    expect(data?.children[0]?.detail).toMatch(/^first difference at byte 0; 1 of 8 bytes/);
  });
});
