import { ReproofError } from '../model/index.ts';
import { type ByteRange, readRanges } from './byte-ranges.ts';
import { ByteReader } from './byte-reader.ts';

/** Upper limits of one file. Passing one throws ELF_LIMIT. */
export type ElfLimits = {
  readonly sections: number;
  /** Bytes of the table of section names. */
  readonly nameBytes: number;
  /** Bytes of all note sections together. */
  readonly noteBytes: number;
};

/** A section header, elf(5). Names are bytes as latin1. A section of type NOBITS (8) has a size and no bytes in the file. */
export type ElfSection = {
  readonly name: string;
  readonly type: number;
  readonly flags: bigint;
  readonly address: bigint;
  readonly offset: number;
  readonly size: number;
  readonly alignment: bigint;
};

/** One note of a note section: owner such as GNU, type as a number, description in hexadecimal. */
export type ElfNote = {
  readonly section: string;
  readonly owner: string;
  readonly type: number;
  readonly description: string;
};

/** What an ELF file says of itself. `sections` are in the order of their table, the empty first one included. */
export type ElfFile = {
  readonly bits: 32 | 64;
  readonly endian: 'little' | 'big';
  readonly type: number;
  readonly machine: number;
  readonly entry: bigint;
  readonly headerBytes: number;
  readonly programHeaders: ByteRange;
  readonly sectionTable: ByteRange;
  readonly sections: readonly ElfSection[];
  readonly notes: readonly ElfNote[];
  /** NT_GNU_BUILD_ID in hexadecimal. */
  readonly buildId: string | undefined;
};

const SHT_NOTE = 7;
export const SHT_NOBITS = 8;
const NT_GNU_BUILD_ID = 3;
const SHN_XINDEX = 0xffff;

/**
 * Headers, section names and notes of an ELF file, 32 or 64 bits, either byte order, as elf(5) and the gABI have them.
 * `open` starts the file's stream again from its first byte; it is called up to three times, and memory is bounded by the limits.
 * Throws ELF_MALFORMED (context `offset`) and ELF_LIMIT.
 */
export async function readElf(open: () => AsyncIterable<Uint8Array>, limits: ElfLimits): Promise<ElfFile> {
  const reader = new ByteReader(open());
  let raw: RawElf;
  try {
    raw = await readHeaders(reader, limits);
  } finally {
    await reader.close();
  }
  const { header, entries } = raw;
  const names = await readNames(open, raw, limits);
  const sections = entries.map(({ nameOffset, ...section }) => ({ ...section, name: nameAt(names, nameOffset) }));
  const notes = await readNotes(open, { sections, little: header.endian === 'little' }, limits);
  const buildId = notes.find((note) => note.owner === 'GNU' && note.type === NT_GNU_BUILD_ID)?.description;
  return { ...header, sections, notes, buildId };
}

type RawSection = Omit<ElfSection, 'name'> & { readonly nameOffset: number };
type Header = Omit<ElfFile, 'sections' | 'notes' | 'buildId'>;
type RawElf = { readonly header: Header; readonly entries: readonly RawSection[]; readonly nameTable: number };

async function readHeaders(reader: ByteReader, limits: ElfLimits): Promise<RawElf> {
  const ident = await exactly(reader, 16, 'identification');
  if (ident.readUInt32BE(0) !== 0x7f454c46) throw malformed('magic', 0);
  const [bits, little] = [ident[4] === 1 ? 32 : 64, ident[5] === 1] as const;
  if (ident[4] !== 1 && ident[4] !== 2) throw malformed('class', 4);
  if (ident[5] !== 1 && ident[5] !== 2) throw malformed('byte order', 5);
  const headerBytes = bits === 32 ? 52 : 64;
  const view = new Fields(Buffer.concat([ident, await exactly(reader, headerBytes - 16, 'header')]), bits, little);
  // Places in the header after e_entry, which is the first field whose width depends on the class.
  const at = bits === 32 ? { phoff: 28, shoff: 32, half: 42 } : { phoff: 32, shoff: 40, half: 54 };
  const tableOffset = view.place(at.shoff);
  const entryBytes = view.half(at.half + 4);
  const header = {
    bits,
    endian: little ? 'little' : 'big',
    type: view.half(16),
    machine: view.half(18),
    entry: view.address(24),
    headerBytes,
    programHeaders: { offset: view.place(at.phoff), size: view.half(at.half) * view.half(at.half + 2) },
  } as const;
  if (tableOffset === 0)
    return { header: { ...header, sectionTable: { offset: 0, size: 0 } }, entries: [], nameTable: 0 };
  if (entryBytes !== (bits === 32 ? 40 : 64)) throw malformed('size of a section header', at.half + 4);
  if (tableOffset < headerBytes) throw malformed('offset of the section headers', at.shoff);
  await reader.skip(tableOffset - headerBytes);
  const first = await exactly(reader, entryBytes, 'section header 0');
  const zero = readSection(new Fields(first, bits, little), tableOffset);
  // gABI: a count that does not fit e_shnum is sh_size of section 0, an index that does not fit e_shstrndx its sh_link.
  const count = view.half(at.half + 6) === 0 ? zero.size : view.half(at.half + 6);
  const nameTable = view.half(at.half + 8) === SHN_XINDEX ? zero.link : view.half(at.half + 8);
  if (count > limits.sections) throw passed('sections', limits.sections);
  const table = Buffer.concat([first, await exactly(reader, Math.max(0, count - 1) * entryBytes, 'section headers')]);
  const entries: RawSection[] = [];
  for (let offset = 0; offset < count * entryBytes; offset += entryBytes) {
    const { link: _link, ...section } = readSection(
      new Fields(table.subarray(offset, offset + entryBytes), bits, little),
      tableOffset + offset,
    );
    entries.push(section);
  }
  return { header: { ...header, sectionTable: { offset: tableOffset, size: table.length } }, entries, nameTable };
}

function readSection(view: Fields, where: number): RawSection & { readonly link: number } {
  const wide = view.bits === 64;
  return {
    nameOffset: view.word(0),
    type: view.word(4),
    flags: view.address(8),
    address: view.address(wide ? 16 : 12),
    offset: view.place(wide ? 24 : 16, where),
    size: view.place(wide ? 32 : 20, where),
    link: view.word(wide ? 40 : 24),
    alignment: view.address(wide ? 48 : 32),
  };
}

async function readNames(
  open: () => AsyncIterable<Uint8Array>,
  { entries, nameTable }: RawElf,
  limits: ElfLimits,
): Promise<Buffer> {
  const table = entries[nameTable];
  if (table === undefined || nameTable === 0 || table.type === SHT_NOBITS) return Buffer.alloc(0);
  if (table.size > limits.nameBytes) throw passed('nameBytes', limits.nameBytes);
  return (await gather(open, [table]))[0] as Buffer;
}

function nameAt(names: Buffer, offset: number): string {
  if (offset === 0 && names.length === 0) return '';
  const end = names.indexOf(0, offset);
  if (offset >= names.length || end < 0) throw malformed('section name in the table of names', offset);
  return names.toString('latin1', offset, end);
}

async function readNotes(
  open: () => AsyncIterable<Uint8Array>,
  file: { readonly sections: readonly ElfSection[]; readonly little: boolean },
  limits: ElfLimits,
): Promise<readonly ElfNote[]> {
  const holders = file.sections.filter((section) => section.type === SHT_NOTE && section.size > 0);
  if (holders.reduce((sum, section) => sum + section.size, 0) > limits.noteBytes)
    throw passed('noteBytes', limits.noteBytes);
  const contents = await gather(open, holders);
  return holders.flatMap((section, index) => parseNotes(section, contents[index] as Buffer, file.little));
}

function parseNotes(section: ElfSection, bytes: Buffer, little: boolean): ElfNote[] {
  // .note.gnu.property of 64-bit files is aligned to 8 bytes, all others to 4 whatever their class.
  const unit = section.alignment === 8n ? 8 : 4;
  const aligned = (offset: number): number => Math.ceil(offset / unit) * unit;
  const view = new Fields(bytes, 64, little);
  const notes: ElfNote[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    if (offset + 12 > bytes.length) throw malformed('note', section.offset + offset);
    const [nameBytes, descriptionBytes] = [view.word(offset), view.word(offset + 4)];
    const description = aligned(offset + 12 + nameBytes);
    if (description + descriptionBytes > bytes.length) throw malformed('note', section.offset + offset);
    notes.push({
      section: section.name,
      owner: bytes.toString('latin1', offset + 12, offset + 12 + nameBytes).replace(/\0+$/, ''),
      type: view.word(offset + 8),
      description: bytes.toString('hex', description, description + descriptionBytes),
    });
    offset = aligned(description + descriptionBytes);
  }
  return notes;
}

async function gather(open: () => AsyncIterable<Uint8Array>, ranges: readonly ByteRange[]): Promise<Buffer[]> {
  const pieces: Uint8Array[][] = ranges.map(() => []);
  const reached = await readRanges(open(), ranges, (index, bytes) => pieces[index]?.push(Buffer.from(bytes)));
  if (reached < Math.max(0, ...ranges.map((range) => range.offset + range.size))) {
    throw malformed('section content', reached, 'the file ends inside it');
  }
  return pieces.map((list) => Buffer.concat(list));
}

/** Numbers of a structure by class and byte order. */
class Fields {
  readonly bits: 32 | 64;
  readonly #view: DataView;
  readonly #little: boolean;

  constructor(bytes: Buffer, bits: 32 | 64, little: boolean) {
    this.bits = bits;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#little = little;
  }

  half(at: number): number {
    return this.#view.getUint16(at, this.#little);
  }

  word(at: number): number {
    return this.#view.getUint32(at, this.#little);
  }

  address(at: number): bigint {
    return this.bits === 64 ? this.#view.getBigUint64(at, this.#little) : BigInt(this.word(at));
  }

  /** An offset or size within the file: no file reaches 2^52 bytes, so that sums of two stay exact. */
  place(at: number, where = 0): number {
    const value = this.address(at);
    if (value >= 2n ** 52n) throw malformed('an offset or size', where + at, 'no file is that large');
    return Number(value);
  }
}

async function exactly(reader: ByteReader, count: number, what: string): Promise<Buffer> {
  const bytes = await reader.read(count);
  if (bytes.length < count) throw malformed(what, reader.position, 'the file ends inside it');
  return bytes;
}

function malformed(what: string, offset: number, why?: string): ReproofError {
  const message = `reading ${what} of ELF file at byte ${offset}${why === undefined ? '' : `: ${why}`}`;
  return new ReproofError('ELF_MALFORMED', message, { context: { offset } });
}

function passed(limit: keyof ElfLimits, value: number): ReproofError {
  return new ReproofError('ELF_LIMIT', `reading ELF file: more than ${value} ${limit}`, { context: { limit, value } });
}
