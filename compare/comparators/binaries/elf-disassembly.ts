import { isReproofError } from '../../../model/index.ts';
import { bufferSource } from '../../buffer-source.ts';
import { noteOf } from '../../error-notes.ts';
import { escapeName, shorten } from '../../escape.ts';
import type { HelperFile } from '../../helpers/helper-runner.ts';
import { TOOLS } from '../../helpers/tools.ts';
import type { Context } from '../../types.ts';
import { type ElfFunctions, functionAt } from './elf-functions.ts';
import type { ElfPlaces } from './elf-places.ts';

/** Names of objdump's -m by e_machine. */
const MACHINES: Readonly<Record<number, string>> = {
  3: 'i386',
  20: 'powerpc:common',
  21: 'powerpc:common64',
  22: 's390:64-bit',
  40: 'arm',
  62: 'i386:x86-64',
  183: 'aarch64',
  243: 'riscv:rv64',
};
/** Between two functions in the file that is disassembled, so that a cut instruction ends before the next one. */
const SPACE = 32;
const TEXT_CHARACTERS = 60;

/** Some functions of one side. */
export type Wanted = {
  readonly functions: ElfFunctions;
  readonly places: ElfPlaces | undefined;
  readonly indices: readonly number[];
};
type Form = { readonly machine: number; readonly endian: 'little' | 'big' };

/** Lines of each function of either side in the order they were asked for; or why there are none. */
export type Disassembly =
  | { readonly left: readonly (readonly string[])[]; readonly right: readonly (readonly string[])[] }
  | { readonly why: string; readonly limit?: boolean };

/**
 * Instructions of some functions of both sides by one run of objdump. Addresses are told by what stands there: places in
 * the function by numbered labels, others by name, text or section. Throws INTERRUPTED, ARCHIVE_LIMIT.
 */
export async function disassemble(
  { left, right, machine: number, endian }: Form & { readonly left: Wanted; readonly right: Wanted },
  context: Context,
): Promise<Disassembly> {
  const machine = MACHINES[number];
  if (machine === undefined) return { why: 'instructions of this machine are not shown' };
  if (!context.budget.takeProgramRun()) return { why: 'instructions are not shown: no more programs may be run' };
  const pieces: Buffer[] = [];
  let end = 0;
  const place = (wanted: Wanted): readonly Placed[] =>
    wanted.indices.map((index) => {
      const { functions } = wanted;
      const size = functions.size[index] as number;
      const padded = Buffer.alloc(Math.ceil(size / 16) * 16 + SPACE, number === 62 || number === 3 ? 0x90 : 0);
      functions.code.at(functions.start[index] as number, size).copy(padded);
      pieces.push(padded);
      end += padded.length;
      return { wanted, index, start: end - padded.length, lines: [], labels: new Map() };
    });
  const placed = { left: place(left), right: place(right) };
  const output = await printed(Buffer.concat(pieces), { machine, endian }, context);
  if (typeof output !== 'string') return output;
  fill([...placed.left, ...placed.right], output);
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

type Printed = Pick<Form, 'endian'> & { readonly machine: string };

/** What objdump prints of code, or why it does not: the rest of what is known of the file is told all the same. */
async function printed(
  code: Buffer,
  { machine, endian }: Printed,
  { helpers }: Context,
): Promise<string | Extract<Disassembly, { readonly why: string }>> {
  let file: HelperFile | undefined;
  try {
    file = await helpers.file(bufferSource('functions', code), code.length);
    if (file === undefined) return { why: 'instructions are not shown: too many' };
    const order = endian === 'little' ? '-EL' : '-EB';
    const argv = ['-D', '-z', '-b', 'binary', '-m', machine, order, '--no-show-raw-insn', file.path];
    const result = await helpers.run(TOOLS.objdump, argv);
    if (result.kind === 'missing') return { why: result.note };
    if (result.status !== 0) return { why: `objdump cannot show instructions of this machine` };
    return result.stdout.toString('latin1');
  } catch (error) {
    if (!isReproofError(error, 'PROGRAM_FAILED', 'PROGRAM_LIMIT')) throw error;
    return { why: `instructions are not shown: ${noteOf(error)}`, limit: error.code === 'PROGRAM_LIMIT' };
  } finally {
    await file?.remove();
  }
}

/** Gives each of them, in the order of the file, its lines of what objdump printed. */
function fill(placed: readonly Placed[], output: string): void {
  let nth = 0;
  for (const line of output.split('\n')) {
    const found = /^ *([0-9a-f]+):\t(.*)$/.exec(line);
    if (found === null) continue;
    const at = Number.parseInt(found[1] as string, 16);
    while (nth + 1 < placed.length && at >= (placed[nth + 1] as Placed).start) nth++;
    const { wanted, index, start, lines, labels } = placed[nth] as Placed;
    const { functions } = wanted;
    if (at < start || at >= start + (functions.size[index] as number)) continue;
    const shift = functions.address + (functions.start[index] as number) - start;
    const named = (hex: string): string => {
      const address = Number(BigInt.asIntN(64, BigInt(`0x${hex}`))) + shift;
      return nameOf(wanted, { address, index, labels });
    };
    lines.push(readable(found[2] as string, named));
  }
}

/** An instruction with its addresses replaced: targets of jumps, and data relative to the instruction. */
function readable(text: string, named: (hex: string) => string): string {
  const data = /^(.*?)-?0x[0-9a-f]+(\(%rip\).*?) +# 0x([0-9a-f]+)(.*)$/.exec(text);
  const shown =
    data !== null
      ? `${data[1]}${named(data[3] as string)}${data[2]}${data[4]}`
      : text.replace(
          /^((?:[a-z0-9,.]+ )*?(?:bnd |notrack )?(?:j[a-z]+|call[a-z]*|loop[a-z]*|xbegin|b[a-z.]*|cbn?z|tbn?z|adrp?)[^0]*? )(.*?)0x([0-9a-f]+)$/,
          (_all, head: string, middle: string, hex: string) => `${head}${middle}${named(hex)}`,
        );
  return shown.replace(/[ \t]+/g, ' ').trim();
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
  return text === undefined ? `<${places?.section(address) ?? 'elsewhere'}>` : `<"${shorten(text, TEXT_CHARACTERS)}">`;
}
