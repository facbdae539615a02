import { describe, expect, it } from 'vitest';
import { bufferSource, explain } from '../../../../compare/index.ts';
import { readElf } from '../../../../formats/index.ts';
import type { Difference } from '../../../../model/index.ts';
import { assembled } from '../../../helpers/assembled-elf.ts';
import { madeBy } from '../../../helpers/compiled-object.ts';
import { mirror } from '../../../helpers/mirror.ts';

const SHARED = ['-shared', '--hash-style=sysv'];
const LIMITS = { sections: 100, nameBytes: 4096, noteBytes: 4096 };
const NUMBERS = 'the symbols of these numbers, by which others refer to them, have other names or versions';

/** Two files that must read the same with the sides swapped. */
async function compare(left: Buffer, right: Buffer): Promise<Difference> {
  const found = await explain(bufferSource('tool', left), bufferSource('tool', right));
  expect(await explain(bufferSource('tool', right), bufferSource('tool', left))).toEqual(mirror(found));
  return found;
}

const child = (node: Difference, path: string): Difference | undefined =>
  node.children.find((one) => one.path === path);

/** Two functions of one size, and a third name for the first or the second of them. */
const aliased = (target: string, data = ''): Buffer =>
  assembled(
    `.globl alias\n.type alias, @function\none: mov $1, %eax\nret\nother: mov $0, %eax\nret\n` +
      `alias = ${target}\n.size alias, 6\n.section .rodata\n.asciz "text${data}"\n`,
    SHARED,
  );

/** Code at this address, with another name for one of its two places. */
const aliasedAt = (address: string, target: string): Buffer =>
  assembled(`.globl one\none: nop\nother: ret\nalias = ${target}\n`, [`-Ttext=${address}`, '-e', 'one']);

describe('explaining how the symbols of two ELF files differ', () => {
  it('does not say that a symbol only moved which names something else of equal bytes', async () => {
    const symbols = child(await compare(aliased('one'), aliased('other')), '.dynsym');
    expect(symbols?.diff).toMatch(/-alias FUNC .* at \+0x0\n\+alias FUNC .* at \+0x6\n/);
    expect(symbols?.reasons).toBeUndefined();
  });

  it('says that symbols are the same, of which the sections are numbered otherwise', async () => {
    const object = (more: string): Buffer => assembled(`${more}.section .late, "a"\n.globl one\none: .long 1\n`);
    const symbols = child(await compare(object(''), object('.section .early, "a"\n.long 1\n')), '.symtab');
    expect(symbols?.detail).toBe('content differs: the same symbols, whose sections or names have other numbers');
    expect(symbols?.diff).toBeUndefined();
  });

  it('tells places of symbols apart in the upper half of the addresses, where kernels are', async () => {
    const address = '0xffffffff81000000';
    const symbols = child(await compare(aliasedAt(address, 'one'), aliasedAt(address, 'other')), '.symtab');
    expect(symbols?.diff).toMatch(/-alias NOTYPE .* at \+0x0\n\+alias NOTYPE .* at \+0x1\n/);
    expect(symbols?.reasons).toBeUndefined();
  });

  it('does not say that symbols are the same where it cannot tell their values apart', async () => {
    const address = '0x4000000000000000';
    const symbols = child(await compare(aliasedAt(address, 'one'), aliasedAt(address, 'other')), '.symtab');
    expect(symbols).toMatchObject({ detail: 'content differs' });
    expect(symbols?.reasons).toBeUndefined();
  });

  it('tells what the ABI of a machine makes of a symbol', async () => {
    const left = assembled('.globl one\none: ret\n');
    const right = Buffer.from(left);
    const { sections } = await readElf((start) => bufferSource('file', left).open(start), LIMITS);
    const { offset, size } = sections.find(({ name }) => name === '.symtab') as { offset: number; size: number };
    right.writeUInt8(0x60, offset + size - 24 + 5);
    const symbols = child(await compare(left, right), '.symtab');
    expect(symbols?.diff).toContain(
      '-one NOTYPE GLOBAL DEFAULT size 0 in .text\n+one NOTYPE GLOBAL DEFAULT size 0 in .text other 0x60\n',
    );
  });

  it('tells another alignment of a common symbol', async () => {
    const object = (alignment: number): Buffer => assembled(`.comm shared, 8, ${alignment}\n`);
    const symbols = child(await compare(object(8), object(16)), '.symtab');
    expect(symbols?.diff).toContain(
      '-shared OBJECT GLOBAL DEFAULT size 8 in common value 8\n+shared OBJECT GLOBAL DEFAULT size 8 in common value 16\n',
    );
  });

  it('tells by number symbols of an equal table that changed their names, whatever else differs', async () => {
    const object = (one: string, other: string, code = ''): Buffer =>
      assembled(`call ${one}\ncall ${other}\n${code}\n`);
    for (const [left, right] of [
      [object('x', 'y'), object('y', 'x')],
      [object('x', 'y', 'mov $1, %eax'), object('y', 'x', 'mov $2, %eax')],
    ] as const) {
      const names = child(await compare(left, right), '.strtab');
      expect(names?.diff).toMatch(/-1: x NOTYPE .*\n-2: y NOTYPE .*\n\+1: y NOTYPE .*\n\+2: x NOTYPE/);
      expect(names?.notes).toEqual([NUMBERS]);
    }
  });

  it('tells another version of a symbol though its table is equal, whatever else differs', async () => {
    const left = versioned('text');
    for (const right of [versioned('text'), versioned('more')]) {
      const { offset, size } = await sectionAt(right, '.gnu.version');
      const numbers = right.subarray(offset, offset + size);
      for (let at = 0; at < size; at += 2) {
        const number = numbers.readUInt16LE(at);
        if (number === 2 || number === 3) numbers.writeUInt16LE(5 - number, at);
      }
      const found = child(await compare(left, right), '.gnu.version');
      expect(found?.diff).toMatch(/-\d+: one@V1 FUNC .*\n(?:.*\n)*\+\d+: one@V2 FUNC/);
      expect(found?.detail).toBe('content differs');
    }
  });
});

/** A library of two functions, each with a version of its own. */
function versioned(text: string): Buffer {
  const one = (name: string): string => `.globl ${name}\n.type ${name}, @function\n${name}: ret\n.size ${name}, 1\n`;
  return madeBy(
    [
      ['as', '--64', '-o', 'made.o', 'source.s'],
      ['ld', '-shared', '--hash-style=sysv', '--version-script=versions', '-o', 'made', 'made.o'],
    ],
    {
      'source.s': `${one('one')}${one('other')}.section .rodata\n.asciz "${text}"\n`,
      versions: 'V1 { global: one; local: *; };\nV2 { global: other; } V1;\n',
    },
    ['made'],
  ).made[0] as Buffer;
}

async function sectionAt(file: Buffer, name: string): Promise<{ readonly offset: number; readonly size: number }> {
  const { sections } = await readElf((start) => bufferSource('file', file).open(start), LIMITS);
  const found = sections.find((section) => section.name === name);
  if (found === undefined) throw new Error(`the library has no ${name}`);
  return found;
}
