/** What a register holds, and the line that says so. */
type Held = { readonly page: number; readonly line: number };

/** Registers that a call may leave with anything (AAPCS64 6.1.1). */
const OF_CALLS = new Set([...Array.from({ length: 19 }, (_, register) => register), 30]);

/** Loads of pairs, and atomic operations that give what was there before: they write their second register, too. */
const SECOND = /^(?:ldn?p|ldxp|ldaxp|swp|ld(?:add|clr|eor|set|[su]max|[su]min))/;

/**
 * Names what AArch64 instructions refer to in two parts: the page, and what is added to it. A page of which nothing is
 * seen to be added is shown as it is. Registers are followed down the lines, as far as one is reached from the one above.
 */
export class Arm64Operands {
  readonly #held = new Map<number, Held>();

  /** A line that comes after `lines`, of which one may be told otherwise now. */
  named(text: string, lines: string[], nameOf: (address: number) => string): string {
    const adrp = /^adrp x(\d+), 0x([0-9a-f]+)$/.exec(text);
    if (adrp !== null) {
      const page = Number(BigInt.asIntN(64, BigInt(`0x${adrp[2]}`)));
      this.#held.set(Number(adrp[1]), { page, line: lines.length });
      return text;
    }
    const add = /^(add x\d+, )x(\d+), #0x([0-9a-f]+)()$/.exec(text);
    const [, head = '', base = '', hex = '0', end = ''] =
      add ?? /^((?:ldr|str)[a-z]* \w+, \[)x(\d+)(?:, #(\d+))?(\])$/.exec(text) ?? [];
    const held = this.#held.get(Number(base === '' ? -1 : base));
    this.#pass(text);
    if (held === undefined) return text;
    const name = nameOf(held.page + Number.parseInt(hex, add === null ? 10 : 16));
    if (/ 0x[0-9a-f]+$/.test(lines[held.line] ?? '')) lines[held.line] = `adrp x${base}, ${name}`;
    return `${head}x${base}, ${name}${end}`;
  }

  #pass(text: string): void {
    if (/^(?:b|br\w*|ret\w*)(?: |$)/.test(text)) this.#held.clear();
    else if (text.startsWith('svc')) this.#held.delete(0);
    else if (/^blr?\w* /.test(text)) for (const register of OF_CALLS) this.#held.delete(register);
    else {
      const [, first, second] = /^[a-z]\w* [xw](\d+)(?:, [xw](\d+))?/.exec(text) ?? [];
      this.#held.delete(Number(first ?? -1));
      if (SECOND.test(text)) this.#held.delete(Number(second ?? -1));
      const written = /\[[xw](\d+)(?:, #-?\d+\]!|\], )/.exec(text);
      this.#held.delete(Number(written?.[1] ?? -1));
    }
  }
}
