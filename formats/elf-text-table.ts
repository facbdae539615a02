import { elfString, passedElfLimit } from './elf-fields.ts';

/**
 * Bytes of all texts of a table together beyond four times the table: linkers let a text stand in the end of another,
 * and a hostile file lets each begin a byte further in one long text.
 */
const SHARED_BYTES = 32 * 2 ** 20;

/** Gives the texts of a table by offset, as latin1, as many as a sound file has. Throws ELF_LIMIT past that. */
export function elfTexts(table: Buffer): (offset: number) => string {
  const limit = limitOf(table);
  let bytes = 0;
  return (offset) => {
    const text = elfString(table, offset);
    bytes += text.length;
    if (bytes > limit) throw passedElfLimit('bytes of texts in a table', limit);
    return text;
  };
}

/** The same of all texts that are read of a table, by what bounds them at first: most need not be looked at. */
export function checkElfTexts(table: Buffer, offsets: Uint32Array): void {
  const limit = limitOf(table);
  if (longestText(table) * offsets.length <= limit) return;
  let bytes = 0;
  for (const offset of offsets) {
    if (offset < table.length) bytes += endOf(table, offset) - offset;
    if (bytes > limit) throw passedElfLimit('bytes of texts in a table', limit);
  }
}

function limitOf(table: Buffer): number {
  return 4 * table.length + SHARED_BYTES;
}

function longestText(table: Buffer): number {
  let longest = 0;
  for (let start = 0; start < table.length; ) {
    const end = endOf(table, start);
    longest = Math.max(longest, end - start);
    start = end + 1;
  }
  return longest;
}

function endOf(table: Buffer, start: number): number {
  const end = table.indexOf(0, start);
  return end < 0 ? table.length : end;
}
