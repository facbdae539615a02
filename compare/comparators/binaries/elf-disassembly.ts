import { elfAddressText, X86Reader } from '../../../formats/index.ts';
import { isReproofError } from '../../../model/index.ts';
import { bufferSource } from '../../buffer-source.ts';
import { noteOf } from '../../error-notes.ts';
import { escapeName, shorten } from '../../escape.ts';
import type { HelperFile } from '../../helpers/helper-runner.ts';
import { TOOLS } from '../../helpers/tools.ts';
import type { Context } from '../../types.ts';
import { Arm64Operands } from './elf-arm64-operands.ts';
import { type ElfFunctions, functionAt } from './elf-functions.ts';
import type { ElfPlaces } from './elf-places.ts';
import type { RelocatedName } from './elf-relocated-names.ts';

/** Machines by e_machine: objdump's -m, and what fills the space between functions, which no instruction begins in. */
const MACHINES: Readonly<Record<number, Machine>> = {
  3: { name: 'i386', bits: 32, fill: 0x90 },
  20: { name: 'powerpc:common', bits: 32, fill: 0 },
  21: { name: 'powerpc:common64', bits: 64, fill: 0 },
  22: { name: 's390:64-bit', bits: 64, fill: 0x07 },
  40: { name: 'arm', bits: 32, fill: 0 },
  62: { name: 'i386:x86-64', bits: 64, fill: 0x90 },
  183: { name: 'aarch64', bits: 64, fill: 0 },
  243: { name: 'riscv:rv64', bits: 64, fill: 0 },
};
type Machine = { readonly name: string; readonly bits: 32 | 64; readonly fill: number };
/** Between two functions in the file that is disassembled, so that a cut instruction ends before the next one. */
const SPACE = 32;
const TEXT_CHARACTERS = 60;

/** Some functions of one side. */
export type Wanted = {
  readonly functions: ElfFunctions;
  readonly places: ElfPlaces | undefined;
  readonly indices: readonly number[];
  /** Of an object file, what its code will refer to: that is not written yet. */
  readonly relocated?: RelocatedName | undefined;
};
type Form = { readonly machine: number; readonly endian: 'little' | 'big' };

/** Lines of each function of either side in the order they were asked for; or why there are none. */
export type Disassembly =
  | {
      readonly left: readonly (readonly string[])[];
      readonly right: readonly (readonly string[])[];
      readonly note?: string;
    }
  | { readonly why: string; readonly limit?: boolean };

/**
 * Instructions of some functions of both sides by one run of objdump, of ARM by one for each kind of instructions.
 * Addresses are told by what stands there: places in the function by numbered labels, others by name, text or section.
 * Throws INTERRUPTED, ARCHIVE_LIMIT.
 */
export async function disassemble(
  { left, right, machine: number, endian }: Form & { readonly left: Wanted; readonly right: Wanted },
  context: Context,
): Promise<Disassembly> {
  const machine = MACHINES[number];
  if (machine === undefined)
    return { left: rowsOf(left), right: rowsOf(right), note: 'instructions of this machine are shown as bytes' };
  const lines = { left: left.indices.map(() => NO_LINES), right: right.indices.map(() => NO_LINES) };
  for (const thumb of [false, true]) {
    const nths = { left: nthsOf(left, thumb), right: nthsOf(right, thumb) };
    if (nths.left.length + nths.right.length === 0) continue;
    const sides = { left: only(left, nths.left), right: only(right, nths.right) };
    const found = await disassembleAlike(sides, { machine, thumb, endian }, context);
    if ('why' in found) return found;
    for (const side of ['left', 'right'] as const)
      for (const [index, nth] of nths[side].entries()) lines[side][nth] = found[side][index] ?? NO_LINES;
  }
  return lines;
}

/** Eight bytes a line, as long as most instructions of BPF, and two of most others. */
function rowsOf({ functions: { code, start, size }, indices }: Wanted): readonly (readonly string[])[] {
  return indices.map((index) => {
    const hex = code.at(start[index] as number, size[index] as number).toString('hex');
    return hex.match(/.{1,16}/g) ?? [];
  });
}

const NO_LINES: readonly string[] = [];

function nthsOf({ functions, indices }: Wanted, thumb: boolean): readonly number[] {
  return indices.flatMap((index, nth) => (functions.isThumb(index) === thumb ? [nth] : []));
}

function only(wanted: Wanted, nths: readonly number[]): Wanted {
  return { ...wanted, indices: nths.map((nth) => wanted.indices[nth] as number) };
}

async function disassembleAlike(
  { left, right }: { readonly left: Wanted; readonly right: Wanted },
  printing: Printed,
  context: Context,
): Promise<Disassembly> {
  if (!context.budget.takeProgramRun()) return { why: 'instructions are not shown: no more programs may be run' };
  const pieces: Buffer[] = [];
  let end = 0;
  const place = (wanted: Wanted): readonly Placed[] =>
    wanted.indices.map((index) => {
      const { functions } = wanted;
      const size = functions.size[index] as number;
      const padded = Buffer.alloc(Math.ceil(size / 16) * 16 + SPACE, printing.machine.fill);
      functions.code.at(functions.start[index] as number, size).copy(padded);
      pieces.push(padded);
      end += padded.length;
      return { wanted, index, start: end - padded.length, lines: [], labels: new Map() };
    });
  const placed = { left: place(left), right: place(right) };
  const output = await printed(Buffer.concat(pieces), printing, context);
  if (typeof output !== 'string') return output;
  fill([...placed.left, ...placed.right], output, printing.machine);
  return { left: placed.left.map(({ lines }) => lines), right: placed.right.map(({ lines }) => lines) };
}

/** A function, where it begins in the file that is disassembled, and what is told of it. */
type Placed = {
  readonly wanted: Wanted;
  readonly index: number;
  readonly start: number;
  readonly lines: string[];
  readonly labels: Map<number, number>;
};

type Printed = Pick<Form, 'endian'> & { readonly machine: Machine; readonly thumb: boolean };

/** What objdump prints of code, or why it does not: the rest of what is known of the file is told all the same. */
async function printed(
  code: Buffer,
  { machine, thumb, endian }: Printed,
  { helpers }: Context,
): Promise<string | Extract<Disassembly, { readonly why: string }>> {
  let file: HelperFile | undefined;
  try {
    file = await helpers.file(bufferSource('functions', code), code.length);
    if (file === undefined) return { why: 'instructions are not shown: too many' };
    const order = endian === 'little' ? '-EL' : '-EB';
    const kind = thumb ? ['-M', 'force-thumb'] : [];
    const argv = ['-D', '-z', '-b', 'binary', '-m', machine.name, ...kind, order, '--no-show-raw-insn', file.path];
    const result = await helpers.run(TOOLS.objdump, argv);
    if (result.kind === 'missing') return { why: result.note };
    if (result.status !== 0) return { why: `objdump cannot show instructions of this machine` };
    return result.stdout.toString('latin1');
  } catch (error) {
    if (!isReproofError(error, 'PROGRAM_FAILED', 'PROGRAM_LIMIT')) throw error;
    return { why: `instructions are not shown: ${noteOf(error)}`, limit: true };
  } finally {
    await file?.remove();
  }
}

/** Gives each of them, in the order of the file, its lines of what objdump printed. */
function fill(placed: readonly Placed[], output: string, { name, bits }: Machine): void {
  let nth = 0;
  let operands = new Arm64Operands();
  for (const line of output.split('\n')) {
    const found = /^ *([0-9a-f]+):\t(.*)$/.exec(line);
    if (found === null) continue;
    const at = Number.parseInt(found[1] as string, 16);
    for (; nth + 1 < placed.length && at >= (placed[nth + 1] as Placed).start; nth++) operands = new Arm64Operands();
    const { wanted, index, start, lines, labels } = placed[nth] as Placed;
    const { functions } = wanted;
    if (at < start || at >= start + (functions.size[index] as number)) continue;
    const shift = functions.address + (functions.start[index] as number) - start;
    const shifted = (hex: string, by: number): number => {
      const address = BigInt(`0x${hex}`) + BigInt(by);
      return Number(bits === 32 ? BigInt.asUintN(32, address) : BigInt.asIntN(64, address));
    };
    const later = laterAt(wanted, { name, index, at: at - start });
    const named = (hex: string): string =>
      later !== undefined ? `<${later}>` : nameOf(wanted, { address: shifted(hex, shift), index, labels });
    const page = (hex: string): string => elfAddressText(shifted(hex, pageOf(at + shift) - pageOf(at)));
    const text = readable((found[2] as string).replace(/[ \t]+/g, ' ').trim(), named, page);
    // In an object file neither part is written yet.
    const inParts = name === 'aarch64' && wanted.places !== undefined;
    const target = (address: number): string => nameOf(wanted, { address, index, labels });
    if (inParts) lines.push(operands.named(text, lines, target));
    else
      lines.push(
        later === undefined
          ? text
          : text.replace(PART, (_all, head, end) => `${head}${end === undefined ? '' : ', '}<${later}>${end ?? ''}`),
      );
  }
}

/** What AArch64 instructions refer to in two parts has, before it is filled in. */
const PART = /^(adrp x\d+, |add x\d+, x\d+, (?=#0x0$)|(?:ldr|str)[a-z]* \w+, \[x\d+)(?:#?0x[0-9a-f]+$|(\]$))/;

const reader = new X86Reader();

/** What will be filled in of the instruction at an offset of a function. */
function laterAt(
  { functions, relocated }: Wanted,
  { name, index, at }: { readonly name: string; readonly index: number; readonly at: number },
): string | undefined {
  if (relocated === undefined) return undefined;
  const start = functions.start[index] as number;
  // Of i386 one or two bytes of a branch come before it; others are filled in as a whole.
  if (name !== 'i386:x86-64')
    return (name === 'i386' ? [1, 2] : [0])
      .map((ahead) => relocated(start + at + ahead))
      .find((one) => one !== undefined);
  const code = functions.code.at(start, functions.size[index] as number);
  reader.read(code, at, code.length);
  return reader.relative === 0 ? undefined : relocated(start + at + reader.relative);
}

/** Of AArch64, whose adrp counts from the page that it stands in. */
function pageOf(address: number): number {
  return Math.floor(address / 4096) * 4096;
}

/** Instructions whose last operand is an address: those of s390 that compare, and load, among them. */
const BRANCHES = new RegExp(
  '^((?:[a-z0-9,.]+ )*?(?:bnd |notrack )?(?:j[a-z]*|call[a-z]*|loop[a-z]*|xbegin' +
    '|(?!bic|bext|bset|bclr|binv)b[a-z.]*[+-]?|cbn?z|tbn?z|adr|larl|lg?f?rl|stg?rl|exrl|cl?g?[ir]j[a-z]*)(?:\\.[nw])? )([^#]*?(?:#\\d+, )?)0x([0-9a-f]+)$',
);

/** An instruction with its addresses replaced: targets of jumps, and data relative to the instruction. */
function readable(text: string, named: (hex: string) => string, page: (hex: string) => string): string {
  const data = /^(.*?)-?0x[0-9a-f]+(\(%rip\).*?) +# 0x([0-9a-f]+)(.*)$/.exec(text);
  if (data !== null) return `${data[1]}${named(data[3] as string)}${data[2]}${data[4]}`;
  // Of ARM a literal near by, of RISC-V what two instructions together refer to.
  const literal = /^(.*\[pc, #-?\d+\].*[@;]|.*-?\d+(?:\(\w+\))? #) \(?0x([0-9a-f]+)\)?$/.exec(text);
  if (literal !== null) return `${literal[1]} ${named(literal[2] as string)}`;
  return text
    .replace(/ \/\/ b\.[a-z., ]+$/, '')
    .replace(/^(adrp \w+, )0x([0-9a-f]+)$/, (_all, head: string, hex: string) => `${head}${page(hex)}`)
    .replace(BRANCHES, (_all, head: string, middle: string, hex: string) => `${head}${middle}${named(hex)}`);
}

type Place = { readonly address: number; readonly index: number; readonly labels: Map<number, number> };

function nameOf({ functions, places }: Wanted, { address, index, labels }: Place): string {
  const offset = address - functions.address;
  const found = functionAt(functions, offset);
  if (found === index) {
    const label = labels.get(offset) ?? labels.size + 1;
    labels.set(offset, label);
    return `<label ${label}>`;
  }
  if (found !== undefined) {
    const within = offset - (functions.start[found] as number);
    const name = functions.names[found];
    return `<${name === undefined ? 'a function without a name' : escapeName(name)}${within === 0 ? '' : `+${within}`}>`;
  }
  const imported = places?.imported(address);
  if (imported !== undefined) return `<${escapeName(imported)}>`;
  const text = places?.text(address);
  if (text !== undefined) return `<"${shorten(text, TEXT_CHARACTERS)}">`;
  return `<${places === undefined ? 'elsewhere' : (places.section(address) ?? `${elfAddressText(address)}, in no section`)}>`;
}
