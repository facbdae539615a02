import { describe, expect, it } from 'vitest';
import { bufferSource, explain } from '../../../../compare/index.ts';
import type { Difference } from '../../../../model/index.ts';
import { assembled } from '../../../helpers/assembled-elf.ts';
import { mirror } from '../../../helpers/mirror.ts';

const compare = (left: Uint8Array, right: Uint8Array): Promise<Difference> =>
  explain(bufferSource('tool', left), bufferSource('tool', right), { limits: {} });

const child = (node: Difference | undefined, path: string): Difference | undefined =>
  node?.children.find((one) => one.path === path);

const EM_AARCH64 = 183;
/** A function of these words, or of assembler that makes some, in an object file of AArch64 or linked with these options. */
function naming(words: string, data = '', link?: readonly string[]): Buffer {
  const body = `.cfi_startproc\n.long ${words}\n.cfi_endproc\n.size naming, .-naming\n`;
  const file = assembled(`.globl naming\n.hidden naming\n.type naming, @function\nnaming:\n${body}${data}`, link);
  file.writeUInt16LE(EM_AARCH64, 18);
  return file;
}

/** Code sixteen pages before these texts. */
function linked(words: string, texts: readonly string[]): Buffer {
  const data = `.section .rodata\n${texts.map((text) => `.asciz "${text}"`).join('\n')}\n`;
  const places = ['-Ttext=0x10000', '--section-start=.rodata=0x20000'];
  return naming(words, data, ['-shared', '--no-eh-frame-hdr', ...places]);
}

/** adrp x0, of the texts; add x0, x0, of the one at 0, 5 or 11; ret */
const taking = (offset: number): string => `0x90000080, ${0x91000000 + offset * 1024}, 0xd65f03c0`;
const first = linked(taking(0), ['first', 'second']);

describe('explaining how code of AArch64 differs', () => {
  it('tells a text that moved from another one, whose address is taken in two parts', async () => {
    const moved = linked(taking(5), ['more', 'first', 'second']);
    const text = child(await compare(first, moved), '.text');
    expect(text?.detail).toBe('functions: 0 equal, 1 differ only by addresses, 0 differ, 0 only on one side');
    expect(text?.reasons?.map(({ kind }) => kind)).toEqual(['addresses']);
    const other = child(await compare(first, linked(taking(11), ['more', 'first', 'second'])), '.text');
    expect(child(other, 'naming')?.detail).toBe('the same instructions refer to something else');
    expect(child(other, 'naming')?.diff).toBe(
      '@@ -1,3 +1,3 @@\n-adrp x0, <"first">\n-add x0, x0, <"first">\n' +
        '+adrp x0, <"second">\n+add x0, x0, <"second">\n ret\n',
    );
    expect(await compare(moved, first)).toEqual(mirror(await compare(first, moved)));
  });

  it('does not say which of both it is where a page is left without the rest', async () => {
    // adrp x0, of another page, or the rest counted from a register that holds no page; nop; ret
    for (const [one, other] of [
      ['0x90000080, 0xd503201f', '0xb0000080, 0xd503201f'],
      ['0xd503201f, 0x91000021', '0xd503201f, 0x91001421'],
    ]) {
      const sides = [one, other].map((words) => linked(`${words}, 0xd65f03c0`, ['first'])) as [Buffer, Buffer];
      const text = child(await compare(...sides), '.text');
      expect(text?.reasons?.[0]?.evidence).toMatch(
        /differ, or addresses in them, which are not told apart everywhere$/,
      );
      expect(child(text, 'naming')?.detail).toBe('instructions, or addresses in them, differ');
    }
  });

  it('names what code of object files will refer to', async () => {
    // mov w1, #1 or #2; then what is filled in: adrp x0; ldr x2, [x0]; add x0, x0, #0; bl; and at last ret
    const filled = [0x90000000, 0xf9400002, 0x91000000, 0x94000000]
      .map((word) => `.reloc ., R_X86_64_32, there\n.long ${word}`)
      .join('\n');
    const [left, right] = ['0x52800021', '0x52800041'].map((move) => naming(`${move}\n${filled}\n.long 0xd65f03c0`));
    const text = child(await compare(left as Buffer, right as Buffer), '.text');
    const shown = child(text, 'naming')?.diff?.split('\n').slice(3);
    expect(shown).toEqual([' adrp x0, <there>', ' ldr x2, [x0, <there>]', ' add x0, x0, <there>', '']);
  });

  it('names nothing by a page that the register may no longer hold', async () => {
    // swp x1, x0, [x2]; ldaxp x1, x0, [x2]; ldnp x1, x0, [x2]; svc #0
    const seldom = ['0xf8218040', '0xc87f8041', '0xa8400041', '0xd4000001'];
    // adrp x0; then x0 from elsewhere, a call, or the end of what is reached; add x0, x0, #0 or #5
    for (const between of ['0xaa0103e0', '0xd63f0040', '0x14000001', ...seldom]) {
      const file = (add: string): Buffer => linked(`0x90000080, ${between}, ${add}, 0xd65f03c0`, ['more', 'first']);
      const text = child(await compare(file('0x91000000'), file('0x91001400')), '.text');
      expect(child(text, 'naming')?.diff).toContain('-add x0, x0, #0x0\n+add x0, x0, #0x5\n');
    }
  });

  it('tells another number on the stack for what it is', async () => {
    // add x0, sp, #16 or #32; ret
    const [left, right] = ['0x910043e0', '0x910083e0'].map((word) => linked(`${word}, 0xd65f03c0`, ['first']));
    const text = child(await compare(left as Buffer, right as Buffer), '.text');
    expect(child(text, 'naming')?.detail).toBe('instructions differ');
  });
});
