import type { Reason } from '../../../model/index.ts';
import { type ByteSource, rangeSource } from '../../byte-source.ts';
import type { Range } from '../../equal-ranges.ts';
import { escapeName } from '../../escape.ts';
import { bothOf } from '../../identity.ts';
import { byBytes } from '../../pairing.ts';
import type { Context, Explanation } from '../../types.ts';
import { type CodePair, compareCode, type DifferingFunction } from './elf-code-compare.ts';
import { exactPlaces, windowPiece } from './elf-code-windows.ts';
import { misledPointers } from './elf-equal-pointers.ts';
import { pairFunctions } from './elf-function-pairs.ts';
import { type ElfFunctions, readFunctions } from './elf-functions.ts';
import { layoutWindows } from './elf-one-layout.ts';
import type { ElfPair } from './elf-pair.ts';
import { placesOf } from './elf-places.ts';
import { CODE_BYTES, codeMachine, functionPairs, tellsAddresses } from './elf-same-function.ts';
import { type Named, shown } from './elf-shown-functions.ts';
import type { ElfPiece, ElfSide } from './elf-side.ts';
import { counted } from './elf-symbols.ts';

const TOLD = 1_000;
const ET_REL = 1;

/** Code: which functions differ, beyond the addresses that shift with the layout, and the instructions of some. */
export async function* explainCode(
  pair: ElfPair,
  [old, now]: readonly [ElfPiece, ElfPiece],
  context: Context,
): AsyncGenerator<Explanation> {
  const windows = await layoutWindows(pair, [old, now], { machine: codeMachine(pair), limit: CODE_BYTES });
  if (windows !== undefined) {
    yield* explainWindows(pair, { pieces: [old, now], windows }, context);
    return;
  }
  const reading = readBoth(pair, old, now);
  try {
    const [left, right] = await bothOf(...reading);
    if (left === undefined || right === undefined) {
      yield { kind: 'note', text: `larger than ${CODE_BYTES} bytes: its functions were not compared` };
      return;
    }
    const machine = codeMachine(pair);
    const linked = machine !== undefined && pair.left.file.type !== ET_REL && pair.right.file.type !== ET_REL;
    const places = linked ? await placesOf(pair) : undefined;
    const code = {
      left,
      right,
      places,
      machine,
      section: old.name,
      pairs: functionPairs(pair, old.name, { left, right }),
    };
    yield* report(pair, code, context);
  } finally {
    await closeBoth(reading);
  }
}

type Reading = readonly [Promise<ElfFunctions | undefined>, Promise<ElfFunctions | undefined>];

function readBoth({ left, right }: ElfPair, old: ElfPiece, now: ElfPiece): Reading {
  return [readFunctions(left, old, CODE_BYTES), readFunctions(right, now, CODE_BYTES)];
}

/** Where one side failed the other may be open all the same. */
async function closeBoth(reading: Reading): Promise<void> {
  for (const each of await Promise.allSettled(reading)) if (each.status === 'fulfilled') each.value?.code.close();
}

type Windows = { readonly pieces: readonly [ElfPiece, ElfPiece]; readonly windows: readonly Range[] };

/** Functions that differ where little does: nothing else of the section is read. */
async function* explainWindows(
  pair: ElfPair,
  { pieces: [old, now], windows }: Windows,
  context: Context,
): AsyncGenerator<Explanation> {
  const places = exactPlaces(pair);
  let [differs, alone] = [0, 0];
  for (const window of windows) {
    const reading = readBoth(pair, windowPiece(old, window), windowPiece(now, window));
    try {
      const [left, right] = await bothOf(...reading);
      if (left === undefined || right === undefined) continue;
      // In one layout an address that differs is another function's.
      const code = { left, right, places: undefined, pairs: pairFunctions(left, right, codeMachine(pair)) };
      const named = inOrder(code, compareCode(code).differing);
      differs += named.length;
      alone += loneOf(code);
      yield* listed(code, named);
      yield* shown(pair, { code: { ...code, places }, named }, context);
    } finally {
      await closeBoth(reading);
    }
  }
  const lone = alone === 0 ? '' : `${counted(alone)} only on one side, `;
  yield { kind: 'detail', text: `functions: ${counted(differs)} differ, ${lone}the rest of the section is equal` };
  const evidence =
    differs + alone > 0
      ? 'instructions of functions differ'
      : 'functions changed places, or what is between them differs';
  yield { kind: 'reason', reason: { kind: 'code', evidence } };
  const whole = ({ source }: ElfSide, piece: ElfPiece): ByteSource =>
    rangeSource(source, { name: piece.name, ...piece.range });
  yield { kind: 'part', name: old.name, left: whole(pair.left, old), right: whole(pair.right, now) };
}

async function* report(pair: ElfPair, code: CodePair, context: Context): AsyncGenerator<Explanation> {
  const { equal, shifted, differing } = compareCode(code);
  const alone = loneOf(code);
  const known = tellsAddresses(pair);
  const told = known && differing.every(({ kind }) => kind !== 'either');
  const text =
    `functions: ${counted(equal)} equal, ${known ? `${counted(shifted)} differ only by addresses, ` : ''}` +
    `${counted(differing.length)} differ, ${counted(alone)} only on one side`;
  yield { kind: 'detail', text };
  const misled = code.places === undefined ? 0 : await misledPointers(pair, code);
  if (misled > 0) {
    const evidence = `equal pointers lead to other functions now: ${counted(misled)}`;
    yield { kind: 'reason', reason: { kind: 'code', evidence } };
  }
  if (differing.length + alone === 0) {
    yield* sameFunctions(code, shifted);
    return;
  }
  yield { kind: 'reason', reason: told ? reasonOf(differing, alone) : untold(known) };
  const named = inOrder(code, differing);
  yield* listed(code, named);
  yield* shown(pair, { code, named }, context);
}

/** Functions without a partner, of both sides. */
function loneOf({ pairs }: CodePair): number {
  const lone = (side: Int32Array): number => side.reduce((sum, partner) => sum + (partner < 0 ? 1 : 0), 0);
  return lone(pairs.left) + lone(pairs.right);
}

function* sameFunctions(code: CodePair, shifted: number): Generator<Explanation> {
  const order = (evidence: string): Explanation => ({ kind: 'reason', reason: { kind: 'order', evidence } });
  if (shifted === 0) yield order('the same functions in another order or with other padding');
  else {
    if (haveAnotherOrder(code)) yield order('the same functions in another order');
    const evidence = 'the same instructions refer to the same functions, texts and sections at other addresses';
    yield { kind: 'reason', reason: { kind: 'addresses', evidence } };
  }
}

/** Only functions of a size that no other has are asked: which of several alike is which is taken from their places. */
function haveAnotherOrder({ left, pairs }: CodePair): boolean {
  const sizes = new Map<number, number>();
  for (let index = 0; index < left.count; index++) {
    const size = left.size[index] as number;
    sizes.set(size, (sizes.get(size) ?? 0) + 1);
  }
  let last = -1;
  for (let index = 0; index < left.count; index++) {
    if (sizes.get(left.size[index] as number) !== 1) continue;
    const partner = pairs.left[index] as number;
    if (partner < last) return true;
    last = partner;
  }
  return false;
}

function untold(known: boolean): Reason {
  const where = known ? 'everywhere' : 'for this machine';
  return {
    kind: 'code',
    evidence: `instructions of functions differ, or addresses in them, which are not told apart ${where}`,
  };
}

/** A longer text moves the others, and all that refers to them: no compiler made other code of it. */
function reasonOf(differing: readonly DifferingFunction[], alone: number): Reason {
  const only = (...kinds: readonly string[]): boolean =>
    alone === 0 && differing.every(({ kind }) => kinds.includes(kind));
  if (only('texts')) return { kind: 'data', evidence: 'the same instructions refer to other texts' };
  if (only('texts', 'targets')) return { kind: 'code', evidence: 'the same instructions refer to something else' };
  return { kind: 'code', evidence: 'instructions of functions differ' };
}

function inOrder(code: CodePair, differing: readonly DifferingFunction[]): readonly Named[] {
  return differing
    .map((one) => ({ ...one, weight: weight(code, one), place: place(one), names: namesOf(code, one) }))
    .sort(
      (first, second) =>
        first.weight - second.weight ||
        byBytes(nameOf(first) ?? '', nameOf(second) ?? '') ||
        first.place - second.place ||
        compareBytes(code, first, second),
    );
}

function namesOf({ left, right }: CodePair, found: DifferingFunction): Named['names'] {
  const [old, now] = [left.names[found.left], right.names[found.right]];
  return {
    ...(old === undefined ? {} : { left: escapeName(old) }),
    ...(now === undefined ? {} : { right: escapeName(now) }),
  };
}

/** What it is called in a list, whichever side is left; undefined where it has no name. */
function nameOf({ names: { left, right } }: Named): string | undefined {
  if (left === undefined || right === undefined || left === right) return left ?? right;
  return [left, right].sort(byBytes).join(' or ');
}

/** Bytes of both sides: short functions are told first. */
function weight({ left, right }: CodePair, found: DifferingFunction): number {
  return (left.size[found.left] as number) + (right.size[found.right] as number);
}

function place(found: DifferingFunction): number {
  return Math.min(found.left, found.right) * 2 ** 21 + Math.max(found.left, found.right);
}

/** An order of two pairs that stand crosswise: by the smaller of either's bytes. */
function compareBytes({ left, right }: CodePair, first: DifferingFunction, second: DifferingFunction): number {
  const bytesOf = ({ code, start, size }: ElfFunctions, index: number): Buffer =>
    Buffer.from(code.at(start[index] as number, size[index] as number));
  const smaller = (found: DifferingFunction): Buffer => {
    const [old, now] = [bytesOf(left, found.left), bytesOf(right, found.right)];
    return Buffer.compare(old, now) <= 0 ? old : now;
  };
  return Buffer.compare(smaller(first), smaller(second));
}

/** Differing functions and those of one side, by name with their sizes. */
function* listed(code: CodePair, named: readonly Named[]): Generator<Explanation> {
  const lines = (side: 'left' | 'right'): Map<string, string> => {
    const functions = code[side];
    const found = new Map<string, string>();
    code.pairs[side].forEach((partner, index) => {
      const name = functions.names[index];
      if (partner < 0 && name !== undefined) found.set(name, `${escapeName(name)} ${functions.size[index]} bytes`);
    });
    return found;
  };
  const [old, now] = [lines('left'), lines('right')];
  const all = [...new Set([...old.keys(), ...now.keys()])].sort(byBytes);
  const names = all.slice(0, TOLD);
  const alone = {
    left: names.flatMap((name) => old.get(name) ?? []),
    right: names.flatMap((name) => now.get(name) ?? []),
  };
  if (names.length > 0) yield { kind: 'lines', title: 'functions on one side', ...alone };
  if (all.length > TOLD)
    yield { kind: 'note', text: `${counted(all.length - TOLD)} more names of functions on one side are not listed` };
  const told = named.flatMap((one) => nameOf(one) ?? []).sort(byBytes);
  if (told.length > 0)
    yield {
      kind: 'note',
      text: `differing functions with names: ${told.slice(0, 200).join(', ')}${told.length > 200 ? ', …' : ''}`,
    };
}
