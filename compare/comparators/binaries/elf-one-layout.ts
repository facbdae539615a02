import type { Range } from '../../equal-ranges.ts';
import { bothOf } from '../../identity.ts';
import { codeWindows, windowPiece } from './elf-code-windows.ts';
import { type CodeMachine, pairFunctions } from './elf-function-pairs.ts';
import { type ElfFunctions, readFunctions } from './elf-functions.ts';
import type { ElfPair } from './elf-pair.ts';
import type { ElfPiece } from './elf-side.ts';

type Code = { readonly machine: CodeMachine; readonly limit: number };

/**
 * The windows of a section of code in which the functions stand at the same places, so that nothing outside of them need
 * be known. Undefined where it is to be compared whole: functions that changed places are another layout, and equal calls
 * of them are calls of others. Of a section larger than `limit` they are as they are. Throws ELF_*.
 */
export async function layoutWindows(
  pair: ElfPair,
  [old, now]: readonly [ElfPiece, ElfPiece],
  { machine, limit }: Code,
): Promise<readonly Range[] | undefined> {
  const windows = await codeWindows(pair, [old, now]);
  if (windows === undefined || old.range.size > limit) return windows;
  for (const window of windows) {
    const reading = [
      readFunctions(pair.left, windowPiece(old, window), limit),
      readFunctions(pair.right, windowPiece(now, window), limit),
    ] as const;
    try {
      const [left, right] = await bothOf(...reading);
      if (left !== undefined && right !== undefined && haveMoved(left, right, machine)) return undefined;
    } finally {
      for (const each of await Promise.allSettled(reading)) if (each.status === 'fulfilled') each.value?.code.close();
    }
  }
  return windows;
}

function haveMoved(left: ElfFunctions, right: ElfFunctions, machine: CodeMachine): boolean {
  const pairs = pairFunctions(left, right, machine);
  return pairs.left.some((partner, index) => partner >= 0 && left.start[index] !== right.start[partner]);
}
