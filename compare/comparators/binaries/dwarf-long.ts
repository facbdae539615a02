import { ByteReader, condenseUnits, inflateFrom } from '../../../formats/index.ts';
import { ReproofError } from '../../../model/index.ts';
import { rangeSource } from '../../byte-source.ts';
import { type ElfPiece, type ElfSide, SECTION_BYTES } from './elf-side.ts';

const LIMITS = { unitBytes: 4_096, keptBytes: SECTION_BYTES };
const SHF_COMPRESSED = 0x800n;
const ELFCOMPRESS_ZLIB = 1;
/** Before the deflated bytes, RFC 1950. */
const ZLIB_BYTES = 2;

/**
 * A .debug_info section that is too long to be held, cut to the beginnings of its units: read as a stream, unpacked where
 * zlib packed it. Undefined where something else did, or where it is still too long. Throws FORMAT_MALFORMED.
 */
export async function longUnits({ source, file }: ElfSide, piece: ElfPiece): Promise<Buffer | undefined> {
  const packed = new ByteReader(rangeSource(source, { name: piece.name, ...piece.range }));
  const little = file.endian === 'little';
  try {
    if (piece.section === undefined || (piece.section.flags & SHF_COMPRESSED) === 0n)
      return await condenseUnits(packed, little, LIMITS);
    const header = await packed.read(file.bits === 64 ? 24 : 12);
    if (header.length < 12 || (little ? header.readUInt32LE() : header.readUInt32BE()) !== ELFCOMPRESS_ZLIB)
      return undefined;
    await packed.skip(ZLIB_BYTES);
    const unpacked = new ByteReader(inflateFrom(packed, refused));
    try {
      return await condenseUnits(unpacked, little, LIMITS);
    } finally {
      await unpacked.close();
    }
  } finally {
    await packed.close();
  }
}

function refused(why: string): ReproofError {
  const message = `reading a compressed section of ELF file: it cannot be unpacked: ${why}`;
  return new ReproofError('FORMAT_MALFORMED', message, { context: { offset: 0 } });
}
