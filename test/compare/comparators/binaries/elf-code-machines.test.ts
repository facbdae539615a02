import { describe, expect, it } from 'vitest';
import { bufferSource, explain } from '../../../../compare/index.ts';
import type { Difference } from '../../../../model/index.ts';
import { assembled } from '../../../helpers/assembled-elf.ts';
import { mirror } from '../../../helpers/mirror.ts';

const compare = (left: Uint8Array, right: Uint8Array): Promise<Difference> =>
  explain(bufferSource('tool', left), bufferSource('tool', right));

const child = (node: Difference | undefined, path: string): Difference | undefined =>
  node?.children.find((one) => one.path === path);

const DYNAMIC = ['-shared', '--no-eh-frame-hdr'];
/** Functions by name, each with a frame, so that it is found without symbols too. */
const functions = (bodies: Readonly<Record<string, string>>): string =>
  Object.entries(bodies)
    .map(([name, body]) => {
      return `.globl ${name}\n.hidden ${name}\n.type ${name}, @function\n${name}:\n.cfi_startproc\n${body}\nret\n.cfi_endproc\n.size ${name}, .-${name}\n`;
    })
    .join('\n');

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
        functions({
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
    const file = (page: string): Buffer => forMachine(243, functions({ calling: `.long ${page}` }));
    const text = child(await compare(file('0x00001517'), file('0x00002517')), '.text');
    expect(text?.detail).toBe('functions: 0 equal, 1 differ, 0 only on one side');
    expect(text?.reasons?.[0]?.evidence).toMatch(/^instructions of functions differ, or addresses in them/);
    expect(child(text, 'calling')?.detail).toBe('instructions, or addresses in them, differ');
  });

  /** Code of AArch64 sixteen pages before these texts. */
  const arm64 = (words: string, texts: readonly string[]): Buffer => {
    const data = `.section .rodata\n${texts.map((text) => `.asciz "${text}"`).join('\n')}\n`;
    const code = functions({ naming: `.long ${words}` }).replaceAll('\nret\n', '\n');
    const file = assembled(code + data, [...DYNAMIC, '-Ttext=0x10000', '--section-start=.rodata=0x20000']);
    file.writeUInt16LE(183, 18);
    return file;
  };
  // adrp x0, of the texts; add x0, x0, of the one at 0, 5 or 11; ret
  const naming = (offset: number): string => `0x90000080, ${0x91000000 + offset * 1024}, 0xd65f03c0`;
  const first = arm64(naming(0), ['first', 'second']);

  it('tells a text that moved from another one, which AArch64 code takes the address of in two parts', async () => {
    const moved = arm64(naming(5), ['more', 'first', 'second']);
    const text = child(await compare(first, moved), '.text');
    expect(text?.detail).toBe('functions: 0 equal, 1 differ only by addresses, 0 differ, 0 only on one side');
    expect(text?.reasons?.map(({ kind }) => kind)).toEqual(['addresses']);
    const other = child(await compare(first, arm64(naming(11), ['more', 'first', 'second'])), '.text');
    expect(child(other, 'naming')?.detail).toBe('the same instructions refer to something else');
    expect(child(other, 'naming')?.diff).toBe(
      '@@ -1,3 +1,3 @@\n-adrp x0, <"first">\n-add x0, x0, <"first">\n' +
        '+adrp x0, <"second">\n+add x0, x0, <"second">\n ret\n',
    );
    expect(await compare(moved, first)).toEqual(mirror(await compare(first, moved)));
  });

  it('does not say which of both it is where a page of AArch64 code is left without the rest', async () => {
    // adrp x0, of another page, or the rest counted from a register that holds no page; nop; ret
    for (const [one, other] of [
      ['0x90000080, 0xd503201f', '0xb0000080, 0xd503201f'],
      ['0xd503201f, 0x91000021', '0xd503201f, 0x91001421'],
    ]) {
      const sides = [one, other].map((words) => arm64(`${words}, 0xd65f03c0`, ['first'])) as [Buffer, Buffer];
      const text = child(await compare(...sides), '.text');
      expect(text?.reasons?.[0]?.evidence).toMatch(
        /differ, or addresses in them, which are not told apart everywhere$/,
      );
      expect(child(text, 'naming')?.detail).toBe('instructions, or addresses in them, differ');
    }
  });

  it('names nothing by a page that the register of AArch64 code may no longer hold', async () => {
    // adrp x0; then x0 from elsewhere, a call, or the end of what is reached; add x0, x0, #0 or #5
    for (const between of ['0xaa0103e0', '0xd63f0040', '0x14000001']) {
      const file = (add: string): Buffer => arm64(`0x90000080, ${between}, ${add}, 0xd65f03c0`, ['more', 'first']);
      const text = child(await compare(file('0x91000000'), file('0x91001400')), '.text');
      expect(child(text, 'naming')?.diff).toContain('-add x0, x0, #0x0\n+add x0, x0, #0x5\n');
    }
  });

  it('tells another number on the stack of AArch64 code for what it is', async () => {
    // add x0, sp, #16 or #32; ret
    const [left, right] = ['0x910043e0', '0x910083e0'].map((word) => arm64(`${word}, 0xd65f03c0`, ['first']));
    const text = child(await compare(left as Buffer, right as Buffer), '.text');
    expect(child(text, 'naming')?.detail).toBe('instructions differ');
  });

  it('shows the bytes of functions whose instructions it cannot show', async () => {
    const file = (value: number): Buffer => forMachine(247, functions({ calling: `.quad 0x${value}000000b7` }));
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
