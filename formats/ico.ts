import { ByteCursor } from './byte-cursor.ts';

/** One picture of an icon or cursor: where it stands in the file, and how large it is said to be, in pixels. */
export type IcoImage = {
  readonly width: number;
  readonly height: number;
  /** Bits of a pixel; of a cursor the place it points with. */
  readonly detail: string;
  readonly offset: number;
  readonly size: number;
};

export type Ico = { readonly kind: 'icon' | 'cursor'; readonly images: readonly IcoImage[] };

const HEADER_BYTES = 6;
const ENTRY_BYTES = 16;
/** The most bytes that the table of pictures can have. */
export const ICO_TABLE_BYTES = HEADER_BYTES + 0xffff * ENTRY_BYTES;

/**
 * The table that an .ico or .cur file begins with (ICONDIR and ICONDIRENTRY of Windows). `bytes` must reach to its end.
 * Throws FORMAT_MALFORMED (context `offset`).
 */
export function readIco(bytes: Uint8Array): Ico {
  const cursor = new ByteCursor(bytes, { what: 'icon', little: true });
  const [zero, type, count] = [cursor.u16('header'), cursor.u16('header'), cursor.u16('header')];
  if (zero !== 0 || (type !== 1 && type !== 2) || count === 0) cursor.fail('header');
  const images = Array.from({ length: count }, () => {
    const [width, height] = [cursor.u8('entry'), cursor.u8('entry')];
    cursor.take(2, 'entry');
    const [first, second] = [cursor.u16('entry'), cursor.u16('entry')];
    const [size, offset] = [cursor.u32('entry'), cursor.u32('entry')];
    if (offset < HEADER_BYTES + count * ENTRY_BYTES) cursor.fail('a picture inside of the table: its entry');
    const detail = type === 1 ? `${second} bits` : `points at ${first},${second}`;
    // A byte has no 256, which is written as 0.
    return { width: width || 256, height: height || 256, detail, offset, size };
  });
  return { kind: type === 1 ? 'icon' : 'cursor', images };
}
