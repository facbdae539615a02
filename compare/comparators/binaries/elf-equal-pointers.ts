import { ElfRelocations, elfAddress, relrPlaces } from '../../../formats/index.ts';
import { isUnchanged, sectionFinder } from './elf-addresses.ts';
import type { CodePair } from './elf-code-compare.ts';
import { functionAt } from './elf-functions.ts';
import type { ElfPair } from './elf-pair.ts';
import { pieceBytes } from './elf-side.ts';

/** Pointers that are asked, of one table. */
const LIMIT = 1_000_000;
const WORD_BYTES = 8;
/** RELATIVE and IRELATIVE of x86-64, and of AArch64: the addend is an address. */
const ADDRESSES = new Set([8, 37, 1027, 1032]);

/**
 * How many pointers that are equal on both sides lead to another function than before, since functions changed places and
 * they did not: no section that differs tells of them. Throws ELF_*.
 */
export async function misledPointers(pair: ElfPair, code: CodePair): Promise<number> {
  let count = 0;
  for (const address of await equalPointers(pair)) if (isMisled(code, address)) count++;
  return count;
}

function isMisled({ left, right, pairs }: CodePair, address: number): boolean {
  const from = functionAt(left, address - left.address);
  const to = functionAt(right, address - right.address);
  if (from === undefined || to === undefined) return false;
  if ((pairs.left[from] as number) < 0 || (pairs.right[to] as number) < 0) return false;
  // A pointer into the middle of a function is not told: what stands there may have moved within it.
  const begins = address - left.address === left.start[from] || address - right.address === right.start[to];
  return begins && pairs.left[from] !== to;
}

/** Addresses that relocations without a symbol make, where the table, and for RELR the section too, is equal. */
async function equalPointers(pair: ElfPair): Promise<readonly number[]> {
  const { left } = pair;
  if (left.file.bits !== 64) return [];
  const found: number[] = [];
  const table = await bytesOf(pair, '.rela.dyn');
  if (table !== undefined) {
    const relocations = new ElfRelocations(table, true, left.file);
    for (let index = 0; index < relocations.count && found.length < LIMIT; index++)
      if (ADDRESSES.has(relocations.type(index))) found.push(relocations.addend(index));
  }
  const packed = await bytesOf(pair, '.relr.dyn');
  if (packed !== undefined) await addWords(found, pair, packed);
  return found;
}

async function addWords(found: number[], pair: ElfPair, packed: Buffer): Promise<void> {
  const { left } = pair;
  const find = sectionFinder(left);
  const sections = new Map<string, Buffer | undefined>();
  let asked = 0;
  for (const place of relrPlaces(packed, left.file)) {
    if (asked++ >= LIMIT) return;
    const section = find(place);
    if (section === undefined) continue;
    if (!sections.has(section.name)) sections.set(section.name, await bytesOf(pair, section.name));
    const bytes = sections.get(section.name);
    const at = place - section.start;
    if (bytes === undefined || at + WORD_BYTES > bytes.length) continue;
    found.push(elfAddress(left.file.endian === 'little' ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at)));
  }
}

/** Undefined where the sides differ in it, or it is too large. */
async function bytesOf(pair: ElfPair, name: string): Promise<Buffer | undefined> {
  const { left } = pair;
  const piece = left.pieces.get(name);
  return piece === undefined || !isUnchanged(pair, name) ? undefined : pieceBytes(left, piece);
}
