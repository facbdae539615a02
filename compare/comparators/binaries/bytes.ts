import type { Reason } from '../../../model/index.ts';
import { findCauses } from '../../causes/index.ts';
import { bothOf } from '../../identity.ts';
import { lineEdits } from '../../lines/line-edits.ts';
import type { ByteSource, Explanation, LeafComparator } from '../../types.ts';
import { differencesInPlace, type InPlace, RANGES_KEPT, type RangePair } from './differing-ranges.ts';
import { entropyOf, hexRows, looksRandom, printableStrings } from './hex-rows.ts';
import { shiftedRanges } from './shifted-ranges.ts';
import { readMany, readWindows, textRuns, trimRanges, type Window } from './stretch-windows.ts';

const WITNESS_BYTES = 16;
const STRING_CHARACTERS = 6;
/** Bytes in place that differ by chance, where what follows has only moved, are more than these. */
const FEW_BYTES = 256;
/** Larger sides are compared in place alone: looking for what moved takes about 10 s a GB. */
const SHIFT_BYTES = 2 ** 30;

/** Anything at all: the stretches that differ, also where the rest has moved, and what they hold. The last to be asked. */
export const bytes: LeafComparator = {
  kind: 'leaf',
  id: 'bytes',
  recognizes: () => true,
  async *explain(left, right) {
    const found = await differencesInPlace(left, right);
    if (found.first === undefined) return;
    const moved = mayHaveMoved(found) ? await movedRanges(left, right, found) : undefined;
    const some = (moved ?? found.ranges).slice(0, RANGES_KEPT);
    const ranges = moved === undefined ? some : await trimRanges(left, right, some);
    const windows = await readWindows(left, right, ranges);
    const sample = (bytes: Buffer): string =>
      bytes
        .subarray(0, WITNESS_BYTES)
        .toString('hex')
        .replace(/..(?=.)/g, '$& ');
    const first = { offset: found.first, size: WITNESS_BYTES };
    const [[one], [other]] = await bothOf(readMany(left, [first]), readMany(right, [first]));
    const stretches = toldRanges(ranges, moved?.length ?? found.count);
    const where = stretches.left === stretches.right ? `: ${stretches.left}` : '';
    yield {
      kind: 'detail',
      text: `first difference at byte ${found.first}; ${found.differing} of ${Math.min(...found.sizes)} bytes differ in place${where}`,
      left: sample(one as Buffer),
      right: sample(other as Buffer),
    };
    yield { kind: 'fields', fields: [stretches] };
    yield { kind: 'lines', left: rowsOf(windows, 'left'), right: rowsOf(windows, 'right') };
    yield* tellStrings(windows);
    const random = moved === undefined ? randomReason(windows) : undefined;
    if (random !== undefined) yield { kind: 'reason', reason: random };
  },
};

function mayHaveMoved({ sizes, differing, first = 0 }: InPlace): boolean {
  const size = Math.max(...sizes);
  if (size - first > SHIFT_BYTES) return false;
  return sizes[0] !== sizes[1] || differing > Math.max(FEW_BYTES, (size - first) / 4);
}

/** The stretches that differ once what moved is taken for equal; undefined where that is no less than in place. */
async function movedRanges(
  left: ByteSource,
  right: ByteSource,
  found: InPlace,
): Promise<readonly RangePair[] | undefined> {
  const { first = 0, sizes, differing } = found;
  const ranges = await shiftedRanges(left, right, { start: first, size: Math.max(...sizes) });
  const total = ranges.reduce((sum, range) => sum + Math.max(range.left.size, range.right.size), 0);
  return total < differing + Math.abs(sizes[0] - sizes[1]) ? ranges : undefined;
}

/** Stretches as offset+length; where nothing moved, the same on both sides. */
function toldRanges(ranges: readonly RangePair[], count: number): Sided {
  const told = (side: 'left' | 'right'): string => {
    const more = count > ranges.length ? `, and ${count - ranges.length} more` : '';
    return `${ranges.map((range) => `${range[side].offset}+${range[side].size}`).join(', ')}${more}`;
  };
  return { name: 'stretches that differ, as offset+length', left: told('left'), right: told('right') };
}
type Sided = { readonly name: string; readonly left: string; readonly right: string };

/** Rows of all windows, those that overlap told once. */
function rowsOf(windows: readonly Window[], side: 'left' | 'right'): readonly string[] {
  const rows = windows.flatMap((window) => [...hexRows(window[side].around, window[side].offset)]);
  return [...new Set(rows)];
}

function* tellStrings(windows: readonly Window[]): Generator<Explanation> {
  const runs = textRuns(windows);
  const strings = (side: 'left' | 'right'): readonly string[] =>
    runs.flatMap((run) => printableStrings(Buffer.concat(run[side]), STRING_CHARACTERS));
  const pair = { left: strings('left'), right: strings('right'), leftOpen: false, rightOpen: false };
  const edits = lineEdits(pair);
  if (edits.length === 0) return;
  yield { kind: 'lines', title: 'strings', left: pair.left, right: pair.right };
  const bare = { ...pair, left: pair.left.map(withoutLength), right: pair.right.map(withoutLength) };
  for (const reason of findCauses(bare, lineEdits(bare))) if (reason.kind !== 'order') yield { kind: 'reason', reason };
}

/** Many formats write a string after its length, which for 32 to 126 characters reads as one more (pickle, CBOR, Pascal). */
function withoutLength(text: string): string {
  return text.charCodeAt(0) === text.length - 1 ? text.slice(1) : text;
}

function randomReason(windows: readonly Window[]): Reason | undefined {
  const alike = windows.filter(({ left, right }) => left.stretch.length === right.stretch.length);
  const [old, now] = (['left', 'right'] as const).map((side) =>
    Buffer.concat(alike.map((window) => window[side].stretch)),
  );
  if (old === undefined || now === undefined || alike.length < windows.length) return undefined;
  if (!looksRandom(old) || !looksRandom(now)) return undefined;
  const bits = Math.min(entropyOf(old), entropyOf(now)).toFixed(1);
  const evidence = `${old.length} differing bytes at the same offsets hold ${bits} bits each or more: random, encrypted or compressed`;
  return { kind: 'random', evidence };
}
