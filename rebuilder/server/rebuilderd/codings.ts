import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';

/** How a body is sent: content codings of RFC 9110 8.4.1 and RFC 8878. */
export type Coding = 'identity' | 'zstd' | 'gzip';

/** A body is packed in parts of this size: Node's own 16 KiB cost more than the packing. */
const CHUNK_BYTES = 256 * 1024;
/** Half the time of zlib's own level, and a tenth more bytes. */
const GZIP_LEVEL = 4;

/** What a client takes of our codings, the best first; `identity` where it takes none or names none. RFC 9110 12.5.3. */
export function codingFor(acceptEncoding: string | undefined): Coding {
  const weights = new Map(
    (acceptEncoding ?? '').split(',').map((item) => {
      const [name = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
      const weight = parameters.find((parameter) => parameter.startsWith('q='));
      return [name, weight === undefined ? 1 : Number(weight.slice(2))] as const;
    }),
  );
  return (['zstd', 'gzip'] as const).find((coding) => (weights.get(coding) ?? 0) > 0) ?? 'identity';
}

/** A body packed as one stream, in parts. */
export async function encode(body: AsyncIterable<Buffer>, coding: 'zstd' | 'gzip'): Promise<readonly Buffer[]> {
  const packing =
    coding === 'zstd'
      ? createZstdCompress({ chunkSize: CHUNK_BYTES })
      : createGzip({ chunkSize: CHUNK_BYTES, level: GZIP_LEVEL });
  const parts: Buffer[] = [];
  await pipeline(body, packing, async (packed: AsyncIterable<Buffer>) => {
    for await (const part of packed) parts.push(part);
  });
  return parts;
}
