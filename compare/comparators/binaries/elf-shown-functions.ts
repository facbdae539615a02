import { elfAddressText } from '../../../formats/index.ts';
import type { Difference } from '../../../model/index.ts';
import { bothOf } from '../../identity.ts';
import { gather } from '../../leaf.ts';
import { type Context, differenceNode, type Explanation } from '../../types.ts';
import type { CodePair, DifferingFunction } from './elf-code-compare.ts';
import { exactPlaces } from './elf-code-windows.ts';
import { type Disassembly, disassemble, type Wanted } from './elf-disassembly.ts';
import type { ElfFunctions } from './elf-functions.ts';
import type { ElfPair } from './elf-pair.ts';
import { type RelocatedName, relocatedNames } from './elf-relocated-names.ts';
import { tellsAddresses } from './elf-same-function.ts';
import type { ElfSide } from './elf-side.ts';
import { counted } from './elf-symbols.ts';

/** Functions shown with their instructions, and the bytes of all of them, per section and side. */
const SHOWN = 40;
const SHOWN_BYTES = 128 * 1024;
const SHOWN_FUNCTION_BYTES = 16 * 1024;
const ET_REL = 1;
const ALIKE = 'shown alike on both sides: what differs is where something stands, or how instructions are encoded';

/** What a function is called on either side: one that does the same may have another name. */
export type Named = DifferingFunction & {
  readonly weight: number;
  readonly place: number;
  readonly names: { readonly left?: string; readonly right?: string };
};

/** Functions that differ, as nodes with their instructions: some of them. */
export async function* shown(
  pair: ElfPair,
  { code, named }: { readonly code: CodePair; readonly named: readonly Named[] },
  context: Context,
): AsyncGenerator<Explanation> {
  const chosen = chosenOf(code, named);
  const found: Disassembly =
    chosen.length === 0 ? { left: [], right: [] } : await instructionsOf(pair, { code, chosen }, context);
  if ('why' in found) {
    if (found.limit) yield { kind: 'truncated' };
    yield { kind: 'note', text: found.why };
    return;
  }
  if (found.note !== undefined) yield { kind: 'note', text: found.note };
  let nth = 0;
  for (const [index, one] of chosen.entries()) {
    const name = one.names.left ?? one.names.right ?? `function without a name (${++nth})`;
    yield {
      kind: 'child',
      difference: await functionNode(
        code,
        {
          told: tellsAddresses(pair) && one.kind !== 'either',
          one,
          name,
          left: found.left[index] ?? [],
          right: found.right[index] ?? [],
        },
        context,
      ),
    };
  }
  if (named.length > chosen.length)
    yield {
      kind: 'note',
      text: unshown(named.length - chosen.length, chosen.length > 0),
    };
}

async function instructionsOf(
  pair: ElfPair,
  { code, chosen }: { readonly code: CodePair; readonly chosen: readonly Named[] },
  context: Context,
): Promise<Disassembly> {
  const { left, right } = pair;
  const { machine, endian } = left.file;
  if (machine !== right.file.machine || endian !== right.file.endian)
    return { why: 'instructions of two machines are not shown' };
  const isObject = ({ file }: ElfSide): boolean => file.type === ET_REL;
  const read = async (each: ElfSide): Promise<RelocatedName | undefined> =>
    isObject(each) ? relocatedNames(each, code.section ?? '') : undefined;
  const [old, now] = await bothOf(read(left), read(right));
  const side = (name: 'left' | 'right'): Wanted => ({
    functions: code[name],
    // Where nothing tells what is the same, the place is told, but in object files, whose sections have none.
    places: code.places?.[name] ?? (isObject(pair[name]) ? undefined : exactPlaces(pair)[name]),
    indices: chosen.map((one) => one[name]),
    relocated: name === 'left' ? old : now,
  });
  return disassemble({ left: side('left'), right: side('right'), machine, endian }, context);
}

function unshown(count: number, more: boolean): string {
  const what =
    count === 1 ? 'differing function is not shown with its' : 'differing functions are not shown with their';
  return `${counted(count)} ${more ? 'more ' : ''}${what} instructions`;
}

/** The shortest ones: half of them of another size on either side, which tell more than a changed constant. */
function chosenOf(code: CodePair, named: readonly Named[]): readonly Named[] {
  const resized = (one: Named): boolean => code.left.size[one.left] !== code.right.size[one.right];
  const chosen: Named[] = [];
  let bytes = 0;
  for (const group of [named.filter(resized), named.filter((one) => !resized(one))]) {
    let room = SHOWN / 2;
    for (const one of group) {
      const most = Math.max(code.left.size[one.left] as number, code.right.size[one.right] as number);
      if (room-- <= 0 || most > SHOWN_FUNCTION_BYTES || bytes + most > SHOWN_BYTES) break;
      bytes += most;
      chosen.push(one);
    }
  }
  return chosen;
}

type Shown = {
  readonly told: boolean;
  readonly one: Named;
  readonly name: string;
  readonly left: readonly string[];
  readonly right: readonly string[];
};

async function functionNode(
  code: CodePair,
  { told, one, name, left, right }: Shown,
  context: Context,
): Promise<Difference> {
  const at = (functions: ElfFunctions, index: number): string =>
    elfAddressText(functions.address + (functions.start[index] as number));
  const fields = [{ name: 'address', left: at(code.left, one.left), right: at(code.right, one.right) }];
  const explain = async function* (): AsyncGenerator<Explanation> {
    yield { kind: 'fields', fields };
    yield { kind: 'lines', left, right };
    if (left.length > 0 && left.length === right.length && left.every((line, index) => line === right[index]))
      yield { kind: 'note', text: ALIKE };
  };
  const found = await gather(explain(), { depth: 0, walkPart: () => Promise.resolve(undefined) }, context);
  const { declined: _, left: __, right: ___, reasons = [], ...rest } = found;
  // A compiler that ordered its instructions otherwise has put nothing in another order that the source could sort.
  const shown = reasons.filter(({ kind }) => kind !== 'order' || one.kind !== 'code');
  const findings = shown.length === 0 ? rest : { ...rest, reasons: shown };
  const { left: oldName, right: newName } = one.names;
  const renamed = oldName !== undefined && newName !== undefined && oldName !== newName;
  const sizes = {
    left: { ...(renamed ? { name: oldName } : {}), size: code.left.size[one.left] as number },
    right: { ...(renamed ? { name: newName } : {}), size: code.right.size[one.right] as number },
  };
  const differing = told ? 'instructions differ' : 'instructions, or addresses in them, differ';
  const same = one.kind === 'targets' || one.kind === 'texts';
  const detail = same ? 'the same instructions refer to something else' : differing;
  return { ...differenceNode(name, 'elf-function', sizes), ...findings, detail };
}
