import { describe, expect, it } from 'vitest';
import { bufferSource, explain } from '../../../../compare/index.ts';
import type { Difference } from '../../../../model/index.ts';
import { assembled, assemblerOf } from '../../../helpers/assembled-elf.ts';

const compare = (left: Uint8Array, right: Uint8Array): Promise<Difference> =>
  explain(bufferSource('tool', left), bufferSource('tool', right));

const child = (node: Difference | undefined, path: string): Difference | undefined =>
  node?.children.find((one) => one.path === path);

const DYNAMIC = ['-shared', '--no-eh-frame-hdr'];

describe('explaining how the code of ELF files of other machines differs', () => {
  const forMachine = (machine: number, source: string): Buffer => {
    const file = assembled(source, DYNAMIC);
    file.writeUInt16LE(machine, 18);
    return file;
  };

  it('tells what a branch of AArch64 goes to by name, wherever the function stands', async () => {
    // mov w1, #1 or #2; bl helped; b.eq to the start; ret
    const file = (move: string): Buffer =>
      forMachine(
        183,
        assemblerOf({
          calling: `.long ${move}, 0x94000003, 0x54ffffc0, 0xd65f03c0`,
          helped: '.long 0xd65f03c0',
        }).replaceAll('\nret\n', '\n'),
      );
    const text = child(await compare(file('0x52800021'), file('0x52800041')), '.text');
    expect(child(text, 'calling')?.diff).toBe(
      '@@ -1,4 +1,4 @@\n-mov w1, #0x1 // #1\n+mov w1, #0x2 // #2\n bl <helped>\n b.eq <label 1>\n ret\n',
    );
  });

  it('does not say that instructions differ where it cannot tell them from addresses', async () => {
    // auipc a0, of two pages
    const file = (page: string): Buffer => forMachine(243, assemblerOf({ calling: `.long ${page}` }));
    const text = child(await compare(file('0x00001517'), file('0x00002517')), '.text');
    expect(text?.detail).toBe('functions: 0 equal, 1 differ, 0 only on one side');
    expect(text?.reasons?.[0]?.evidence).toMatch(/^instructions of functions differ, or addresses in them/);
    expect(child(text, 'calling')?.detail).toBe('instructions, or addresses in them, differ');
  });

  it('shows the bytes of functions whose instructions it cannot show', async () => {
    const file = (value: number): Buffer => forMachine(247, assemblerOf({ calling: `.quad 0x${value}000000b7` }));
    const text = child(await compare(file(11), file(12)), '.text');
    expect(text?.notes).toContain('instructions of this machine are shown as bytes');
    expect(child(text, 'calling')?.diff).toBe('@@ -1,2 +1,2 @@\n-b700000011000000\n+b700000012000000\n c3\n');
  });

  it('tells the page that AArch64 code takes an address of', async () => {
    // adrp x0, of the next page; mov w1, #1 or #2; ret
    const file = (space: number, move: string): Buffer =>
      forMachine(
        183,
        `.balign 4096\n.skip ${space}\n.globl one\n.type one, @function\none: .long 0xb0000000, ${move}, 0xd65f03c0\n.size one, 12`,
      );
    const text = child(await compare(file(4096, '0x52800021'), file(8192, '0x52800041')), '.text');
    const page = /-adrp x0, 0x([0-9a-f]+)\n[^+]*\+adrp x0, 0x([0-9a-f]+)\n/.exec(child(text, 'one')?.diff ?? '');
    expect(Number.parseInt(page?.[2] ?? '', 16) - Number.parseInt(page?.[1] ?? '', 16)).toBe(4096);
  });

  it('reads the functions of ARM that are in short instructions as such', async () => {
    const file = (value: number): Buffer =>
      forMachine(
        40,
        `begin: .short 0x20${value}, 0x4770\nodd = begin + 1\n.globl odd\n.type odd, @function\n.size odd, 4\n`,
      );
    const text = child(await compare(file(11), file(12)), '.text');
    expect(child(text, 'odd')?.diff).toBe('@@ -1,2 +1,2 @@\n-movs r0, #17\n+movs r0, #18\n bx lr\n');
  });
});
