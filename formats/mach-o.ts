import { ReproofError } from '../model/index.ts';
import { ByteCursor, latin1UpToNul } from './byte-cursor.ts';
import type { ByteRange } from './byte-ranges.ts';

/** A piece of a Mach-O file: `__TEXT,__text`, or what a load command names, such as `symbols`. Bytes as latin1. */
export type MachPiece = ByteRange & { readonly name: string };

/** What a thin Mach-O file says of itself: Apple's mach-o/loader.h. */
export type MachFile = {
  readonly header: Readonly<Record<string, string>>;
  /** Load commands, segments and sections as text, one a line, without UUIDs. Bytes as latin1. */
  readonly commands: readonly string[];
  readonly uuid: string | undefined;
  readonly pieces: readonly MachPiece[];
};

/** Sections of all segments. Passing it throws FORMAT_LIMIT. */
export type MachLimits = { readonly sections: number };

const CPUS: ReadonlyMap<number, string> = new Map([
  [7, 'i386'],
  [12, 'ARM'],
  [18, 'PowerPC'],
  [0x1000007, 'x86-64'],
  [0x100000c, 'ARM64'],
  [0x1000012, 'PowerPC 64'],
  [0x200000c, 'ARM64_32'],
]);
const TYPES = [
  '',
  'object',
  'program',
  'fixed library',
  'core',
  'preload',
  'library',
  'linker',
  'bundle',
  'stub',
  'debug',
];

/** Byte order and word size by the first four bytes in hexadecimal; undefined for what is no thin Mach-O file. */
export function machKind(magic: string): { readonly little: boolean; readonly bits: 32 | 64 } | undefined {
  switch (magic) {
    case 'feedface':
      return { little: false, bits: 32 };
    case 'feedfacf':
      return { little: false, bits: 64 };
    case 'cefaedfe':
      return { little: true, bits: 32 };
    case 'cffaedfe':
      return { little: true, bits: 64 };
    default:
      return undefined;
  }
}

/** Reads the header and load commands from the first bytes of a file. Throws FORMAT_MALFORMED, FORMAT_LIMIT. */
export function readMachO(head: Uint8Array, limits: MachLimits): MachFile {
  const cursor = new ByteCursor(head, { what: 'Mach-O file' });
  const kind = machKind(cursor.take(4, 'magic').toString('hex'));
  if (kind === undefined) return cursor.seek(0).fail('magic');
  cursor.little = kind.little;
  const [cpu, subtype, type, count, size, flags] = [
    ...[cursor.u32('header'), cursor.u32('header'), cursor.u32('header')],
    ...[cursor.u32('header'), cursor.u32('header'), cursor.u32('header')],
  ] as [number, number, number, number, number, number];
  if (kind.bits === 64) cursor.u32('header');
  const header = {
    ...{ cpu: cpuName(cpu), 'cpu subtype': hex(subtype), type: TYPES[type] || String(type) },
    ...{ 'load commands': `${count}, ${size} bytes`, flags: hex(flags), bits: String(kind.bits) },
  };
  const commands = new CommandReader(kind.bits, limits);
  for (let index = 0; index < count; index++) {
    const start = cursor.position;
    const command = cursor.u32('load command');
    const bytes = cursor.u32('load command');
    if (bytes < 8) cursor.fail('load command');
    const content = cursor.take(bytes - 8, 'load command');
    commands.read(command, new ByteCursor(content, { what: 'Mach-O file', little: kind.little, base: start + 8 }));
  }
  return { header, commands: commands.lines, uuid: commands.uuid, pieces: commands.pieces };
}

const DYLIBS: ReadonlyMap<number, string> = new Map([
  [0xc, 'library'],
  [0xd, 'own name'],
  [0x20, 'lazy library'],
  [0x80000018, 'weak library'],
  [0x8000001f, 'library passed on'],
  [0x80000023, 'upward library'],
]);
const STRINGS: ReadonlyMap<number, string> = new Map([
  [0xe, 'linker'],
  [0xf, 'own linker'],
  [0x8000001c, 'run path'],
]);
const LINK_EDIT: ReadonlyMap<number, string> = new Map([
  [0x1d, 'code signature'],
  [0x1e, 'split info'],
  [0x26, 'function starts'],
  [0x29, 'data in code'],
  [0x2b, 'signing requirements'],
  [0x2e, 'optimization hints'],
  [0x80000033, 'exports'],
  [0x80000034, 'fixups'],
]);
const OLDEST: ReadonlyMap<number, string> = new Map([
  [0x24, 'macOS'],
  [0x25, 'iOS'],
  [0x2f, 'tvOS'],
  [0x30, 'watchOS'],
]);
const [SEGMENT, SEGMENT_64, SYMBOLS, UUID, BUILD, DYLD_INFO] = [0x1, 0x19, 0x2, 0x1b, 0x32, 0x22];
/** Types of sections without bytes in the file. */
const ZERO_FILLED = new Set([0x1, 0xc, 0x12]);

class CommandReader {
  readonly lines: string[] = [];
  readonly pieces: MachPiece[] = [];
  uuid: string | undefined;
  readonly #bits: 32 | 64;
  readonly #limits: MachLimits;
  #sections = 0;

  constructor(bits: 32 | 64, limits: MachLimits) {
    this.#bits = bits;
    this.#limits = limits;
  }

  read(command: number, cursor: ByteCursor): void {
    const [dylib, text, edited, oldest] = [DYLIBS, STRINGS, LINK_EDIT, OLDEST].map((names) => names.get(command));
    if (command === SEGMENT || command === SEGMENT_64) this.#segment(cursor, command === SEGMENT_64);
    else if (command === UUID) this.uuid = cursor.take(16, 'UUID').toString('hex');
    else if (dylib !== undefined) {
      const at = cursor.u32('library');
      const [time, current, compatible] = [cursor.u32('library'), version(cursor), version(cursor)];
      this.lines.push(`${dylib} ${stringAt(cursor, at)} ${current}, compatible ${compatible}, time ${time}`);
    } else if (text !== undefined) this.lines.push(`${text} ${stringAt(cursor, cursor.u32('string'))}`);
    else if (edited !== undefined) this.#place(edited, cursor);
    else if (oldest !== undefined) this.lines.push(`needs ${oldest} ${version(cursor)}, made with ${version(cursor)}`);
    else if (command === SYMBOLS) {
      const [offset, count] = [cursor.u32('symbols'), cursor.u32('symbols')];
      this.pieces.push({ name: 'symbols', offset, size: count * (this.#bits === 64 ? 16 : 12) });
      this.#place('symbol names', cursor);
    } else if (command === BUILD) {
      const line = `platform ${cursor.u32('version')}, needs ${version(cursor)}, made with ${version(cursor)}`;
      const tools = Math.min(cursor.u32('version'), Math.floor(cursor.left / 8));
      const shown = Array.from({ length: tools }, () => `, tool ${cursor.u32('tool')} ${version(cursor)}`);
      this.lines.push(line + shown.join(''));
    } else if ((command & 0x7fffffff) === DYLD_INFO) {
      for (const name of ['rebasing', 'binding', 'weak binding', 'lazy binding', 'exports']) this.#place(name, cursor);
    } else this.lines.push(`command ${hex(command)} ${cursor.take(cursor.left).toString('hex')}`);
  }

  #place(name: string, cursor: ByteCursor): void {
    const [offset, size] = [cursor.u32(name), cursor.u32(name)];
    if (size > 0) this.pieces.push({ name, offset, size });
    this.lines.push(`${name} ${offset} ${size} bytes`);
  }

  #segment(cursor: ByteCursor, wide: boolean): void {
    const word = (): bigint => (wide ? cursor.u64('segment') : BigInt(cursor.u32('segment')));
    const name = cursor.fixedString(16, 'segment');
    const [address, memory, offset, size] = [word(), word(), word(), word()];
    const [most, first, count, flags] = [cursor.u32(), cursor.u32(), cursor.u32(), cursor.u32()];
    const place = `address ${hex(address)}, ${memory} bytes in memory, ${size} in the file from ${offset}`;
    this.lines.push(`segment ${name} ${place}, protection ${most} ${first}, flags ${hex(flags)}`);
    for (let index = 0; index < count; index++) this.#section(cursor, word, wide);
  }

  #section(cursor: ByteCursor, word: () => bigint, wide: boolean): void {
    const { sections } = this.#limits;
    if (++this.#sections > sections)
      throw new ReproofError('FORMAT_LIMIT', `reading sections of Mach-O file: more than ${sections}`, {
        context: { limit: 'sections', value: sections },
      });
    const [own, segment] = [cursor.fixedString(16, 'section'), cursor.fixedString(16, 'section')];
    const [address, size] = [word(), Number(word())];
    const [offset, align, relocationOffset, relocations, flags] = [
      ...[cursor.u32('section'), cursor.u32('section'), cursor.u32('section')],
      ...[cursor.u32('section'), cursor.u32('section')],
    ] as [number, number, number, number, number];
    cursor.take(wide ? 12 : 8, 'section');
    const name = `${segment},${own}`;
    this.lines.push(
      `section ${name} address ${hex(address)}, ${size} bytes, alignment 2^${align}, flags ${hex(flags)}`,
    );
    if (!ZERO_FILLED.has(flags & 0xff)) this.pieces.push({ name, offset, size });
    if (relocations > 0)
      this.pieces.push({ name: `${name} (relocations)`, offset: relocationOffset, size: relocations * 8 });
  }
}

/** Offsets of strings count from the command's first byte. */
function stringAt(cursor: ByteCursor, offset: number): string {
  if (offset < 8) cursor.fail('string');
  return latin1UpToNul(cursor.seek(offset - 8).take(cursor.left, 'string'));
}

function version(cursor: ByteCursor): string {
  const value = cursor.u32('version');
  return `${value >>> 16}.${(value >>> 8) & 0xff}.${value & 0xff}`;
}

function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

function cpuName(cpu: number): string {
  return CPUS.get(cpu) ?? hex(cpu);
}

/**
 * The files for several processors in one, by processor, from Apple's mach-o/fat.h; undefined for what is no such file.
 * A Java class has the same magic number, and its version where these have a small count. Throws FORMAT_MALFORMED.
 */
export function readFatMachO(head: Uint8Array): readonly MachPiece[] | undefined {
  if (head.length < 8) return undefined;
  const cursor = new ByteCursor(head, { what: 'universal Mach-O file' });
  const magic = cursor.u32();
  const count = cursor.u32();
  if ((magic !== 0xcafebabe && magic !== 0xcafebabf) || count === 0 || count > 42) return undefined;
  const wide = magic === 0xcafebabf;
  const word = (): number => (wide ? Number(cursor.u64('file')) : cursor.u32('file'));
  return Array.from({ length: count }, () => {
    const [cpu, subtype] = [cursor.u32('file'), cursor.u32('file') & 0xffffff];
    const [offset, size] = [word(), word()];
    cursor.take(wide ? 8 : 4, 'file');
    return { name: `${cpuName(cpu)} (subtype ${subtype})`, offset, size };
  });
}
