import { isUtf8 } from 'node:buffer';

/** How a text is stored, in words for display. `8-bit` is any of the encodings with one byte a character. */
export type TextEncoding = 'UTF-8' | 'UTF-8 with BOM' | 'UTF-16LE' | 'UTF-16BE' | 'UTF-32LE' | 'UTF-32BE' | '8-bit';

/** Byte order marks (Unicode 16, section 23.8), the longer ones first: that of UTF-16LE begins that of UTF-32LE. */
const MARKS: readonly (readonly [TextEncoding, readonly number[]])[] = [
  ['UTF-32LE', [0xff, 0xfe, 0, 0]],
  ['UTF-32BE', [0, 0, 0xfe, 0xff]],
  ['UTF-8 with BOM', [0xef, 0xbb, 0xbf]],
  ['UTF-16LE', [0xff, 0xfe]],
  ['UTF-16BE', [0xfe, 0xff]],
];

/** Bytes of which each character, or the half of one, is made. */
const WIDTHS: Readonly<Partial<Record<TextEncoding, number>>> = {
  'UTF-16LE': 2,
  'UTF-16BE': 2,
  'UTF-32LE': 4,
  'UTF-32BE': 4,
};

/**
 * How a text is stored, by all of it (`isWhole`) or its beginning; undefined for what is no text. Without a mark it is UTF-8, or bytes of which
 * most are printable ASCII and none is a control character.
 */
export function encodingOf(head: Uint8Array, isWhole: boolean): TextEncoding | undefined {
  const marked = MARKS.find(([, mark]) => mark.every((byte, index) => head[index] === byte));
  if (marked !== undefined) {
    const [encoding] = marked;
    // Bytes that are left over after the last whole character are no text, and are not shown as such.
    if (isWhole && head.length % (WIDTHS[encoding] ?? 1) !== 0) return undefined;
    return isPlausible(head, encoding) ? encoding : undefined;
  }
  if (hasNul(head, isWhole)) return undefined;
  if (isUtf8(isWhole ? head : withoutPartialEnd(head))) return 'UTF-8';
  return isMostlyPrintable(head) ? '8-bit' : undefined;
}

/** NUL, BS and a bracket stand around an index or an image in GNU Info (Texinfo manual, "Info Format Text Constructs"). */
function hasNul(head: Uint8Array, isWhole: boolean): boolean {
  for (let at = head.indexOf(0); at >= 0; at = head.indexOf(0, at + 1)) {
    if (!isWhole && at + 3 > head.length) return false;
    if (head[at + 1] !== 8 || (head[at + 2] !== 0x5b && head[at + 2] !== 0x5d)) return true;
  }
  return false;
}

/** The text without its mark. What is no character of the encoding becomes U+FFFD. */
export function decodeText(bytes: Buffer, encoding: TextEncoding): string {
  switch (encoding) {
    case 'UTF-8':
      return bytes.toString('utf8');
    case 'UTF-8 with BOM':
      return withoutMark(bytes.toString('utf8'));
    case '8-bit':
      return bytes.toString('latin1');
    case 'UTF-16LE':
      return withoutMark(bytes.subarray(0, bytes.length & ~1).toString('utf16le'));
    case 'UTF-16BE':
      return withoutMark(
        Buffer.from(bytes.subarray(0, bytes.length & ~1))
          .swap16()
          .toString('utf16le'),
      );
    case 'UTF-32LE':
    case 'UTF-32BE':
      return withoutMark(decodeUtf32(bytes, encoding === 'UTF-32LE'));
    default:
      return encoding satisfies never;
  }
}

function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

function decodeUtf32(bytes: Buffer, littleEndian: boolean): string {
  const pieces: string[] = [];
  for (let offset = 0; offset + 4 <= bytes.length; offset += 4) {
    const point = littleEndian ? bytes.readUInt32LE(offset) : bytes.readUInt32BE(offset);
    pieces.push(point > 0x10ffff || (point >= 0xd800 && point < 0xe000) ? '\ufffd' : String.fromCodePoint(point));
  }
  return pieces.join('');
}

/** Wide text: no NUL, no character that is none. Two bytes that look like a mark begin many a binary file. */
function isPlausible(head: Uint8Array, encoding: TextEncoding): boolean {
  if (encoding === 'UTF-8 with BOM') return !head.includes(0) && isUtf8(withoutPartialEnd(head));
  const text = decodeText(Buffer.from(head), encoding);
  const wellFormed = /[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text;
  return !/[\0-\x08\x0e-\x1a\x7f\ufffd\uffff]/.test(wellFormed) && wellFormed.isWellFormed();
}

function isMostlyPrintable(head: Uint8Array): boolean {
  let printable = 0;
  for (const byte of head) {
    if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27) || byte === 127) return false;
    if (byte < 128) printable++;
  }
  return printable * 10 >= head.length * 7;
}

/** A head may end inside a character, whose lead byte is then at most three bytes from the end. */
function withoutPartialEnd(head: Uint8Array): Uint8Array {
  for (let back = 1; back <= Math.min(3, head.length); back++)
    if ((head[head.length - back] as number) >= 0xc0) return head.subarray(0, head.length - back);
  return head;
}
