import { createHash } from 'node:crypto';
import { inflateSync, zstdDecompressSync } from 'node:zlib';
import {
  type ByteRange,
  type ElfFile,
  type ElfLimits,
  type ElfSection,
  type ElfSymbols,
  parseElfSymbols,
  readElf,
  readElfBytes,
  SHT_NOBITS,
} from '../../../formats/index.ts';
import { ReproofError, type Sha256 } from '../../../model/index.ts';
import { type ByteSource, rangeSource } from '../../byte-source.ts';
import { escapeName } from '../../escape.ts';
import { distinctNames } from '../../named-pairs.ts';

const LIMITS: ElfLimits = { sections: 100_000, nameBytes: 16 * 2 ** 20, noteBytes: 2 ** 20 };
const SHF_COMPRESSED = 0x800n;
/** Bytes of a section that is read whole to be explained, per side. */
export const SECTION_BYTES = 64 * 2 ** 20;
const SYMBOLS = 3_000_000;

/** A section, or a header, of one side. `name` is escaped and unique: the n-th of a name has n in it. */
export type ElfPiece = {
  readonly name: string;
  readonly range: ByteRange;
  /** Bytes in memory; those in the file are the range's. */
  readonly size: number;
  /** Undefined for the headers. */
  readonly section: ElfSection | undefined;
};

/** An ELF file with its pieces by name, and in the order of the section table. */
export type ElfSide = {
  readonly source: ByteSource;
  readonly file: ElfFile;
  readonly pieces: ReadonlyMap<string, ElfPiece>;
  /** By index in the section table: names as they are shown, '' for the first. */
  readonly names: readonly string[];
};

/** Reads headers and where every section stands. Throws ELF_MALFORMED, ELF_LIMIT. */
export async function readElfSide(source: ByteSource): Promise<ElfSide> {
  const file = await readElf((start) => source.open(start), LIMITS);
  const headers = [
    { name: '(file header)', range: { offset: 0, size: file.headerBytes }, size: file.headerBytes, section: undefined },
    {
      name: '(program headers)',
      range: file.programHeaders,
      size: file.programHeaders.size,
      section: undefined,
    },
  ];
  const named = file.sections.slice(1);
  const names = distinctNames([...headers, ...named].map(({ name }) => escapeName(name))).slice(headers.length);
  const sections = named.map((section, index) => {
    const size = section.type === SHT_NOBITS ? 0 : section.size;
    // Where nothing stands in the file, the place may be after its end, as in files of debug information alone.
    const range = { offset: size === 0 ? 0 : section.offset, size };
    return { name: names[index] as string, range, size: section.size, section };
  });
  const pieces = new Map<string, ElfPiece>([...headers, ...sections].map((piece) => [piece.name, piece]));
  checkPlaces(source, [...pieces.values()]);
  return { source, file, pieces, names: ['', ...sections.map((section) => section.name)] };
}

function checkPlaces(source: ByteSource, pieces: readonly ElfPiece[]): void {
  const end = pieces.reduce((last, { range }) => Math.max(last, range.offset + range.size), 0);
  // Sections of a sound file do not overlap; many that do would be read many times over.
  if (pieces.reduce((sum, { range }) => sum + range.size, 0) > 4 * end)
    throw new ReproofError('ELF_MALFORMED', `reading sections of ELF file ${source.name}: they overlap`);
  if (source.size !== undefined && source.size < end)
    throw new ReproofError(
      'ELF_MALFORMED',
      `reading section content of ELF file at byte ${source.size}: the file ends inside it`,
    );
}

/** Larger pieces are told without a digest: what is equal in them need not be read. */
const DIGEST_BYTES = 16 * 2 ** 20;

/** The SHA-256 of a piece as it stands in the file; undefined where it is larger than 16 MiB. */
export async function pieceDigest({ source }: ElfSide, { range, name }: ElfPiece): Promise<Sha256 | undefined> {
  if (range.size > DIGEST_BYTES) return undefined;
  const hash = createHash('sha256');
  if (range.size > 0)
    for await (const chunk of rangeSource(source, { name, ...range }).open(0, 'lent')) hash.update(chunk);
  return hash.digest('hex');
}

/** True where what stands in the file is compressed. */
export function isPacked({ section }: ElfPiece): boolean {
  return section !== undefined && (section.flags & SHF_COMPRESSED) !== 0n;
}

/** A piece's bytes, unpacked where the section is compressed; undefined past `limit`. Throws ELF_MALFORMED. */
export async function pieceBytes(
  side: ElfSide,
  piece: ElfPiece,
  limit: number = SECTION_BYTES,
): Promise<Buffer | undefined> {
  if (piece.range.size > limit) return undefined;
  const bytes = await readElfBytes((start) => side.source.open(start), piece.range);
  return isPacked(piece) ? unpacked(bytes, side, limit) : bytes;
}

/** gABI: a header with the kind, the unpacked size and the alignment stands before a compressed section's content. */
function unpacked(bytes: Buffer, { file }: ElfSide, limit: number): Buffer | undefined {
  const header = file.bits === 64 ? 24 : 12;
  if (bytes.length < header) return Buffer.alloc(0);
  const kind = file.endian === 'little' ? bytes.readUInt32LE(0) : bytes.readUInt32BE(0);
  try {
    if (kind === 1) return inflateSync(bytes.subarray(header), { maxOutputLength: limit });
    if (kind === 2) return zstdDecompressSync(bytes.subarray(header), { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw new ReproofError('ELF_MALFORMED', 'reading a compressed section of ELF file: it cannot be unpacked');
  }
  return bytes;
}

const symbolTables = new WeakMap<ElfSide, Map<string, Promise<ElfSymbols | undefined>>>();

/** Symbols of the section of that name with the string table it links to; undefined where there is none or too much. Read once. */
export function readSymbols(side: ElfSide, name: '.symtab' | '.dynsym'): Promise<ElfSymbols | undefined> {
  const tables = symbolTables.get(side) ?? new Map<string, Promise<ElfSymbols | undefined>>();
  symbolTables.set(side, tables);
  const table = tables.get(name) ?? parseSymbols(side, name);
  tables.set(name, table);
  return table;
}

async function parseSymbols(side: ElfSide, name: string): Promise<ElfSymbols | undefined> {
  const piece = side.pieces.get(name);
  const names = linkedNames(side, piece);
  if (piece === undefined || names === undefined) return undefined;
  const [symbols, strings] = [await pieceBytes(side, piece), await pieceBytes(side, names)];
  if (symbols === undefined || strings === undefined) return undefined;
  return parseElfSymbols({ symbols, names: strings }, side.file, SYMBOLS);
}

/** The piece that a section's header links to. */
export function linkedNames(side: ElfSide, piece: ElfPiece | undefined): ElfPiece | undefined {
  return side.pieces.get(side.names[piece?.section?.link ?? 0] ?? '');
}

/** What a symbol's section index means: a section's name, or one of the reserved ones. */
export function sectionLabel(side: ElfSide, index: number): string {
  if (index === 0) return 'undefined';
  if (index === 0xfff1) return 'absolute';
  if (index === 0xfff2) return 'common';
  return side.names[index] ?? `section ${index}`;
}
