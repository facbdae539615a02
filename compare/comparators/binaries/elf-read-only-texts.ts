import { elfAddress } from '../../../formats/index.ts';
import { escapeName } from '../../escape.ts';
import { type ElfSide, pieceBytes } from './elf-side.ts';
import { readOnce } from './read-once.ts';

const TEXT_BYTES = 16 * 2 ** 20;
/** Of a longer text, what it is told apart by. */
const TEXT_LENGTH = 4096;
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
  return {
    at: (address) => textAt(bytes, address - start),
    has: (text) => {
      all ??= allOf(bytes);
      return all.has(text);
    },
  };
}

function allOf(bytes: Buffer): ReadonlySet<string> {
  const texts = new Set<string>();
  for (let at = 0; at < bytes.length && texts.size < TEXTS; ) {
    const end = bytes.indexOf(0, at);
    const text = textAt(bytes, at);
    if (text !== undefined) texts.add(text);
    at = end < 0 ? bytes.length : end + 1;
  }
  return texts;
}

function textAt(bytes: Buffer, offset: number): string | undefined {
  if (offset < 0 || offset >= bytes.length) return undefined;
  const piece = bytes.subarray(offset, offset + TEXT_LENGTH);
  const end = piece.indexOf(0);
  const text = piece.toString('latin1', 0, end < 0 ? piece.length : end);
  return text !== '' && /^[\t\n\r\x20-\x7e]+$/.test(text) ? escapeName(text) : undefined;
}
