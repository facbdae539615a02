import { X86Reader } from '../../../formats/index.ts';
import { type Arm64Code, compareArm64 } from './elf-code-arm64.ts';
import { either, type Targets } from './elf-code-targets.ts';
import type { CodeMachine, FunctionPairs } from './elf-function-pairs.ts';
import { type ElfFunctions, functionAt, sameBytes } from './elf-functions.ts';
import type { PlacesPair } from './elf-places.ts';

/** Both sides of a section of code. */
export type CodePair = {
  readonly left: ElfFunctions;
  readonly right: ElfFunctions;
  readonly pairs: FunctionPairs;
  /** Absent where addresses in the code cannot be told: other machines than x86-64 and AArch64, object files. */
  readonly places: PlacesPair | undefined;
  readonly machine?: CodeMachine;
  /** What the section is called. */
  readonly section?: string;
};

/** Instructions, only what they refer to, only texts of that, or one of these. */
type Differing = 'code' | 'targets' | 'texts' | 'either';

/** Two functions of a pair, by index, with what differs. */
export type DifferingFunction = { readonly left: number; readonly right: number; readonly kind: Differing };

export type CodeComparison = {
  readonly equal: number;
  /** Same instructions that refer to the same functions, texts and sections, at other addresses. */
  readonly shifted: number;
  readonly differing: readonly DifferingFunction[];
};

/** Compares the functions of every pair. */
export function compareCode(code: CodePair): CodeComparison {
  const moved = hasMoved(code);
  let [equal, shifted] = [0, 0];
  const differing: DifferingFunction[] = [];
  for (let left = 0; left < code.left.count; left++) {
    const right = code.pairs.left[left] as number;
    if (right < 0) continue;
    const found = compareFunction(code, { left, right, moved });
    if (found === 'equal') equal++;
    else if (found === 'shifted') shifted++;
    else differing.push({ left, right, kind: found });
  }
  return { equal, shifted, differing };
}

const one = new X86Reader();
const other = new X86Reader();

/** True where a function stands elsewhere or alone: then equal bytes of another may refer to something else. */
function hasMoved({ left, right, pairs }: CodePair): boolean {
  if (left.address !== right.address) return true;
  return pairs.left.some((partner, index) => partner < 0 || left.start[index] !== right.start[partner]);
}

type Compared = { readonly left: number; readonly right: number; readonly moved: boolean };

function compareFunction(code: CodePair, { left, right, moved }: Compared): 'equal' | 'shifted' | Differing {
  const old = code.left;
  const now = code.right;
  const size = old.size[left] as number;
  if (size !== now.size[right]) return 'code';
  const equal = sameBytes(old, left, now, right);
  if (code.places === undefined) return equal ? 'equal' : 'code';
  if (code.machine === 'arm64') return equal && !moved ? 'equal' : compareWords(code, { left, right, equal });
  if (equal) {
    const found = moved ? compareTargets(code, left, right) : 'same';
    return found === 'same' ? 'equal' : found;
  }
  const from = old.code.hold(old.start[left] as number, size);
  const begin = now.code.hold(now.start[right] as number, size);
  const [before, after] = [old.code.memory, now.code.memory];
  // Addresses of the first byte of either's memory.
  const [base, nowBase] = [firstAddress(old, left, from), firstAddress(now, right, begin)];
  let targets: Targets = 'same';
  for (let at = 0; at < size; ) {
    one.read(before, from + at, from + size);
    other.read(after, begin + at, begin + size);
    if (one.length !== other.length || one.relative !== other.relative) return 'code';
    // What is no instruction is data among the code: it is compared as it is.
    const length = Math.max(1, one.length);
    for (let next = at; next < at + length; next++) {
      const masked = one.relative > 0 && next >= at + one.relative && next < at + one.relative + 4;
      if (!masked && before[from + next] !== after[begin + next]) return 'code';
    }
    if (one.relative > 0 && targets !== 'targets') {
      const [end, nowEnd] = [from + at + length, begin + at + length];
      const target = base + end + before.readInt32LE(from + at + one.relative);
      const nowTarget = nowBase + nowEnd + after.readInt32LE(begin + at + one.relative);
      targets = either(targets, compareTarget(code, target, nowTarget));
    }
    at += length;
  }
  return targets === 'same' ? 'shifted' : targets;
}

/** Of AArch64. What cannot be told of equal bytes is no difference. */
function compareWords(
  code: CodePair,
  { left, right, equal }: { readonly left: number; readonly right: number; readonly equal: boolean },
): 'equal' | 'shifted' | Differing {
  const size = code.left.size[left] as number;
  const side = (functions: ElfFunctions, index: number): Arm64Code => {
    const start = functions.start[index] as number;
    const from = functions.code.hold(start, size);
    return { memory: functions.code.memory, from, address: functions.address + start };
  };
  const targetsOf = (old: number, now: number): Targets | undefined =>
    old === now || code.places?.same(old, now) !== undefined ? compareTarget(code, old, now) : undefined;
  const found = compareArm64(side(code.left, left), side(code.right, right), { size, targetsOf });
  if (equal) return found === 'targets' || found === 'texts' ? found : 'equal';
  return found === 'same' ? 'shifted' : found;
}

/** The address that the first byte of the memory of `code` would have, where a function stands at `from` in it. */
function firstAddress({ address, start }: ElfFunctions, index: number, from: number): number {
  return address + (start[index] as number) - from;
}

/** What equal instructions at two places refer to: the same, or what differs in that. */
function compareTargets(code: CodePair, left: number, right: number): Targets {
  const old = code.left;
  const size = old.size[left] as number;
  const from = old.code.hold(old.start[left] as number, size);
  const bytes = old.code.memory;
  const base = firstAddress(old, left, from);
  const moved = code.right.address + (code.right.start[right] as number) - (old.address + (old.start[left] as number));
  let targets: Targets = 'same';
  for (let at = from; at < from + size && targets !== 'targets'; ) {
    one.read(bytes, at, from + size);
    const end = at + Math.max(1, one.length);
    if (one.relative > 0) {
      const target = base + end + bytes.readInt32LE(at + one.relative);
      targets = either(targets, compareTarget(code, target, target + moved));
    }
    at = end;
  }
  return targets;
}

/** Whether both addresses stand for the same: a place in the paired function, an imported name, a text, a section. */
function compareTarget({ left, right, pairs, places }: CodePair, old: number, now: number): Targets {
  if (places === undefined) return 'targets';
  const same = (are: boolean): Targets => (are ? 'same' : 'targets');
  const from = functionAt(left, old - left.address);
  const to = functionAt(right, now - right.address);
  if (from !== undefined || to !== undefined) {
    if (from === undefined || to === undefined || pairs.left[from] !== to) return 'targets';
    return same(
      old - left.address - (left.start[from] as number) === now - right.address - (right.start[to] as number),
    );
  }
  const [name, other] = [places.left.imported(old), places.right.imported(now)];
  if (name !== undefined || other !== undefined) return same(name === other);
  const [text, otherText] = [places.left.text(old), places.right.text(now)];
  if (text === otherText) return same(places.same(old, now) !== false);
  return text === undefined || otherText === undefined ? 'targets' : 'texts';
}
