import { promisify } from 'node:util';
import {
  brotliCompress,
  brotliCompressSync,
  constants,
  gzip,
  gzipSync,
  zstdCompress,
  zstdCompressSync,
} from 'node:zlib';

/** Codings of answers, RFC 9110 8.4.1, best first. */
export const CODINGS = ['zstd', 'br', 'gzip'] as const;
export type Coding = (typeof CODINGS)[number];

/** The highest takes a hundred times as long for a fifth less: https://blog.cloudflare.com/this-is-brotli-from-origin */
export const BROTLI_OPTIONS = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

/** So much is packed in a millisecond in any coding; of more, those that come after do not wait for it. */
const AT_ONCE_BYTES = 128 * 1024;

const AT_ONCE: Readonly<Record<Coding, (bytes: Uint8Array) => Uint8Array>> = {
  zstd: (bytes) => zstdCompressSync(bytes),
  br: (bytes) => brotliCompressSync(bytes, BROTLI_OPTIONS),
  gzip: (bytes) => gzipSync(bytes),
};
const ASIDE: Readonly<Record<Coding, (bytes: Uint8Array) => Promise<Uint8Array>>> = {
  zstd: promisify(zstdCompress),
  br: (bytes) => brotliAside(bytes, BROTLI_OPTIONS),
  gzip: promisify(gzip),
};
const brotliAside = promisify(brotliCompress);

/** Packs an answer's whole body. */
export async function pack(bytes: Uint8Array, coding: Coding): Promise<Uint8Array<ArrayBuffer>> {
  const packed = bytes.length <= AT_ONCE_BYTES ? AT_ONCE[coding](bytes) : await ASIDE[coding](bytes);
  // Bytes of its own: what is handed to another thread may not lie in memory that others share.
  return new Uint8Array(packed);
}
