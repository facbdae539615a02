import {
  type ByteRange,
  COFF_MACHINES,
  type PeFile,
  peOffset,
  readPdbReference,
  readPe,
  readPeDebugDirectory,
  richHeader,
  withLongNames,
} from '../../../formats/index.ts';
import { escapeName, shorten } from '../../escape.ts';
import type { Section } from '../../section-parts.ts';
import { readRange } from '../../section-parts.ts';
import type { ByteSource, MemberHeader } from '../../types.ts';

const HEADER_BYTES = 2 ** 20;
const STRING_BYTES = 2 ** 20;
/** More of them than this are not looked into one by one. */
const FILLERS = 200;
const FILLER_BYTES = 2 ** 16;
const [CODEVIEW, REPRODUCIBLE] = [2, 16];

/** One side: its header in words, and every piece of it that can be compared alone. */
export type PeFacts = {
  readonly file: PeFile;
  readonly fields: MemberHeader;
  readonly sections: readonly Section[];
  /** Those of instructions of a processor. */
  readonly code: readonly Section[];
  readonly rich: readonly string[];
  /** True where the linker says that its times are hashes of the content. */
  readonly timeIsHash: boolean;
  readonly times: MemberHeader;
  readonly pdb: { readonly path: string; readonly identity: string } | undefined;
};

/** Reads what a PE or COFF file says of itself. Throws FORMAT_MALFORMED, FORMAT_LIMIT. */
export async function readPeFacts(source: ByteSource): Promise<PeFacts> {
  const head = await readRange(source, { offset: 0, size: HEADER_BYTES });
  const raw = readPe(head);
  const strings = raw.symbols.offset === 0 ? Buffer.alloc(0) : await readStrings(source, raw.symbols);
  const file = { ...raw, sections: withLongNames(raw.sections, strings) };
  const debug = await readDebug(source, file);
  const exportTime = await timeAt(source, file, 'export');
  const resourceTime = await timeAt(source, file, 'resource');
  return {
    file,
    fields: headerFields(file),
    sections: await pieces(source, file, strings.length),
    code: isKernel(head) ? [] : codeSections(file),
    rich: richHeader(head.subarray(0, file.dos.size)),
    timeIsHash: debug.entries.some((entry) => entry.type === REPRODUCIBLE),
    times: {
      'header time': time(file.header.time as number),
      'debug time': [...new Set(debug.entries.map((entry) => time(entry.time)))].join(', '),
      'export time': exportTime,
      'resource time': resourceTime,
    },
    pdb: debug.pdb,
  };
}

/** The table of strings with its size before it, as offsets into it are counted. */
async function readStrings(source: ByteSource, symbols: ByteRange): Promise<Buffer> {
  const offset = symbols.offset + symbols.size;
  const size = await readRange(source, { offset, size: 4 });
  if (size.length < 4 || size.readUInt32LE() < 4) return Buffer.alloc(0);
  return readRange(source, { offset, size: Math.min(size.readUInt32LE(), STRING_BYTES) });
}

async function readDebug(
  source: ByteSource,
  file: PeFile,
): Promise<{ entries: ReturnType<typeof readPeDebugDirectory>; pdb: PeFacts['pdb'] }> {
  const bytes = await directory(source, file, { name: 'debug', size: 28 * 64 });
  const entries = readPeDebugDirectory(bytes, { entries: 64 });
  const view = entries.find((entry) => entry.type === CODEVIEW);
  if (view === undefined) return { entries, pdb: undefined };
  return { entries, pdb: readPdbReference(await readRange(source, { ...view, size: Math.min(view.size, 4096) })) };
}

/** The first bytes of what a data directory names; none where it names nothing in the file. */
async function directory(source: ByteSource, file: PeFile, wanted: { name: string; size: number }): Promise<Buffer> {
  const { address, size } = file.directories.get(wanted.name) ?? { address: 0, size: 0 };
  const offset = size === 0 ? undefined : peOffset(file, address);
  return offset === undefined ? Buffer.alloc(0) : readRange(source, { offset, size: Math.min(size, wanted.size) });
}

/** The tables of exports and of resources have a time of their own after four bytes of flags. */
async function timeAt(source: ByteSource, file: PeFile, name: string): Promise<string> {
  const bytes = await directory(source, file, { name, size: 8 });
  return bytes.length < 8 ? '' : time(bytes.readUInt32LE(4));
}

function time(seconds: number): string {
  return `${seconds} (${new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')})`;
}

/** IMAGE_SCN_CNT_CODE or IMAGE_SCN_MEM_EXECUTE. */
const CODE_FLAGS = 0x20000020;

/** What .NET calls code holds its tables of names, texts and identities, too. */
function codeSections({ sections, directories }: PeFile): readonly Section[] {
  if ((directories.get('CLR')?.size ?? 0) > 0) return [];
  return sections
    .filter(({ flags, size }) => (flags & CODE_FLAGS) !== 0 && size > 0)
    .map(({ name, offset, size }) => ({ name: escapeName(name), offset, size }));
}

/** Linux for x86 in its boot protocol: what is called code is the packed kernel. */
function isKernel(head: Buffer): boolean {
  return head.toString('latin1', 0x202, 0x206) === 'HdrS';
}

const HEXADECIMAL = /characteristics|base|entry|flags|checksum/i;

function headerFields(file: PeFile): MemberHeader {
  const { machine, time: _, ...header } = file.header;
  const fields: Record<string, string> = {
    machine: COFF_MACHINES.get(machine as number) ?? String(machine),
    format: file.image === undefined ? 'COFF object' : file.image.bits === 64 ? 'PE32+' : 'PE32',
  };
  for (const [name, value] of Object.entries(header))
    fields[name] = HEXADECIMAL.test(name) ? `0x${value.toString(16)}` : String(value);
  for (const [name, { address, size }] of file.directories)
    if (size > 0) fields[`${name} directory`] = `0x${address.toString(16)}, ${size} bytes`;
  for (const section of file.sections)
    fields[`section ${shorten(escapeName(section.name), 100)}`] =
      `0x${section.virtualAddress.toString(16)}, ${section.virtualSize} bytes in memory, ` +
      `${section.rawSize} in the file, flags 0x${section.flags.toString(16)}`;
  return fields;
}

/** Sections, what fills them up, and what stands before and after them. */
async function pieces(source: ByteSource, file: PeFile, stringBytes: number): Promise<readonly Section[]> {
  const certificate = file.directories.get('certificate');
  const signature = { offset: certificate?.address ?? 0, size: certificate?.size ?? 0 };
  const found: Section[] = [{ name: '(DOS header)', ...file.dos }];
  const fillers: Section[] = [];
  if (file.image !== undefined && file.image.headersEnd > file.headerBytes)
    fillers.push({ name: '(rest of headers)', ...between(file.headerBytes, file.image.headersEnd) });
  for (const { name, offset, size, rawSize, relocations } of file.sections) {
    const shown = escapeName(name);
    found.push({ name: shown, offset, size });
    if (rawSize > size) fillers.push({ name: `${shown} (padding)`, ...between(offset + size, offset + rawSize) });
    if (relocations.size > 0) found.push({ name: `${shown} (relocations)`, ...relocations });
  }
  for (const filler of fillers) if (fillers.length > FILLERS || (await isFilled(source, filler))) found.push(filler);
  const symbols = { offset: file.symbols.offset, size: file.symbols.size + stringBytes };
  if (symbols.offset > 0) found.push({ name: '(symbols)', ...symbols });
  const last = [...found, ...fillers].reduce(
    (end, piece) => Math.max(end, piece.offset + piece.size),
    file.headerBytes,
  );
  const total = await sizeOf(source);
  const after = signature.offset + signature.size;
  if (signature.size > 0) found.push({ name: '(certificates)', ...signature });
  if (signature.size > 0 && signature.offset >= last) {
    found.push({ name: '(after the sections)', ...between(last, signature.offset) });
    if (total > after) found.push({ name: '(after the certificates)', ...between(after, total) });
  } else if (total > last) found.push({ name: '(after the sections)', ...between(last, total) });
  return found;
}

/** Zeros are no content: how many of them there are says nothing but the size of what they follow. */
async function isFilled(source: ByteSource, filler: ByteRange): Promise<boolean> {
  if (filler.size > FILLER_BYTES) return true;
  const bytes = await readRange(source, filler);
  return bytes.length < filler.size || bytes.some((byte) => byte !== 0);
}

function between(offset: number, end: number): ByteRange {
  return { offset, size: end - offset };
}

async function sizeOf(source: ByteSource): Promise<number> {
  if (source.size !== undefined) return source.size;
  let size = 0;
  for await (const piece of source.open()) size += piece.length;
  return size;
}
