/** Bytes that one row shows. */
export const ROW_BYTES = 16;

/** Bytes as xxd shows them: offset, sixteen bytes, and what of them is printable ASCII. `offset` is that of the first. */
export function* hexRows(bytes: Buffer, offset: number): Generator<string> {
  for (let from = 0; from < bytes.length; from += ROW_BYTES) {
    const row = bytes.subarray(from, from + ROW_BYTES);
    const hex = row.toString('hex').replace(/.{4}(?=.)/g, '$& ');
    const shown = row.toString('latin1').replace(/[^\x20-\x7e]/g, '.');
    yield `${(offset + from).toString(16).padStart(8, '0')}: ${hex.padEnd(39)}  ${shown}`;
  }
}

/** Runs of printable ASCII as strings(1) finds them. */
export function printableStrings(bytes: Buffer, least: number): readonly string[] {
  return bytes.toString('latin1').match(new RegExp(`[\\x20-\\x7e]{${least},}`, 'g')) ?? [];
}

/** Bits of information that a byte holds, 0 to 8, if bytes came independently as often as they do here (Shannon 1948). */
export function entropyOf(bytes: Uint8Array): number {
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte] = (counts[byte] as number) + 1;
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= (count / bytes.length) * Math.log2(count / bytes.length);
  return bits;
}

/** True where so many bytes, picked at random, would hardly ever hold less; from 256 bytes on. */
export function looksRandom(bytes: Uint8Array): boolean {
  if (bytes.length < 256) return false;
  // Of few bytes not all 256 values can occur: about 7.17 bits for 256, 7.8 for 1,024.
  return entropyOf(bytes) >= (bytes.length < 1_024 ? 7 : 7.7);
}
