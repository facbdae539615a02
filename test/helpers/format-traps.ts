import { crc32, deflateSync, gzipSync } from 'node:zlib';
import { tarHeader } from './hostile-files.ts';
import { fatFile, machCommand, machFile, machSegment, peFile, peStart, rpmFile } from './small-binaries.ts';
import { smallElf } from './small-elf.ts';

const octal = (size: number): string => size.toString(8).padStart(11, '0');

/** Two files that differ, made to take a reader much longer, or much more memory, than their size. */
export type Trap = { readonly left: Buffer; readonly right: Buffer; readonly name?: string };

const MEBI = 2 ** 20;
const u16 = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, 2 * index);
  return bytes;
};
const u32 = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
  return bytes;
};
const flipped = (bytes: Buffer, at: number = bytes.length - 1): Buffer => {
  const other = Buffer.from(bytes);
  other[at] = (other[at] as number) ^ 1;
  return other;
};

/** As many tables as a directory can name, all of them the same bytes. */
function font(tables: number): Trap {
  const start = 12 + 16 * tables;
  const size = 2 * MEBI;
  const directory = Buffer.concat(
    Array.from({ length: tables }, (_, index) =>
      Buffer.concat([Buffer.from(`t${index.toString(36).padStart(3, '0')}`), u32(0, start, size)]),
    ),
  );
  const left = Buffer.concat([Buffer.from('00010000', 'hex'), u16(tables, 0, 0, 0), directory, Buffer.alloc(size)]);
  return { left, right: flipped(left) };
}

/** Tables of WOFF that unpack to a thousand times their size, each of them the same bytes or, `apart`, a copy of them. */
function woff(tables: number, apart = false): Trap {
  const packed = (byte: number): Buffer => deflateSync(Buffer.alloc(4 * MEBI, byte));
  const file = (byte: number): Buffer => {
    const table = packed(byte);
    const start = 44 + 20 * tables;
    const directory = Array.from({ length: tables }, (_, index) =>
      Buffer.concat([
        Buffer.from(`t${index.toString(36).padStart(3, '0')}`),
        u32(start + (apart ? index * table.length : 0), table.length, 4 * MEBI, 0),
      ]),
    );
    const header = Buffer.concat([Buffer.from('wOFF\0\x01\0\0'), u32(0), u16(tables, 0), Buffer.alloc(28)]);
    const copies = Array.from({ length: apart ? tables : 1 }, () => table);
    return Buffer.concat([header, ...directory, ...copies]);
  };
  return { left: file(0), right: file(1) };
}

function pngChunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type), data]);
  return Buffer.concat([u32(data.length), named, u32(crc32(named))]);
}

/** Texts of a megabyte, a kilobyte each. */
function pngTexts(count: number): Trap {
  const file = (last: string): Buffer => {
    const text = pngChunk('zTXt', Buffer.concat([Buffer.from('a\0\0'), deflateSync(Buffer.alloc(MEBI - 1, 'x'))]));
    return Buffer.concat([
      Buffer.from('89504e470d0a1a0a', 'hex'),
      pngChunk('IHDR', Buffer.concat([u32(1, 1), Buffer.from([8, 0, 0, 0, 0])])),
      ...Array.from({ length: count }, () => text),
      pngChunk('tEXt', Buffer.from(`b\0${last}`)),
      pngChunk('IDAT', deflateSync(Buffer.from([0, 0]))),
      pngChunk('IEND', Buffer.alloc(0)),
    ]);
  };
  return { left: file('one'), right: file('two') };
}

/** PDF files in the streams of PDF files. */
function pdf(layers: number, width: number): Trap {
  const file = (core: string): Buffer => {
    let inner = Buffer.from(core.repeat(1000));
    for (let layer = 0; layer < layers; layer++) {
      const packed = deflateSync(inner, { level: 9 });
      const object = (index: number): Buffer =>
        Buffer.concat([
          Buffer.from(`${index} 0 obj\n<</Filter/FlateDecode/Length ${packed.length}>>\nstream\n`),
          packed,
          Buffer.from('\nendstream\nendobj\n'),
        ]);
      inner = Buffer.concat([Buffer.from('%PDF-1.4\n'), ...Array.from({ length: width }, (_, index) => object(index))]);
    }
    return inner;
  };
  return { left: file('one\n'), right: file('two\n') };
}

function elfNotes(count: number): Trap {
  const notes = (seed: number): Buffer =>
    Buffer.concat(
      Array.from({ length: count }, (_, index) => {
        const note = Buffer.alloc(24);
        note.writeUInt32LE(4, 0);
        note.writeUInt32LE(8, 4);
        note.writeUInt32LE(1 + seed, 8);
        note.write('abc', 12);
        note.writeUInt32LE(index, 16);
        return note;
      }),
    );
  const file = (seed: number): Buffer =>
    smallElf([{ name: '.note.a', type: 7, bytes: notes(seed) }], { bits: 64, endian: 'little' });
  return { left: file(1), right: file(2) };
}

/** Compiled messages: the header alone, of very many fields. */
function moHeader(fields: number): Trap {
  const file = (value: string): Buffer => {
    const text = Array.from({ length: fields }, (_, index) => `F${index}: ${value}\n`).join('');
    const head = Buffer.alloc(28 + 16 + 1);
    for (const [index, word] of [0x950412de, 0, 1, 28, 36, 0, 0, 0, 44, text.length, 45].entries())
      head.writeUInt32LE(word, 4 * index);
    return Buffer.concat([head, Buffer.from(`${text}\0`)]);
  };
  return { left: file('a'), right: file('b') };
}

/** Code of Python 3.8 whose constants are one tuple of very many. */
function pycTuple(items: number): Trap {
  const short = (text: string): Buffer => Buffer.concat([Buffer.from([0x7a, text.length]), Buffer.from(text)]);
  const count = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
  };
  const empty = Buffer.from([0x29, 0]);
  const bytes = (text: string): Buffer => Buffer.concat([Buffer.from('s'), count(text.length), Buffer.from(text)]);
  const file = (last: string): Buffer =>
    Buffer.concat([
      Buffer.from('550d0d0a000000000000000000000000', 'hex'),
      Buffer.from('c'),
      ...Array.from({ length: 6 }, () => count(0)),
      bytes('dS'),
      ...[Buffer.from('('), count(items), Buffer.alloc(items - 1, 'N'), Buffer.from(last)],
      ...[empty, empty, empty, empty, short('a.py'), short('f'), count(1), bytes('')],
    ]);
  return { left: file('T'), right: file('F') };
}

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('');

/** Files in files, `depth` deep, each of which holds the next in three of its pieces. */
function nested(depth: number, around: (inner: Buffer) => Buffer): Trap {
  const file = (core: string): Buffer => {
    let bytes: Buffer = Buffer.from(core.repeat(9));
    for (let layer = 0; layer < depth; layer++) bytes = around(bytes);
    return bytes;
  };
  return { left: file('inner one\n'), right: file('inner two\n') };
}

const THREE = [0, 1, 2];

/** By what they do. */
export const FORMAT_TRAPS: Readonly<Record<string, () => Trap>> = {
  'a font of 60,000 tables of the same 2 MiB': () => font(60_000),
  'a WOFF font of 40,000 tables that unpack to 4 MiB each': () => woff(40_000),
  'a WOFF font of 100 tables that unpack to 4 MiB each': () => woff(100, true),
  'a PNG of 4,000 texts that unpack to a mebibyte each': () => pngTexts(4_000),
  'fonts in fonts, three times each': () =>
    nested(30, (inner) => {
      const table = (index: number): Buffer => Buffer.concat([Buffer.from(`tab${index}`), u32(0, 60, inner.length)]);
      return Buffer.concat([Buffer.from('00010000', 'hex'), u16(3, 0, 0, 0), ...THREE.map(table), inner]);
    }),
  'PE files in PE files, three times each': () =>
    nested(30, (inner) =>
      peFile(
        THREE.map(() => ({ offset: peStart(3), size: inner.length })),
        inner,
      ),
    ),
  'Mach-O files in Mach-O files, three times each': () =>
    nested(30, (inner) => machFile([machSegment(3, { offset: 32 + 72 + 240, size: inner.length })], inner)),
  'universal files in universal files, three times each': () =>
    nested(30, (inner) =>
      fatFile(
        THREE.map(() => ({ offset: 68, size: inner.length })),
        inner,
      ),
    ),
  'an RPM header of 3,900,000 numbers': () => ({
    left: rpmFile([[5000, 2, 0, 3_900_000]], Buffer.alloc(3_900_000, 1)),
    right: rpmFile([[5000, 2, 0, 3_900_000]], Buffer.alloc(3_900_000, 2)),
  }),
  'an RPM header of 3,000,000 texts': () => ({
    left: rpmFile([[1117, 8, 0, 3_000_000]], Buffer.alloc(6_000_000, 'a\0')),
    right: rpmFile([[1117, 8, 0, 3_000_000]], Buffer.alloc(6_000_000, 'b\0')),
  }),
  'a PE file of 26,000 sections that differ': () => {
    const sections = Array.from({ length: 26_000 }, (_, index) => ({ offset: peStart(26_000) + 40 * index, size: 40 }));
    const file = (byte: number): Buffer => peFile(sections, Buffer.alloc(40 * sections.length, byte));
    return { left: file(1), right: file(2) };
  },
  'a Mach-O file of 120,000 commands': () => {
    const file = (kind: number): Buffer =>
      machFile(
        Array.from({ length: 120_000 }, () => machCommand(kind, Buffer.alloc(0))),
        Buffer.alloc(8),
      );
    return { left: file(0x70), right: file(0x71) };
  },
  'PDF files in PDF files, 30 wide and 4 deep': () => pdf(4, 30),
  'an ELF file of 40,000 notes': () => elfNotes(40_000),
  'a gettext header of 200,000 fields': () => moHeader(200_000),
  'gettext messages with a million references in a line': () => {
    const file = (last: string): Buffer =>
      Buffer.from(`msgid "a"\nmsgstr "b"\n\n#: ${lines(1_000_000, () => 'a:1 ')}${last}\nmsgid "c"\nmsgstr "d"\n`);
    return { left: file('a:2'), right: file('a:3'), name: 'file.po' };
  },
  'compiled Python with a tuple of 900,000 constants': () => pycTuple(900_000),
  'a tar archive of 50 members with a pax header of a mebibyte each': () => {
    const file = (last: string): Buffer => {
      const comment = `1048576 comment=${'x'.repeat(MEBI - 17)}\n`;
      const records = (path: string): Buffer => Buffer.from(`${path.length + 9} path=${path}\n${comment}`);
      return Buffer.concat([
        ...Array.from({ length: 50 }, (_, index) => {
          const pax = records(`a name of ${String(index).padStart(9, '0')}`);
          const padding = Buffer.alloc((512 - (pax.length % 512)) % 512);
          return Buffer.concat([
            tarHeader('x', octal(pax.length), { type: 'x' }),
            pax,
            padding,
            tarHeader('a', octal(0)),
          ]);
        }),
        tarHeader(last, octal(0)),
        Buffer.alloc(1024),
      ]);
    };
    return { left: gzipSync(file('one')), right: gzipSync(file('two')) };
  },
  'a tar archive of 400 members whose names take 60,000 bytes each': () => {
    const file = (last: string): Buffer =>
      Buffer.concat([
        ...Array.from({ length: 400 }, (_, index) => {
          const name = Buffer.alloc(60_416, `${index} `);
          name.fill(0, 60_000);
          return Buffer.concat([
            tarHeader('././@LongLink', octal(60_001), { type: 'L' }),
            name,
            tarHeader('a', octal(0)),
          ]);
        }),
        tarHeader(last, octal(0)),
        Buffer.alloc(1024),
      ]);
    return { left: gzipSync(file('one')), right: gzipSync(file('two')) };
  },
};
