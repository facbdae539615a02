import type { ByteRange } from './byte-ranges.ts';
import { ElfFields, type ElfForm, malformedElf, passedElfLimit } from './elf-fields.ts';
import { type ElfNote, NT_GNU_BUILD_ID, parseElfNotes } from './elf-notes.ts';
import { checkElfTexts } from './elf-text-table.ts';

/** Upper limits of one file. Passing one throws ELF_LIMIT. */
export type ElfLimits = {
  readonly sections: number;
  /** Bytes of the table of section names. */
  readonly nameBytes: number;
  /** Bytes of all note sections together. */
  readonly noteBytes: number;
};

/**
 * A section header, elf(5). Names are bytes as latin1. A section of type NOBITS (8) has a size and no bytes in the file.
 * `link` and `info` are what the type makes of them: often the numbers of other sections.
 */
export type ElfSection = {
  readonly name: string;
  readonly type: number;
  readonly flags: bigint;
  readonly address: bigint;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly alignment: bigint;
  readonly entrySize: number;
};

/** A program header, elf(5). */
export type ElfSegment = {
  readonly type: number;
  readonly flags: number;
  readonly offset: bigint;
  readonly address: bigint;
  readonly fileSize: bigint;
  readonly memorySize: bigint;
  readonly alignment: bigint;
};

/** What an ELF file says of itself. `sections` are in the order of their table, the empty first one included. */
export type ElfFile = ElfForm & {
  readonly osAbi: number;
  readonly abiVersion: number;
  readonly type: number;
  readonly machine: number;
  readonly entry: bigint;
  readonly flags: number;
  readonly headerBytes: number;
  readonly programHeaders: ByteRange;
  readonly sectionTable: ByteRange;
  readonly segments: readonly ElfSegment[];
  readonly sections: readonly ElfSection[];
  readonly notes: readonly ElfNote[];
  /** NT_GNU_BUILD_ID in hexadecimal. */
  readonly buildId: string | undefined;
};

/** The bytes from an offset on, in pieces of any size. */
export type OpenAt = (start: number) => AsyncIterable<Uint8Array>;

const SHT_NOTE = 7;
export const SHT_NOBITS = 8;
const SHN_XINDEX = 0xffff;

/**
 * Headers, section names and notes of an ELF file, 32 or 64 bits, either byte order, as elf(5) and the gABI have them.
 * `open` is called a few times, each from where something stands; memory is bounded by the limits.
 * Throws ELF_MALFORMED (context `offset`) and ELF_LIMIT.
 */
export async function readElf(open: OpenAt, limits: ElfLimits): Promise<ElfFile> {
  const { names: nameTable, entries, ...header } = await readHeaders(open, limits);
  const names = await readNames(open, entries[nameTable], limits);
  checkElfTexts(
    names,
    Uint32Array.from(entries, ({ nameOffset }) => nameOffset),
  );
  const sections = entries.map(({ nameOffset, ...section }) => ({ ...section, name: nameAt(names, nameOffset) }));
  const notes = await readNotes(open, { ...header, sections }, limits);
  const buildId = notes.find((note) => note.owner === 'GNU' && note.type === NT_GNU_BUILD_ID)?.description;
  return { ...header, sections, notes, buildId };
}

/** The bytes of a range, which the caller has bounded; fewer where the content ends before. */
export async function readElfBytes(open: OpenAt, { offset, size }: ByteRange): Promise<Buffer> {
  let whole: Buffer | undefined;
  let filled = 0;
  if (size <= 0) return Buffer.alloc(0);
  for await (const chunk of open(offset)) {
    if (whole === undefined && chunk.length >= size) return Buffer.from(chunk.buffer, chunk.byteOffset, size);
    whole ??= Buffer.allocUnsafeSlow(size);
    whole.set(chunk.subarray(0, size - filled), filled);
    filled = Math.min(size, filled + chunk.length);
    if (filled === size) break;
  }
  return whole === undefined ? Buffer.alloc(0) : whole.subarray(0, filled);
}

type RawSection = Omit<ElfSection, 'name'> & { readonly nameOffset: number };
type RawElf = Omit<ElfFile, 'sections' | 'notes' | 'buildId'> & {
  readonly entries: readonly RawSection[];
  readonly names: number;
};

async function readHeaders(open: OpenAt, limits: ElfLimits): Promise<RawElf> {
  const start = await readElfBytes(open, { offset: 0, size: 64 });
  if (start.length < 16) throw malformedElf('identification', start.length, 'the file ends inside it');
  if (start.readUInt32BE(0) !== 0x7f454c46) throw malformedElf('magic', 0);
  if (start[4] !== 1 && start[4] !== 2) throw malformedElf('class', 4);
  if (start[5] !== 1 && start[5] !== 2) throw malformedElf('byte order', 5);
  const form = { bits: start[4] === 1 ? 32 : 64, endian: start[5] === 1 ? 'little' : 'big' } as const;
  const headerBytes = form.bits === 32 ? 52 : 64;
  if (start.length < headerBytes) throw malformedElf('header', start.length, 'the file ends inside it');
  const view = new ElfFields(start, form);
  // Places in the header after e_entry, which is the first field whose width depends on the class.
  const at = form.bits === 32 ? { phoff: 28, shoff: 32, half: 42 } : { phoff: 32, shoff: 40, half: 54 };
  const programHeaders = { offset: view.place(at.phoff), size: view.half(at.half) * view.half(at.half + 2) };
  const header = {
    ...form,
    osAbi: view.byte(7),
    abiVersion: view.byte(8),
    type: view.half(16),
    machine: view.half(18),
    entry: view.address(24),
    flags: view.word(at.half - 6),
    headerBytes,
    programHeaders,
    segments: await readSegments(open, { ...form, ...programHeaders, entrySize: view.half(at.half) }),
  } as const;
  const tableOffset = view.place(at.shoff);
  if (tableOffset === 0) return { ...header, sectionTable: { offset: 0, size: 0 }, entries: [], names: 0 };
  const entryBytes = form.bits === 32 ? 40 : 64;
  if (view.half(at.half + 4) !== entryBytes) throw malformedElf('size of a section header', at.half + 4);
  if (tableOffset < headerBytes) throw malformedElf('offset of the section headers', at.shoff);
  const stated = view.half(at.half + 6);
  const first = await exactly(open, { offset: tableOffset, size: entryBytes }, 'section header 0');
  const zero = readSection(new ElfFields(first, form), tableOffset);
  // gABI: a count that does not fit e_shnum is sh_size of section 0, an index that does not fit e_shstrndx its sh_link.
  const count = stated === 0 ? zero.size : stated;
  const names = view.half(at.half + 8) === SHN_XINDEX ? zero.link : view.half(at.half + 8);
  if (count > limits.sections) throw passedElfLimit('sections', limits.sections);
  const sectionTable = { offset: tableOffset, size: count * entryBytes };
  const table = await exactly(open, sectionTable, 'section headers');
  const entries: RawSection[] = [];
  for (let offset = 0; offset < table.length; offset += entryBytes)
    entries.push(readSection(new ElfFields(table.subarray(offset, offset + entryBytes), form), tableOffset + offset));
  return { ...header, sectionTable, entries, names };
}

function readSection(view: ElfFields, where: number): RawSection {
  const wide = view.bits === 64;
  return {
    nameOffset: view.word(0),
    type: view.word(4),
    flags: view.address(8),
    address: view.address(wide ? 16 : 12),
    offset: view.place(wide ? 24 : 16, where),
    size: view.place(wide ? 32 : 20, where),
    link: view.word(wide ? 40 : 24),
    info: view.word(wide ? 44 : 28),
    alignment: view.address(wide ? 48 : 32),
    entrySize: view.place(wide ? 56 : 36, where),
  };
}

async function readSegments(
  open: OpenAt,
  table: ElfForm & ByteRange & { readonly entrySize: number },
): Promise<readonly ElfSegment[]> {
  const wide = table.bits === 64;
  if (table.entrySize !== (wide ? 56 : 32)) return [];
  const bytes = await readElfBytes(open, table);
  const segments: ElfSegment[] = [];
  for (let at = 0; at + table.entrySize <= bytes.length; at += table.entrySize) {
    const view = new ElfFields(bytes.subarray(at, at + table.entrySize), table);
    segments.push({
      type: view.word(0),
      flags: view.word(wide ? 4 : 24),
      offset: view.address(wide ? 8 : 4),
      address: view.address(wide ? 16 : 8),
      fileSize: view.address(wide ? 32 : 16),
      memorySize: view.address(wide ? 40 : 20),
      alignment: view.address(wide ? 48 : 28),
    });
  }
  return segments;
}

async function readNames(open: OpenAt, table: RawSection | undefined, limits: ElfLimits): Promise<Buffer> {
  if (table === undefined || table.type === SHT_NOBITS || table.size === 0) return Buffer.alloc(0);
  if (table.size > limits.nameBytes) throw passedElfLimit('nameBytes', limits.nameBytes);
  return exactly(open, table, 'section content');
}

function nameAt(names: Buffer, offset: number): string {
  if (offset === 0 && names.length === 0) return '';
  const end = names.indexOf(0, offset);
  if (offset >= names.length || end < 0) throw malformedElf('section name in the table of names', offset);
  return names.toString('latin1', offset, end);
}

type NoteHolders = ElfForm & { readonly sections: readonly ElfSection[] };

async function readNotes(open: OpenAt, file: NoteHolders, limits: ElfLimits): Promise<readonly ElfNote[]> {
  const holders = file.sections.filter((section) => section.type === SHT_NOTE && section.size > 0);
  if (holders.reduce((sum, section) => sum + section.size, 0) > limits.noteBytes)
    throw passedElfLimit('noteBytes', limits.noteBytes);
  const notes: ElfNote[] = [];
  for (const section of holders)
    for (const note of parseElfNotes(section, await exactly(open, section, 'section content'), file)) notes.push(note);
  return notes;
}

async function exactly(open: OpenAt, range: ByteRange, what: string): Promise<Buffer> {
  const bytes = await readElfBytes(open, range);
  if (bytes.length < range.size) throw malformedElf(what, range.offset + bytes.length, 'the file ends inside it');
  return bytes;
}
