import { crc32 } from 'node:zlib';
import type { Taken } from './taken-bytes.ts';

const HEADER_MAGIC = 'fd377a585a00';
const FRAME_BYTES = 12;
/** More NULs than this between two streams are taken for what follows the first. */
const PADDING_BYTES = 64 * 1024;
const LZMA2 = 0x21;
/** Of each check, by its id: "The .xz File Format", 2.1.1.2. */
const CHECK_BYTES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];

/**
 * Goes through the streams that a file begins with, by their headers and those of the pieces in them: nothing is
 * unpacked. What is broken or cut short is taken to the end of the file. Sources: "The .xz File Format", 1.2.1; of the pieces
 * of LZMA2, which state their sizes, liblzma's lzma2_decoder.c.
 */
export async function* xzStreams(taken: Taken): AsyncGenerator<Uint8Array> {
  for (let first = true; ; first = false) {
    const header = first ? await taken.take(FRAME_BYTES) : await nextHeader(taken);
    if (!first && header.toString('hex', 0, 6) !== HEADER_MAGIC) return;
    taken.keep();
    if (!isHeader(header) || !(yield* throughStream(taken, CHECK_BYTES[(header[7] as number) & 15] as number))) {
      yield* taken.through(Number.POSITIVE_INFINITY);
      return;
    }
  }
}

/** What may be a further stream's header, after padding in fours. */
async function nextHeader(taken: Taken): Promise<Buffer> {
  for (let padding = 0; padding <= PADDING_BYTES; padding += 4) {
    const start = await taken.take(4);
    if (start.length < 4) break;
    if (start.readUInt32LE() !== 0) return Buffer.concat([start, await taken.take(FRAME_BYTES - 4)]);
  }
  return Buffer.alloc(0);
}

function isHeader(header: Buffer): boolean {
  if (header.length < FRAME_BYTES || header.toString('hex', 0, 6) !== HEADER_MAGIC) return false;
  return crc32(header.subarray(6, 8)) === header.readUInt32LE(8);
}

/** Blocks, index and footer; false where one of them is not as it must be. */
async function* throughStream(taken: Taken, checkBytes: number): AsyncGenerator<Uint8Array, boolean> {
  for (let blocks = 0; ; blocks++) {
    const [coded] = await taken.take(1);
    if (coded === undefined) return false;
    if (coded === 0) return yield* throughIndex(taken, blocks);
    const header = await taken.take(coded * 4 + 3);
    if (header.length < coded * 4 + 3) return false;
    const packed = blockOf(header);
    if (packed === undefined) return false;
    const content = taken.reader.position;
    if (!(packed.bytes === undefined ? yield* throughLzma2(taken) : yield* taken.through(packed.bytes))) return false;
    const padding = (4 - ((taken.reader.position - content) % 4)) % 4;
    if (!(yield* taken.through(padding + checkBytes))) return false;
  }
}

/** What a block's header, without its first byte, says of its packed bytes; undefined where it is none that is known. */
function blockOf(header: Buffer): { readonly bytes: number | undefined } | undefined {
  const flags = header[0] as number;
  let at = 1;
  const number = (): number => {
    let value = 0;
    for (let scale = 1, count = 0; count < 9; scale *= 128, count++) {
      const byte = header[at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    return Number.NaN;
  };
  const bytes = (flags & 0x40) === 0 ? undefined : number();
  if ((flags & 0x80) !== 0) number();
  let filter = 0;
  for (let count = 0; count <= (flags & 3); count++) {
    filter = number();
    const properties = number();
    at += properties;
  }
  if (bytes !== undefined) return bytes > 0 ? { bytes } : undefined;
  return filter === LZMA2 ? { bytes } : undefined;
}

/** The pieces of LZMA2 up to the byte that ends them. */
async function* throughLzma2(taken: Taken): AsyncGenerator<Uint8Array, boolean> {
  for (;;) {
    const [control] = await taken.take(1);
    if (control === 0) return true;
    const packed = control !== undefined && control >= 0x80;
    if (control === undefined || (!packed && control > 2)) return false;
    const sizes = await taken.take(packed ? 4 : 2);
    if (sizes.length < (packed ? 4 : 2)) return false;
    // From 0xC0 on a byte of properties stands before the packed bytes.
    const size = sizes.readUInt16BE(packed ? 2 : 0) + 1 + (control >= 0xc0 ? 1 : 0);
    if (!(yield* taken.through(size))) return false;
  }
}

/** The index, which has as many records as there were blocks, and the footer. */
async function* throughIndex(taken: Taken, blocks: number): AsyncGenerator<Uint8Array, boolean> {
  const start = taken.reader.position - 1;
  if ((await numberIn(taken)) !== blocks) return false;
  for (let left = 2 * blocks; left > 0; left--) {
    if (Number.isNaN(await numberIn(taken))) return false;
    // So that no more is held than must be.
    if (left % 1024 === 0) yield* taken.through(0);
  }
  const padding = (4 - ((taken.reader.position - start) % 4)) % 4;
  const end = await taken.take(padding + 4 + FRAME_BYTES);
  if (end.length < padding + 4 + FRAME_BYTES || end.toString('latin1', end.length - 2) !== 'YZ') return false;
  taken.keep();
  return true;
}

async function numberIn(taken: Taken): Promise<number> {
  let value = 0;
  for (let scale = 1, count = 0; count < 9; scale *= 128, count++) {
    const [byte] = await taken.take(1);
    if (byte === undefined) break;
    value += (byte & 127) * scale;
    if (byte < 128) return value;
  }
  return Number.NaN;
}
