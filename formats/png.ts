import { crc32, inflateSync } from 'node:zlib';
import { ReproofError } from '../model/index.ts';
import { ByteCursor } from './byte-cursor.ts';

/** One chunk of a PNG file. `data` is not copied. */
export type PngChunk = {
  /** Four letters; other bytes as latin1. */
  readonly type: string;
  /** Bytes from the beginning of the file to its length field. */
  readonly offset: number;
  readonly data: Buffer;
  readonly crc: number;
  /** False when the checksum does not fit the chunk. */
  readonly intact: boolean;
};

export type PngFile = {
  readonly header: PngHeader;
  readonly chunks: readonly PngChunk[];
  /** Bytes behind the last chunk. */
  readonly trailing: Buffer;
};

/** The IHDR chunk: sizes in pixels, the rest as numbered by the specification. */
export type PngHeader = {
  readonly width: number;
  readonly height: number;
  readonly bitDepth: number;
  readonly colorType: number;
  readonly interlace: number;
};

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

/** True for the first bytes of a PNG file. */
export function isPng(head: Uint8Array): boolean {
  return SIGNATURE.equals(head.subarray(0, SIGNATURE.length));
}

/**
 * Reads all chunks up to IEND (PNG specification, third edition, chapters 5 and 11). Throws FORMAT_MALFORMED when the
 * file is cut short or its header is none; FORMAT_LIMIT past `limits.chunks`.
 */
export function readPng(bytes: Uint8Array, limits: { readonly chunks: number }): PngFile {
  const cursor = new ByteCursor(bytes, { what: 'PNG file' });
  if (!SIGNATURE.equals(cursor.take(SIGNATURE.length, 'signature'))) cursor.fail('signature');
  const chunks: PngChunk[] = [];
  for (let type = ''; type !== 'IEND'; ) {
    if (chunks.length >= limits.chunks)
      throw new ReproofError('FORMAT_LIMIT', `reading PNG file: more than ${limits.chunks} chunks`, {
        context: { limit: 'chunks', value: limits.chunks },
      });
    const offset = cursor.position;
    const size = cursor.u32('length of a chunk');
    const body = cursor.take(size + 4, 'a chunk');
    type = body.toString('latin1', 0, 4);
    const crc = cursor.u32('checksum of a chunk');
    chunks.push({ type, offset, data: body.subarray(4), crc, intact: crc32(body) === crc });
  }
  return { header: readHeader(chunks[0] as PngChunk), chunks, trailing: cursor.take(cursor.left) };
}

function readHeader({ type, data }: PngChunk): PngHeader {
  const cursor = new ByteCursor(data, { what: 'PNG file', base: 16 });
  if (type !== 'IHDR' || data.length !== 13) cursor.fail('header');
  const [width, height] = [cursor.u32(), cursor.u32()];
  if (width === 0 || height === 0) cursor.fail('picture size');
  const [bitDepth, colorType] = [cursor.u8(), cursor.u8()];
  cursor.take(2);
  return { width, height, bitDepth, colorType, interlace: cursor.u8() };
}

/** What a text chunk says: tEXt, zTXt or iTXt. */
export type PngText = { readonly keyword: string; readonly text: string };

/** The text of such a chunk, unpacked; undefined for other chunks and for what is broken or above `limitBytes`. */
export function readPngText({ type, data }: PngChunk, limitBytes: number): PngText | undefined {
  const end = data.indexOf(0);
  if (end < 0 || data.length > limitBytes) return undefined;
  const keyword = data.toString('latin1', 0, end);
  if (type === 'tEXt') return { keyword, text: data.toString('latin1', end + 1) };
  if (type === 'zTXt') {
    const text = unpack(data.subarray(end + 2), limitBytes);
    return text && { keyword, text: text.toString('latin1') };
  }
  if (type !== 'iTXt') return undefined;
  const language = data.indexOf(0, end + 3);
  const translated = language < 0 ? -1 : data.indexOf(0, language + 1);
  if (translated < 0) return undefined;
  const packed = data.subarray(translated + 1);
  const text = data[end + 1] === 1 ? unpack(packed, limitBytes) : packed;
  return text && { keyword, text: text.toString('utf8') };
}

function unpack(packed: Buffer, limitBytes: number): Buffer | undefined {
  try {
    return inflateSync(packed, { maxOutputLength: limitBytes });
  } catch {
    return undefined;
  }
}
