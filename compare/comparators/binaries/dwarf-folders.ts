import type { FieldChange } from '../../../model/index.ts';
import { escapeName, shorten } from '../../escape.ts';

/** A folder that stands on one side where another stands on the other side. */
export type FolderSwap = { readonly left: string; readonly right: string };

/** Two texts that stand in the same place. */
export type TextPair = { readonly left: string; readonly right: string };

const SWAPS = 8;
const PAIRS = 20_000;

/**
 * The folders whose exchange turns the left texts into the right ones, and how many texts it does not explain. Found from
 * what two paths do not share at their ends.
 */
export function folderSwaps(pairs: readonly TextPair[]): {
  readonly swaps: readonly FolderSwap[];
  readonly rest: number;
} {
  const swaps: FolderSwap[] = [];
  let rest = 0;
  for (const pair of pairs.slice(0, PAIRS)) {
    if (explains(swaps, pair)) continue;
    const swap = differingFolder(pair);
    if (swap !== undefined && swaps.length < SWAPS && explains([swap], pair)) swaps.push(swap);
    else rest++;
  }
  return { swaps, rest: rest + Math.max(0, pairs.length - PAIRS) };
}

/** True when the exchange of these folders makes the two texts equal, from either side. */
export function explains(swaps: readonly FolderSwap[], { left, right }: TextPair): boolean {
  if (left === right) return true;
  return exchanged(left, swaps) === right && exchanged(right, turned(swaps)) === left;
}

function turned(swaps: readonly FolderSwap[]): readonly FolderSwap[] {
  return swaps.map(({ left, right }) => ({ left: right, right: left }));
}

/** The text with each left folder made its right one: as the beginning of a path, or anywhere where it is absolute. */
function exchanged(text: string, swaps: readonly FolderSwap[]): string {
  for (const { left, right } of swaps) {
    if (text === left) return right;
    if (text.startsWith(`${left}/`)) return right + text.slice(left.length);
    if (left.startsWith('/') && text.includes(left)) return text.replaceAll(left, () => right);
  }
  return text;
}

/** The texts of both sides that the exchange of these folders makes equal, taken out of either, and how many they are. */
export function withoutExchanged(
  left: readonly string[],
  right: readonly string[],
  swaps: readonly FolderSwap[],
): { readonly left: readonly string[]; readonly right: readonly string[]; readonly count: number } {
  const waiting = new Map<string, number>();
  for (const text of right) waiting.set(text, (waiting.get(text) ?? 0) + 1);
  const back = turned(swaps);
  const taken = new Map<string, number>();
  const old = left.filter((text) => {
    const other = exchanged(text, swaps);
    const there = waiting.get(other) ?? 0;
    if (other === text || there === 0 || exchanged(other, back) !== text) return true;
    waiting.set(other, there - 1);
    taken.set(other, (taken.get(other) ?? 0) + 1);
    return false;
  });
  const now = right.filter((text) => {
    const count = taken.get(text) ?? 0;
    if (count > 0) taken.set(text, count - 1);
    return count === 0;
  });
  return { left: old, right: now, count: left.length - old.length };
}

/** What is left of two paths without the last parts that they share; undefined where either is no path. */
function differingFolder({ left, right }: TextPair): FolderSwap | undefined {
  const [old, now] = [left.split('/'), right.split('/')];
  let shared = 0;
  while (shared < Math.min(old.length, now.length) && old.at(-1 - shared) === now.at(-1 - shared)) shared++;
  // What has no folder at all, or another last part, is told as it is, but for a folder that is itself all there is.
  const folder = (parts: readonly string[]): string => parts.slice(0, parts.length - shared).join('/');
  const swap = { left: folder(old), right: folder(now) };
  const paths = [swap.left, swap.right].every((path) => /^(?:\/.|\.{1,2}(?:\/|$))/.test(path));
  return paths && !/\s/.test(swap.left + swap.right) ? swap : undefined;
}

/** Folders as fields. */
export function swapFields(swaps: readonly FolderSwap[]): readonly FieldChange[] {
  const shown = (folder: string): string => shorten(escapeName(folder), 400);
  return swaps.map(({ left, right }, index) => ({
    name: index === 0 ? 'folder' : `folder (${index + 1})`,
    left: shown(left),
    right: shown(right),
  }));
}
