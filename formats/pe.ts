import { ReproofError } from '../model/index.ts';
import { ByteCursor, latin1UpToNul } from './byte-cursor.ts';
import type { ByteRange } from './byte-ranges.ts';

/** A section of a PE or COFF file. `name` is bytes as latin1; `size` counts the bytes in the file that are used. */
export type PeSection = ByteRange & {
  readonly name: string;
  readonly virtualAddress: number;
  readonly virtualSize: number;
  /** Bytes in the file, with those that only fill it up. */
  readonly rawSize: number;
  /** Relocations of an object file. */
  readonly relocations: ByteRange;
  readonly flags: number;
};

/** What the headers of a PE or COFF file say; offsets are bytes of the file. */
export type PeFile = {
  /** Named values of the COFF and the optional header, numbers as they stand there. */
  readonly header: Readonly<Record<string, number | bigint>>;
  /** Absent in an object file. */
  readonly image?: { readonly bits: 32 | 64; readonly headersEnd: number };
  /** Address and size of each data directory, by name. */
  readonly directories: ReadonlyMap<string, { readonly address: number; readonly size: number }>;
  readonly sections: readonly PeSection[];
  /** The DOS header and program, with a Rich header where there is one. */
  readonly dos: ByteRange;
  readonly symbols: ByteRange;
  /** Where the section table ends. */
  readonly headerBytes: number;
};

export const COFF_MACHINES: ReadonlyMap<number, string> = new Map([
  [0x14c, 'i386'],
  [0x1c0, 'ARM'],
  [0x1c4, 'ARM Thumb-2'],
  [0xebc, 'EFI byte code'],
  [0x5064, 'RISC-V 64'],
  [0x6264, 'LoongArch 64'],
  [0x8664, 'x86-64'],
  [0xaa64, 'ARM64'],
]);

const DIRECTORIES = [
  'export',
  'import',
  'resource',
  'exception',
  'certificate',
  'relocation',
  'debug',
  'architecture',
  'global pointer',
  'thread storage',
  'load configuration',
  'bound import',
  'import addresses',
  'delayed import',
  'CLR',
  'reserved',
];
const SYMBOL_BYTES = 18;
const RELOCATION_BYTES = 10;

/**
 * Reads the headers of a PE image, or of a COFF object file, from the first bytes of it: PE Format, Microsoft.
 * Throws FORMAT_MALFORMED (context `offset`), also where the headers go on after `head`.
 */
export function readPe(head: Uint8Array): PeFile {
  const cursor = new ByteCursor(head, { what: 'PE file', little: true });
  let dosSize = 0;
  if (head[0] === 0x4d && head[1] === 0x5a) {
    dosSize = cursor.seek(0x3c).u32('DOS header');
    cursor.seek(dosSize);
    if (cursor.take(4, 'signature').toString('latin1') !== 'PE\0\0') cursor.seek(dosSize).fail('signature');
  }
  const machine = cursor.u16('machine');
  const count = cursor.u16('section count');
  const time = cursor.u32('time');
  const [symbolOffset, symbolCount, optionalSize] = [cursor.u32(), cursor.u32(), cursor.u16()];
  const characteristics = cursor.u16('characteristics');
  const optionalStart = cursor.position;
  const optional = optionalSize === 0 ? undefined : readOptionalHeader(cursor);
  cursor.seek(optionalStart + optionalSize);
  const sections = Array.from({ length: count }, () => readSection(cursor));
  return {
    header: { machine, sections: count, time, symbols: symbolCount, characteristics, ...optional?.values },
    ...(optional === undefined ? {} : { image: { bits: optional.bits, headersEnd: optional.headersEnd } }),
    directories: optional?.directories ?? new Map(),
    sections,
    dos: { offset: 0, size: dosSize },
    symbols: { offset: symbolOffset, size: symbolOffset === 0 ? 0 : symbolCount * SYMBOL_BYTES },
    headerBytes: cursor.position,
  };
}

function readOptionalHeader(cursor: ByteCursor): {
  readonly bits: 32 | 64;
  readonly headersEnd: number;
  readonly values: PeFile['header'];
  readonly directories: PeFile['directories'];
} {
  const magic = cursor.u16('optional header');
  if (magic !== 0x10b && magic !== 0x20b) cursor.seek(cursor.position - 2).fail('optional header');
  const bits = magic === 0x20b ? 64 : 32;
  const word = (): number | bigint => (bits === 64 ? cursor.u64() : cursor.u32());
  const values: Record<string, number | bigint> = {};
  const read = (names: string, next: () => number | bigint): void => {
    for (const name of names.split(', ')) values[name] = next();
  };
  const [u8, u16, u32] = [(): number => cursor.u8(), (): number => cursor.u16(), (): number => cursor.u32()];
  read('linker major, linker minor', u8);
  read('code size, initialized data size, uninitialized data size, entry, code base', u32);
  if (bits === 32) read('data base', u32);
  read('image base', word);
  read('section alignment, file alignment', u32);
  read('system major, system minor, image major, image minor, subsystem major, subsystem minor', u16);
  read('reserved, image size, headers size, checksum', u32);
  read('subsystem, DLL characteristics', u16);
  read('stack reserve, stack commit, heap reserve, heap commit', word);
  read('loader flags', u32);
  const directories = new Map<string, { address: number; size: number }>();
  const count = cursor.u32('data directories');
  for (const name of DIRECTORIES.slice(0, count)) directories.set(name, { address: cursor.u32(), size: cursor.u32() });
  return { bits, headersEnd: Number(values['headers size']), values, directories };
}

function readSection(cursor: ByteCursor): PeSection {
  const name = cursor.fixedString(8, 'section');
  const [virtualSize, virtualAddress, rawSize, offset] = [cursor.u32(), cursor.u32(), cursor.u32(), cursor.u32()];
  const relocationOffset = cursor.u32('section');
  cursor.take(4, 'section');
  const relocations = { offset: relocationOffset, size: cursor.u16('section') * RELOCATION_BYTES };
  cursor.take(2, 'section');
  const inFile = offset === 0 ? 0 : rawSize;
  const size = virtualSize === 0 ? inFile : Math.min(virtualSize, inFile);
  return { name, virtualAddress, virtualSize, rawSize: inFile, relocations, flags: cursor.u32(), offset, size };
}

/** The offset in the file of an address in memory; undefined where no section holds it. */
export function peOffset(file: PeFile, address: number): number | undefined {
  const section = file.sections.find(
    (one) => address >= one.virtualAddress && address < one.virtualAddress + one.rawSize,
  );
  return section === undefined ? undefined : section.offset + (address - section.virtualAddress);
}

/** Sections with the long names that stand in the table of strings after the symbols, as `/4` there. */
export function withLongNames(sections: readonly PeSection[], strings: Uint8Array): readonly PeSection[] {
  const table = Buffer.from(strings.buffer, strings.byteOffset, strings.length);
  return sections.map((section) => {
    const at = /^\/(\d+)$/.exec(section.name)?.[1];
    if (at === undefined || Number(at) >= table.length) return section;
    return { ...section, name: latin1UpToNul(table.subarray(Number(at), Number(at) + 256)) };
  });
}

/** One entry of the debug directory. */
export type PeDebugEntry = { readonly type: number; readonly time: number } & ByteRange;

export function readPeDebugDirectory(bytes: Uint8Array, limits: { readonly entries: number }): readonly PeDebugEntry[] {
  const cursor = new ByteCursor(bytes, { what: 'PE debug directory', little: true });
  const count = Math.floor(bytes.length / 28);
  if (count > limits.entries)
    throw new ReproofError('FORMAT_LIMIT', `reading PE debug directory: more than ${limits.entries} entries`);
  return Array.from({ length: count }, () => {
    cursor.take(4);
    const time = cursor.u32();
    cursor.take(4);
    const [type, size] = [cursor.u32(), cursor.u32()];
    cursor.take(4);
    return { type, time, size, offset: cursor.u32() };
  });
}

/** The path of the program database and its identity, from a CodeView entry; undefined for what is none. */
export function readPdbReference(bytes: Uint8Array): { readonly path: string; readonly identity: string } | undefined {
  const entry = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (entry.length < 24 || entry.toString('latin1', 0, 4) !== 'RSDS') return undefined;
  const identity = `${guid(entry.subarray(4, 20))} age ${entry.readUInt32LE(20)}`;
  return { path: latin1UpToNul(entry.subarray(24)), identity };
}

/** Sixteen bytes as Microsoft writes a GUID. */
export function guid(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  const little = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16)].map((part) =>
    Buffer.from(part, 'hex').reverse().toString('hex'),
  );
  return [...little, hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

/** The tools named in the Rich header as `product.build count`, in their order; empty where there is none. */
export function richHeader(dos: Uint8Array): readonly string[] {
  const bytes = Buffer.from(dos.buffer, dos.byteOffset, dos.length);
  const end = bytes.lastIndexOf('Rich', undefined, 'latin1');
  if (end < 0x40 || end + 8 > bytes.length) return [];
  const key = bytes.readUInt32LE(end + 4);
  const entries: string[] = [];
  for (let at = end - 8; at >= 0x40; at -= 8) {
    const [tool, count] = [(bytes.readUInt32LE(at) ^ key) >>> 0, (bytes.readUInt32LE(at + 4) ^ key) >>> 0];
    if (tool === 0x536e6144 || (tool === 0 && count === 0)) break;
    entries.unshift(`${tool >>> 16}.${tool & 0xffff} ${count}`);
  }
  return entries;
}
