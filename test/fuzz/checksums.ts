import { crc32 } from 'node:zlib';

/** The same bytes, in place, with the checksums of tar, PNG and xz made right, so that readers go on behind them. */
export function withChecksums(bytes: Buffer): Buffer {
  if (bytes.toString('latin1', 1, 4) === 'PNG') pngChunks(bytes);
  else if (bytes.toString('latin1', 1, 5) === '7zXZ') xzHeaders(bytes);
  else tarHeaders(bytes);
  return bytes;
}

function tarHeaders(bytes: Buffer): void {
  for (let at = 0; at + 512 <= bytes.length; at += 512) {
    if (bytes.toString('latin1', at + 257, at + 262) !== 'ustar') continue;
    bytes.fill(0x20, at + 148, at + 156);
    let sum = 0;
    for (let index = at; index < at + 512; index++) sum += bytes[index] as number;
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
  }
}

function pngChunks(bytes: Buffer): void {
  for (let at = 8; at + 12 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    if (at + 12 + size > bytes.length) break;
    bytes.writeUInt32BE(crc32(bytes.subarray(at + 4, at + 8 + size)), at + 8 + size);
    at += 12 + size;
  }
}

/** The .xz file format, 2.1.1, 2.1.2 and 4: header, footer and the index that the footer's backward size leads to. */
function xzHeaders(bytes: Buffer): void {
  const footer = bytes.length - 12;
  if (footer < 24) return;
  const start = footer - (bytes.readUInt32LE(footer + 4) + 1) * 4;
  bytes.writeUInt32LE(crc32(bytes.subarray(6, 8)), 8);
  if (start >= 12) bytes.writeUInt32LE(crc32(bytes.subarray(start, footer - 4)), footer - 4);
  bytes.writeUInt32LE(crc32(bytes.subarray(footer + 4, footer + 10)), footer);
}
