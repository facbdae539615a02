import { bothOf } from '../../identity.ts';
import { type CodeMachine, type FunctionPairs, pairFunctions } from './elf-function-pairs.ts';
import { type ElfFunctions, functionAt, readFunctions } from './elf-functions.ts';
import { layoutWindows } from './elf-one-layout.ts';
import type { ElfPair } from './elf-pair.ts';
import type { ElfPiece } from './elf-side.ts';
import { readOnce } from './read-once.ts';

/** Bytes of a section of code, per side. */
export const CODE_BYTES = 96 * 2 ** 20;
/** By e_machine: those of AArch64 are in one byte order whatever that of its data. */
const MACHINES: Readonly<Record<number, CodeMachine>> = { 62: 'x86-64', 183: 'arm64' };
const ET_REL = 1;
const PROGBITS = 1;
const SHF_EXECINSTR = 4n;

/** False where two addresses in a section of code stand for different functions; undefined where nothing tells. */
export type SameFunction = (section: string, old: number, now: number) => boolean | undefined;

/** Tells functions apart by how those of code that differs are paired, which needs no symbols. Throws ELF_*. */
export const sameFunction = readOnce(readPairs);

async function readPairs(pair: ElfPair): Promise<SameFunction> {
  const sections = new Map<string, (old: number, now: number) => boolean | undefined>();
  for (const name of pair.changed) {
    const [old, now] = [pair.left.pieces.get(name), pair.right.pieces.get(name)];
    if (!isCode(old) || !isCode(now)) continue;
    // Where little differs in one layout, another address is another function's.
    const windows = await layoutWindows(pair, [old, now], { machine: codeMachine(pair), limit: CODE_BYTES });
    if (windows !== undefined) sections.set(name, (one, other) => one === other);
    else {
      const found = await placesOf(pair, old, now);
      if (found !== undefined) sections.set(name, found);
    }
  }
  return (section, old, now) => sections.get(section)?.(old, now);
}

function isCode(piece: ElfPiece | undefined): piece is ElfPiece {
  const section = piece?.section;
  return section !== undefined && section.type === PROGBITS && (section.flags & SHF_EXECINSTR) !== 0n;
}

async function placesOf(
  pair: ElfPair,
  old: ElfPiece,
  now: ElfPiece,
): Promise<((old: number, now: number) => boolean | undefined) | undefined> {
  const reading = [readFunctions(pair.left, old, CODE_BYTES), readFunctions(pair.right, now, CODE_BYTES)] as const;
  try {
    const [left, right] = await bothOf(...reading);
    if (left === undefined || right === undefined) return undefined;
    const pairs = functionPairs(pair, old.name, { left, right });
    // The code itself is not held.
    const [from, to] = [placesIn(left), placesIn(right)];
    return (one, other) => {
      const [first, second] = [functionAt(from, one - from.address), functionAt(to, other - to.address)];
      if (first === undefined || second === undefined) return first === second ? undefined : false;
      if ((pairs.left[first] as number) < 0 && (pairs.right[second] as number) < 0) return undefined;
      return pairs.left[first] === second && atStart(from, first, one) === atStart(to, second, other);
    };
  } finally {
    for (const each of await Promise.allSettled(reading)) if (each.status === 'fulfilled') each.value?.code.close();
  }
}

type Places = Pick<ElfFunctions, 'address' | 'count' | 'start' | 'size'>;

function placesIn({ address, count, start, size }: ElfFunctions): Places {
  return { address, count, start: start.slice(), size: size.slice() };
}

function atStart({ address, start }: Places, index: number, place: number): boolean {
  return place - address === start[index];
}

/** The machine of both sides; undefined where instructions cannot be told apart from what they refer to. */
export function codeMachine({ left, right }: ElfPair): CodeMachine {
  if (left.file.machine !== right.file.machine || left.file.bits !== 64 || right.file.bits !== 64) return undefined;
  return MACHINES[left.file.machine];
}

/** True where addresses in code are known as such, and in object files, whose relocations hold them. */
export function tellsAddresses(pair: ElfPair): boolean {
  return codeMachine(pair) !== undefined || [pair.left, pair.right].every(({ file }) => file.type === ET_REL);
}

const known = new WeakMap<ElfPair, Map<string, FunctionPairs>>();

/** The pairs of functions of a section that was read whole: found once. */
export function functionPairs(
  pair: ElfPair,
  section: string,
  { left, right }: { readonly left: ElfFunctions; readonly right: ElfFunctions },
): FunctionPairs {
  const sections = known.get(pair) ?? new Map<string, FunctionPairs>();
  known.set(pair, sections);
  const pairs = sections.get(section) ?? pairFunctions(left, right, codeMachine(pair));
  sections.set(section, pairs);
  return pairs;
}
