import { ReproofError } from '../model/index.ts';
import { ByteReader } from './byte-reader.ts';
import { inflateFrom } from './inflate.ts';

/** Upper limits of one database. Passing one throws ARCHIVE_LIMIT. */
export type RLazyLoadLimits = { readonly members: number; readonly objectBytes: number };

/** The unpacked size, and the two bytes of RFC 1950. */
const HEADER_BYTES = 6;
const ADLER_BYTES = 4;

/** True for what may be a record that zlib packed: databases have no magic number. */
export function isRRecord(head: Uint8Array): boolean {
  if (head.length < HEADER_BYTES) return false;
  const flags = 256 * (head[4] as number) + (head[5] as number);
  return ((head[4] as number) & 0x0f) === 8 && flags % 31 === 0 && (flags & 0x20) === 0;
}

/**
 * The objects, unpacked, of a lazy-load database of R (.rdb), as R_compress1 in R's src/main/serialize.c packs them and
 * tools:::makeLazyLoadDB puts them one after the other: four bytes of the unpacked size, then a zlib stream. Where each
 * begins its index says; here the end of the one before. Other compression than R's usual one is not read.
 */
export async function* readRLazyLoad(
  chunks: AsyncIterable<Uint8Array>,
  limits: RLazyLoadLimits,
): AsyncGenerator<Buffer> {
  const reader = new ByteReader(chunks);
  for (let count = 0; ; count++) {
    const offset = reader.position;
    const refused = (why: string): ReproofError =>
      new ReproofError('ARCHIVE_MALFORMED', `reading object of R database at byte ${offset}: ${why}`, {
        context: { offset },
      });
    const passed = (limit: keyof RLazyLoadLimits): ReproofError => {
      const message = `reading R database at byte ${offset}: the limit of ${limits[limit]} ${limit} was reached`;
      return new ReproofError('ARCHIVE_LIMIT', message, { context: { limit, value: limits[limit], offset } });
    };
    const header = await reader.read(HEADER_BYTES);
    if (header.length === 0) return;
    if (!isRRecord(header)) throw refused('it does not begin as one that zlib packed');
    if (count >= limits.members) throw passed('members');
    const size = header.readUInt32BE(0);
    if (size > limits.objectBytes) throw passed('objectBytes');
    const pieces: Uint8Array[] = [];
    let unpacked = 0;
    for await (const piece of inflateFrom(reader, refused)) {
      unpacked += piece.length;
      if (unpacked > size) break;
      pieces.push(piece);
    }
    if (unpacked !== size) throw refused('its size is not the one that is stated');
    if ((await reader.skip(ADLER_BYTES)) < ADLER_BYTES) throw refused('the file ends inside it');
    yield Buffer.concat(pieces);
  }
}
