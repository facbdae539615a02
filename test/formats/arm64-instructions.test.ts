import { describe, expect, it } from 'vitest';
import { Arm64Reader } from '../../formats/index.ts';

const AT = 0x12345678;
const reader = new Arm64Reader();

/** The words and what they refer to, as objdump prints them at this address. */
describe('reading what AArch64 instructions refer to', () => {
  it.each([
    ['bl .+12', 0x94000003, AT + 12],
    ['b .-4', 0x17ffffff, AT - 4],
    ['b.ne .+8', 0x54000041, AT + 8],
    ['cbz x3, .-8', 0xb4ffffc3, AT - 8],
    ['tbnz w0, #3, .-16', 0x371fff80, AT - 16],
    ['ldr x1, .+32', 0x58000101, AT + 32],
    ['adr x2, .+5', 0x30000022, AT + 5],
    ['adrp x16, of the next page', 0xb0000010, 0x12346000],
    ['adrp x0, of the page before', 0xf0ffffe0, 0x12344000],
    ['add x0, x3, #0xa10', 0x91284060, 0xa10],
    ['ldr x17, [x16, #8]', 0xf9400611, 8],
    ['ldrb w0, [x1, #7]', 0x39401c20, 7],
    ['ldr q0, [x1, #32]', 0x3dc00820, 32],
  ])('%s', (_text, word, target) => {
    reader.read(word | 0, AT);
    expect(reader.target).toBe(target);
    expect(reader.distance === 0).not.toBe(reader.added === 0);
  });

  it.each([
    ['mov x5, x6', 0xaa0603e5, [5]],
    ['ldp x1, x2, [x3], #16', 0xa8c10861, [1, 2, 3]],
    ['ldr d0, [x1, #8]', 0xfd400420, []],
    ['fmov x4, d0', 0x9e660004, [4]],
    ['umov w7, v0.b[1]', 0x0e033c07, [7]],
    ['fadd d0, d1, d2', 0x1e622820, []],
    ['ccmp w1, #0, #4, ne', 0x7a401824, []],
    ['ldr x0, [x1, #8]!', 0xf8408c20, [0, 1]],
    ['mrs x9, tpidr_el0', 0xd53bd049, [9]],
    ['b.ne .+8', 0x54000041, []],
  ])('knows which registers are other ones after %s', (_text, word, registers) => {
    reader.read(word | 0, AT);
    expect(Array.from({ length: 31 }, (_, register) => register).filter((one) => (reader.written >>> one) & 1)).toEqual(
      registers,
    );
  });

  it('knows what goes on after it', () => {
    const goesOn = (word: number): boolean => {
      reader.read(word | 0, AT);
      return reader.goesOn;
    };
    expect([0x94000003, 0xd63f0000, 0x54000041, 0xd503201f].map(goesOn)).toEqual([true, true, true, true]);
    expect([0x14000003, 0xd61f0000, 0xd65f03c0].map(goesOn)).toEqual([false, false, false]);
  });
});
