/**
 * What a stream of bzip2 begins with: its block size in 100 kB, then the digits of pi for a block or of its square root
 * for the end. A stream's end, these digits and a CRC, stands at any bit, and is filled up to a byte.
 */
export const BZIP2_STREAM = /BZh([1-9])(?:1AY&SY|\x17rE8P\x90)/g;
const HEAD = new RegExp(`^${BZIP2_STREAM.source}`);
export const BZIP2_HEAD_BYTES = 10;
const END = [0x17, 0x72, 0x45, 0x38, 0x50, 0x90];
const END_BITS = 48 + 32;
/** From the first byte of an end to the last of a further stream's head. */
const LOOKED_AT_BYTES = Math.ceil((7 + END_BITS) / 8) + BZIP2_HEAD_BYTES;

/** By how many bits it is shifted: bytes of an end, and which bits of them belong to it. */
const SHIFTED = Array.from({ length: 8 }, (_, shift) => {
  const shifted = (bytes: readonly number[]): readonly number[] =>
    Array.from(
      { length: 7 },
      (_unused, at) => (((bytes[at - 1] ?? 0) << (8 - shift)) | ((bytes[at] ?? 0) >> shift)) & 255,
    );
  return { bytes: shifted(END), mask: shifted(END.map(() => 255)) };
});
/** Of two bytes in a row, the second and third of an end: a bit for each shift that they may have. */
const PAIRS = new Uint8Array(65_536);
for (const [shift, { bytes }] of SHIFTED.entries()) {
  const pair = ((bytes[1] as number) << 8) | (bytes[2] as number);
  PAIRS[pair] = (PAIRS[pair] as number) | (1 << shift);
}

/**
 * The bytes of the streams that a file begins with, and no more; returns where that is. What is cut short is given to
 * the end. Nothing is unpacked: an end is known by its 48 bits, of which a file made for it may hold others; who unpacks
 * it then says that it is broken. Source: bzip2's own decompress.c, which is its specification.
 */
export async function* bzip2Streams(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, number> {
  let held = Buffer.alloc(0);
  let at = 0;
  for await (const piece of source) {
    const bytes = Buffer.concat([held, piece]);
    const found = endIn(bytes, false);
    yield bytes.subarray(0, found.given);
    at += found.given;
    if (found.ends) return at;
    held = bytes.subarray(found.given);
  }
  const found = endIn(held, true);
  yield held.subarray(0, found.given);
  return at + found.given;
}

/** How many of these bytes belong to the streams for certain, and whether the last of them ends there. */
function endIn(bytes: Buffer, last: boolean): { readonly given: number; readonly ends: boolean } {
  let from = 0;
  for (;;) {
    const found = findEnd(bytes, from);
    if (found === undefined)
      return { given: last ? bytes.length : Math.max(from, bytes.length - END.length), ends: false };
    if (!last && found.start + LOOKED_AT_BYTES > bytes.length) return { given: found.start, ends: false };
    if (found.end > bytes.length) return { given: bytes.length, ends: false };
    if (!HEAD.test(bytes.toString('latin1', found.end, found.end + BZIP2_HEAD_BYTES)))
      return { given: found.end, ends: true };
    from = found.end;
  }
}

/** The first end from `from` on: where its first byte stands, and where its last one, filled up, ends. */
function findEnd(bytes: Buffer, from: number): { readonly start: number; readonly end: number } | undefined {
  let before = bytes[from + 1] ?? 0;
  for (let at = from + 2; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    const shifts = PAIRS[(before << 8) | byte] as number;
    before = byte;
    if (shifts === 0) continue;
    const start = at - 2;
    for (const [shift, end] of SHIFTED.entries())
      if (
        (shifts & (1 << shift)) !== 0 &&
        end.bytes.every((one, index) => ((bytes[start + index] ?? 0) & (end.mask[index] as number)) === one)
      )
        return { start, end: start + Math.ceil((shift + END_BITS) / 8) };
  }
  return undefined;
}
