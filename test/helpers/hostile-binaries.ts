import {
  be32,
  cell,
  fatFile,
  innerPage,
  le32,
  leafPage,
  machCommand,
  machFile,
  machSegment,
  PAGE,
  peFile,
  peStart,
  rpmFile,
  schemaPage,
  sqliteFile,
  times,
  type Value,
  varint,
} from './small-binaries.ts';

const NINE = [255, 255, 255, 255, 255, 255, 255, 255, 127];
const row = (values: readonly Value[]): Buffer => leafPage([cell(1, values)]);

/** What is hostile in a file, and what a comparison of two such files says of it. */
export type HostileBinary = { readonly bytes: Buffer; readonly says: RegExp };

const sqlite = (bytes: Buffer, says: RegExp): HostileBinary => ({ bytes, says });
const DUMPED = /differing pages|schema and rows|sqlite3 could not read|PROGRAM_LIMIT/;

export const HOSTILE_BINARIES: Readonly<Record<string, HostileBinary>> = {
  'an SQLite page that leads to itself': sqlite(sqliteFile([schemaPage(), innerPage(2, 3), row(['x'])]), DUMPED),
  'SQLite pages that lead to each other': sqlite(sqliteFile([schemaPage(), innerPage(3, 3), innerPage(2, 3)]), DUMPED),
  'an SQLite page 1 that leads to page 1': sqlite(sqliteFile([innerPage(1, 3, true)]), DUMPED),
  'SQLite overflow pages in a ring': sqlite(
    sqliteFile([
      schemaPage(),
      leafPage([
        Buffer.concat([
          Buffer.from([...varint(400_000_000), 1, 6, ...varint(800_000_013)]),
          Buffer.alloc(100),
          be32(3),
        ]),
      ]),
      Buffer.concat([be32(3), Buffer.alloc(PAGE - 4, 'x')]),
    ]),
    DUMPED,
  ),
  'an SQLite payload of a length in nine bytes': sqlite(
    sqliteFile([schemaPage(), leafPage([cell(1, ['x'], NINE)])]),
    DUMPED,
  ),
  'an SQLite row number and types in nine bytes': sqlite(
    sqliteFile([schemaPage(), leafPage([Buffer.from([20, ...NINE, 10, ...NINE, 1, 1])])]),
    DUMPED,
  ),
  'SQLite cells outside of their page': sqlite(
    sqliteFile([
      schemaPage(),
      Buffer.concat([Buffer.from('0d0000ffffffff00ffffffffffff', 'hex'), Buffer.alloc(PAGE - 14, 255)]),
    ]),
    DUMPED,
  ),
  'an SQLite schema that ends in the middle': sqlite(
    sqliteFile([schemaPage(`CREATE TABLE t(${times(60, (index) => `c${index}`).join()},`), row(['x'])]),
    DUMPED,
  ),
  'an SQLite schema that calls for what is not there': sqlite(
    sqliteFile([schemaPage("CREATE VIRTUAL TABLE t USING csv('/etc/passwd')"), row(['x'])]),
    DUMPED,
  ),
  'an SQLite list of free pages in a ring': sqlite(
    sqliteFile([schemaPage(), row(['x']), Buffer.concat([be32(3, 2, 3, 2), Buffer.alloc(PAGE - 16)])], (bytes) => {
      bytes.writeUInt32BE(3, 32);
      bytes.writeUInt32BE(0xffffffff, 36);
    }),
    DUMPED,
  ),
  ...Object.fromEntries(
    [0, 2, 511, 513, 32_769, 65_535].map((size) => [
      `an SQLite file of pages of ${size} bytes`,
      sqlite(
        sqliteFile([schemaPage(), row(['x'])], (bytes) => bytes.writeUInt16BE(size, 16)),
        /page size of SQLite/,
      ),
    ]),
  ),
  'an SQLite file of fewer pages than it claims': sqlite(
    sqliteFile([schemaPage(), row(['x'])], (bytes) => bytes.writeUInt32BE(0xffffffff, 28)),
    DUMPED,
  ),

  'an RPM header of 4 G tags': { bytes: rpmFile([], Buffer.alloc(16), [0xffffffff, 16]), says: /number of tags/ },
  'an RPM header that claims 65,535 tags': {
    bytes: rpmFile([], Buffer.alloc(16), [0xffff, 16]),
    says: /reading tags of RPM/,
  },
  'an RPM header that claims 4 GiB': {
    bytes: rpmFile([], Buffer.alloc(16), [0, 0xffffffff]),
    says: /more than 8388608 storeBytes/,
  },
  'an RPM header that claims what is not there': {
    bytes: rpmFile([], Buffer.alloc(16), [0, 2 ** 20]),
    says: /reading values of RPM/,
  },
  'an RPM value at a negative place': {
    bytes: rpmFile([[5000, 4, 0xffffffff, 1]], Buffer.alloc(16)),
    says: /a position outside of the file/,
  },
  'an RPM value that reaches beyond the values': {
    bytes: rpmFile([[5000, 4, 13, 1]], Buffer.alloc(16)),
    says: /of values of RPM/,
  },
  'an RPM value of 4 G numbers': {
    bytes: rpmFile([[5000, 4, 0, 0xffffffff]], Buffer.alloc(16)),
    says: /more than 4000000 values/,
  },
  'an RPM value of 4 GiB': {
    bytes: rpmFile([[5000, 7, 0, 0xffffffff]], Buffer.alloc(16)),
    says: /more than 4000000 values/,
  },
  'RPM values of one place': {
    bytes: rpmFile(
      times(1000, (index) => [5000 + index, 7, 0, 65_536]),
      Buffer.alloc(65_536),
    ),
    says: /more than 4000000 values/,
  },
  'an RPM text that never ends': {
    bytes: rpmFile([[5000, 6, 0, 1]], Buffer.alloc(16, 'x')),
    says: /reading text of values/,
  },
  'an RPM value of no known type': { bytes: rpmFile([[5000, 99, 0, 1]], Buffer.alloc(16)), says: /reading type 99/ },
  'an RPM tag given 2,000 times': {
    bytes: rpmFile(
      times(2000, (index) => [5000, 2, index, 1]),
      Buffer.alloc(2000),
    ),
    says: /^$/,
  },

  'a PE file of 65,535 sections that are not there': {
    bytes: peFile([], Buffer.alloc(8), { claims: 0xffff }),
    says: /reading content of PE file at byte 96/,
  },
  'a PE file of an optional header that is not there': {
    bytes: peFile([], Buffer.alloc(8), { optionalBytes: 0xffff }),
    says: /of PE file/,
  },
  'a PE file of an optional header of one byte': {
    bytes: peFile([], Buffer.alloc(300), { optionalBytes: 1 }),
    says: /optional header of PE/,
  },
  'a PE section beyond the end': {
    bytes: peFile([{ offset: 0xfffffff0, size: 0xffffffff }], Buffer.alloc(8)),
    says: /the file ends inside one/,
  },
  'a PE section that ends beyond the end': {
    bytes: peFile([{ offset: 64, size: 0xffff }], Buffer.alloc(8)),
    says: /the file ends inside one/,
  },
  'PE sections of the same bytes': {
    bytes: peFile(
      times(3, () => ({ offset: peStart(3), size: 8 })),
      Buffer.alloc(8),
    ),
    says: /it overlaps another/,
  },
  'PE sections of the same bytes, very many': {
    bytes: peFile(
      times(5000, () => ({ offset: peStart(5000), size: 8000 })),
      Buffer.alloc(8000),
    ),
    says: /reading sections at byte 0: they overlap/,
  },
  'PE symbols of 4 G entries': {
    bytes: peFile([{ offset: peStart(1), size: 8 }], Buffer.alloc(8), { symbols: [peStart(1), 0xffffffff] }),
    says: /the file ends inside one|they overlap/,
  },
  'a PE file whose header is at its end': {
    bytes: Buffer.concat([Buffer.from('MZ'), Buffer.alloc(58), le32(64), Buffer.from('PE\0\0d')]),
    says: /machine of PE file at byte 68/,
  },
  'a PE file whose header is where it says so': {
    bytes: Buffer.concat([Buffer.from('MZ'), Buffer.alloc(58), le32(0x3c), Buffer.from('PE\0\0')]),
    says: /^$/,
  },

  'Mach-O commands, 4 G of them': {
    bytes: machFile([machCommand(0x1b, Buffer.alloc(16))], Buffer.alloc(0), 0xffffffff),
    says: /load command of Mach-O/,
  },
  'a Mach-O command of no bytes': {
    bytes: machFile([machCommand(0x1b, Buffer.alloc(16), 0)], Buffer.alloc(8)),
    says: /load command of Mach-O/,
  },
  'a Mach-O command of a size that is no multiple': {
    bytes: machFile([machCommand(0x1b, Buffer.alloc(16), 11)], Buffer.alloc(8)),
    says: /UUID of Mach-O/,
  },
  'a Mach-O command beyond the end': {
    bytes: machFile([machCommand(0x1b, Buffer.alloc(16), 0xfffffff8)], Buffer.alloc(8)),
    says: /load command of Mach-O/,
  },
  'a Mach-O segment of 4 G sections': {
    bytes: machFile([machSegment(1, { offset: 0, size: 8 }, 0xffffffff)], Buffer.alloc(8)),
    says: /section of Mach-O/,
  },
  'a Mach-O section beyond the end': {
    bytes: machFile([machSegment(1, { offset: 0xfffffff0, size: 2 ** 52 })], Buffer.alloc(8)),
    says: /the file ends inside one/,
  },
  'Mach-O sections of the same bytes': {
    bytes: machFile([machSegment(3, { offset: 32 + 72 + 240, size: 8 })], Buffer.alloc(8)),
    says: /it overlaps another/,
  },
  'a Mach-O text outside of its command': {
    bytes: machFile([machCommand(0xe, le32(0xffffffff))], Buffer.alloc(8)),
    says: /position outside of the file/,
  },
  'a universal file of 4 G files': { bytes: fatFile([], Buffer.alloc(64), 0xffffffff), says: /^$/ },
  'a universal file of 42 files that are not there': {
    bytes: fatFile([], Buffer.alloc(64), 42),
    says: /file of universal Mach-O/,
  },
  'a universal file in itself': {
    bytes: fatFile([{ offset: 0, size: 36 }], Buffer.alloc(8)),
    says: /limit of 32 inside each other/,
  },
  'a universal file four times in itself': {
    bytes: fatFile(
      times(4, () => ({ offset: 0, size: 96 })),
      Buffer.alloc(8),
    ),
    says: /it overlaps another/,
  },
  'universal files in universal files': {
    bytes: times(20, (index) => index).reduce<Buffer>(
      (inner) =>
        fatFile(
          times(2, () => ({ offset: 48, size: inner.length })),
          inner,
        ),
      Buffer.alloc(8),
    ),
    says: /it overlaps another/,
  },
};
