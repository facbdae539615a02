import { Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import type { ZipEntry } from '../../../formats/index.ts';
import { isReproofError, ReproofError } from '../../../model/index.ts';
import { dropBytes, rangeSource } from '../../byte-source.ts';
import { escapeName } from '../../escape.ts';
import type { ByteSource, Context } from '../../types.ts';
import { zipMethodName } from './zip-header.ts';

const STORED = 0;
const DEFLATED = 8;

/** True for a member whose bytes stand in the archive as they are. */
export function isPlain({ method, flags }: ZipEntry): boolean {
  return method === STORED && (flags & 1) === 0;
}

/**
 * A packed member's content, unpacked each time it is opened; it ends well only with the size and CRC-32 that the
 * directory says, and no more than that size comes out. Throws ARCHIVE_MALFORMED, and
 * ARCHIVE_UNSUPPORTED for what is whole and not read here.
 */
export function zipContent(archive: ByteSource, place: ZipPlace, context: Context): ByteSource {
  const { entry, dataOffset } = place;
  const name = escapeName(entry.name);
  return {
    name,
    size: entry.size,
    open: (start = 0) => {
      const packed = rangeSource(archive, { name, offset: dataOffset, size: entry.packedSize });
      return dropBytes(zipUnpacked(packed.open(), entry, context), start);
    },
  };
}

export type ZipPlace = { readonly entry: ZipEntry; readonly dataOffset: number };

/** The content of the packed bytes that stand in the archive, checked as zipContent has it. */
export async function* zipUnpacked(
  packed: AsyncIterable<Uint8Array>,
  entry: ZipEntry,
  { budget }: Context,
): AsyncGenerator<Uint8Array> {
  if ((entry.flags & 1) !== 0) throw refused(entry, 'it is encrypted', 'ARCHIVE_UNSUPPORTED');
  if (entry.method !== DEFLATED)
    throw refused(entry, `its compression, ${zipMethodName(entry.method)}, is not read`, 'ARCHIVE_UNSUPPORTED');
  let size = 0;
  let crc = 0;
  for await (const piece of inflate(packed, entry)) {
    size += piece.length;
    if (size > entry.size) throw refused(entry, `more than its ${entry.size} bytes come out`);
    crc = crc32(piece, crc);
    budget.spend('bytes', piece.length);
    yield piece;
  }
  if (size !== entry.size) throw refused(entry, `${size} of its ${entry.size} bytes come out`);
  if (crc !== entry.crc32) throw refused(entry, 'its CRC-32 is not that of its content');
}

async function* inflate(packed: AsyncIterable<Uint8Array>, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  const input = Readable.from(packed, { objectMode: false });
  const inflated = createInflateRaw();
  input.on('error', (error) => inflated.destroy(error));
  try {
    for await (const chunk of input.pipe(inflated)) yield chunk as Buffer;
  } catch (error) {
    if (isReproofError(error) || !(error instanceof Error) || !('errno' in error) || !isZlib(error)) throw error;
    throw refused(entry, error.message);
  } finally {
    input.destroy();
    inflated.destroy();
  }
  if (inflated.bytesWritten !== entry.packedSize)
    throw refused(entry, `${entry.packedSize - inflated.bytesWritten} bytes follow the deflated ones`);
}

function isZlib(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_');
}

function refused(
  { name, offset }: ZipEntry,
  why: string,
  code: 'ARCHIVE_MALFORMED' | 'ARCHIVE_UNSUPPORTED' = 'ARCHIVE_MALFORMED',
): ReproofError {
  const message = `unpacking ${escapeName(name)} of zip archive at byte ${offset}: ${why}`;
  return new ReproofError(code, message, { context: { offset } });
}
