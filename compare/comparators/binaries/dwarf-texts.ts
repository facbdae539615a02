import type { Explanation } from '../../types.ts';
import { type FolderSwap, folderSwaps, swapFields, withoutExchanged } from './dwarf-folders.ts';
import { explainStrings, stringsWithout } from './elf-text.ts';

export type TextFindings = {
  /** Texts that differ in folders alone, and texts that differ otherwise, of both sides. */
  readonly count: number;
  readonly rest: number;
  readonly explanations: readonly Explanation[];
};

/** Texts of debug information that only one side has: those of another folder are counted, the others are told. */
export function explainTexts(
  left: readonly string[],
  right: readonly string[],
  known: readonly FolderSwap[],
): TextFindings {
  const [old, now] = [stringsWithout(left, right), stringsWithout(right, left)];
  // Where units name no folders, what stands opposite each other does.
  const opposite = known.length === 0 && old.length === now.length;
  const swaps = opposite
    ? folderSwaps(old.map((text, index) => ({ left: text, right: now[index] ?? '' }))).swaps
    : known;
  const found = withoutExchanged(old, now, swaps);
  const explanations: Explanation[] = [];
  if (found.count > 0) {
    const fields = swapFields(swaps);
    const { left: one = '', right: other = '' } = fields[0] ?? {};
    const evidence = `${counted(found.count)} of another folder`;
    explanations.push({ kind: 'fields', fields });
    explanations.push({ kind: 'reason', reason: { kind: 'path', evidence, left: one, right: other } });
  }
  explanations.push(...explainStrings(found.left, found.right));
  return { count: found.count, rest: found.left.length + found.right.length, explanations };
}

export function counted(texts: number): string {
  return texts === 1 ? '1 text' : `${texts} texts`;
}
