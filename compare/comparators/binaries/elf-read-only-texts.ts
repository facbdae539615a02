import { elfAddress } from '../../../formats/index.ts';
import { escapeName } from '../../escape.ts';
import { type ElfSide, pieceBytes } from './elf-side.ts';
import { readOnce } from './read-once.ts';

const TEXT_BYTES = 16 * 2 ** 20;
/** A longer text is told apart by what it begins with, and its length. */
const TEXT_LENGTH = 1024;
/** Texts of one side that are known by heart. */
const TEXTS = 500_000;

/** The texts of .rodata. */
export type ElfTexts = {
  /** The one at an address, escaped; undefined where there is none. */
  readonly at: (address: number) => string | undefined;
  /** True for one, escaped, that stands there as a whole. */
  readonly has: (text: string) => boolean;
};

/** Reads them once. Throws ELF_*. */
export const textsOf = readOnce(readTexts);

async function readTexts(side: ElfSide): Promise<ElfTexts> {
  const rodata = side.pieces.get('.rodata');
  const bytes = rodata === undefined ? undefined : await pieceBytes(side, rodata, TEXT_BYTES);
  if (bytes === undefined) return { at: () => undefined, has: () => false };
  const start = elfAddress(rodata?.section?.address ?? 0n);
  let all: ReadonlySet<string> | undefined;
  const endOf = endsOfLong(bytes);
  return {
    at: (address) => textAt(bytes, address - start, endOf),
    has: (text) => {
      all ??= allOf(bytes, endOf);
      return all.has(text);
    },
  };
}

/** Where the long text ends that an offset is in; of the whole where it does not. All are looked for once. */
type EndOf = (offset: number) => number;

function endsOfLong(bytes: Buffer): EndOf {
  let ends: number[] | undefined;
  return (offset) => {
    ends ??= endsOf(bytes);
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] as number) >= offset) high = middle;
      else low = middle + 1;
    }
    return ends[low] ?? bytes.length;
  };
}

function endsOf(bytes: Buffer): number[] {
  const ends: number[] = [];
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(0, start);
    const end = found < 0 ? bytes.length : found;
    if (end - start >= TEXT_LENGTH) ends.push(end);
    start = end + 1;
  }
  return ends;
}

function allOf(bytes: Buffer, endOf: EndOf): ReadonlySet<string> {
  const texts = new Set<string>();
  for (let at = 0; at < bytes.length && texts.size < TEXTS; ) {
    const end = bytes.indexOf(0, at);
    const text = textAt(bytes, at, endOf);
    if (text !== undefined) texts.add(text);
    at = end < 0 ? bytes.length : end + 1;
  }
  return texts;
}

function textAt(bytes: Buffer, offset: number, endOf: EndOf): string | undefined {
  if (offset < 0 || offset >= bytes.length) return undefined;
  const piece = bytes.subarray(offset, offset + TEXT_LENGTH);
  const end = piece.indexOf(0);
  const text = piece.toString('latin1', 0, end < 0 ? piece.length : end);
  if (text === '' || !/^[\t\n\r\x20-\x7e]+$/.test(text)) return undefined;
  return end < 0 ? `${escapeName(text)}… (${endOf(offset) - offset} characters)` : escapeName(text);
}
