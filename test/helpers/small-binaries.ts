const le16 = (...values: readonly number[]): Buffer => Buffer.from(new Uint16Array(values).buffer);
export const le32 = (...values: readonly number[]): Buffer => Buffer.from(new Uint32Array(values).buffer);
export const be32 = (...values: readonly number[]): Buffer => le32(...values).swap32();
const le64 = (...values: readonly number[]): Buffer => Buffer.from(new BigUint64Array(values.map(BigInt)).buffer);
export const times = <Thing>(count: number, make: (index: number) => Thing): Thing[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** A section of a PE file: where its bytes are, and how many. */
export type PePlace = { readonly offset: number; readonly size: number };
type PeOptions = {
  readonly claims?: number;
  readonly optionalBytes?: number;
  readonly symbols?: readonly [number, number];
};

/** An object in a PE file without an optional header, `tail` behind its table of sections; `claims` is its number of them. */
export function peFile(places: readonly PePlace[], tail: Buffer, options: PeOptions = {}): Buffer {
  const { claims = places.length, optionalBytes = 0, symbols = [0, 0] } = options;
  const dos = Buffer.alloc(0x40);
  dos.write('MZ');
  dos.writeUInt32LE(0x40, 0x3c);
  const table = places.map(({ offset, size }, index) =>
    Buffer.concat([Buffer.from(`s${index}`.padEnd(8, '\0')), le32(size, 4096 * index, size, offset, 0, 0, 0, 0x40)]),
  );
  const header = [Buffer.from('PE\0\0'), le16(0x8664, claims), le32(0, ...symbols), le16(optionalBytes, 2)];
  return Buffer.concat([dos, ...header, ...table, tail]);
}
/** Where the bytes behind so many sections begin. */
export const peStart = (sections: number): number => 0x40 + 24 + 40 * sections;

/** A program for x86-64 of Mach-O with these commands, `tail` behind them; `claims` is its number of commands. */
export function machFile(commands: readonly Buffer[], tail: Buffer, claims = commands.length): Buffer {
  const all = Buffer.concat(commands);
  return Buffer.concat([le32(0xfeedfacf, 0x1000007, 3, 2, claims, all.length, 0, 0), all, tail]);
}
export const machCommand = (kind: number, content: Buffer, size = 8 + content.length): Buffer =>
  Buffer.concat([le32(kind, size), content]);
/** A segment of so many sections, all of these bytes of the file. */
export function machSegment(sections: number, { offset, size }: PePlace, claims = sections): Buffer {
  const name = (text: string): Buffer => Buffer.from(text.padEnd(16, '\0'));
  const section = (index: number): Buffer =>
    Buffer.concat([name(`__t${index}`), name('__S'), le64(0, size), le32(offset, 0, 0, 0, 0, 0, 0, 0)]);
  const head = Buffer.concat([name('__S'), le64(0, 0, 0, 0), le32(7, 7, claims, 0)]);
  return machCommand(0x19, Buffer.concat([head, ...times(sections, section)]));
}
/** A file for several processors; each of `places` is one of its files. */
export const fatFile = (places: readonly PePlace[], tail: Buffer, claims = places.length): Buffer =>
  Buffer.concat([
    be32(0xcafebabe, claims),
    ...places.map(({ offset, size }, index) => be32(7, index, offset, size, 0)),
    tail,
  ]);

type RpmEntry = readonly [tag: number, type: number, offset: number, count: number];
const LEAD = Buffer.concat([Buffer.from('edabeedb0300', 'hex'), Buffer.alloc(90)]);
const rpmHeader = (entries: readonly RpmEntry[], store: Buffer, claims: readonly [number, number]): Buffer =>
  Buffer.concat([
    Buffer.from('8eade80100000000', 'hex'),
    be32(...claims),
    ...entries.map((each) => be32(...each)),
    store,
  ]);

/** An RPM package with a header of these entries; `claims` is how many there are of them, and bytes of values. */
export function rpmFile(
  entries: readonly RpmEntry[],
  store: Buffer,
  claims: readonly [number, number] = [entries.length, store.length],
): Buffer {
  const signature = rpmHeader([[1000, 4, 0, 1]], be32(0), [1, 4]);
  const padding = Buffer.alloc((8 - (signature.length % 8)) % 8);
  return Buffer.concat([LEAD, signature, padding, rpmHeader(entries, store, claims), Buffer.from('payload')]);
}

export const PAGE = 512;
export const varint = (value: number): readonly number[] =>
  value < 128 ? [value] : [...varint(Math.floor(value / 128)).map((byte) => byte | 128), value % 128];

/** A page of a b-tree; `first` is page 1, which begins behind the header of the file. */
function page(kind: number, cells: readonly Buffer[], { first = false, right = 0 } = {}): Buffer {
  const bytes = Buffer.alloc(PAGE);
  const start = first ? 100 : 0;
  const pointers = start + (kind === 5 ? 12 : 8);
  let at = PAGE;
  for (const [index, cell] of cells.entries()) {
    at -= cell.length;
    cell.copy(bytes, at);
    bytes.writeUInt16BE(at, pointers + 2 * index);
  }
  bytes.writeUInt8(kind, start);
  bytes.writeUInt16BE(cells.length, start + 3);
  bytes.writeUInt16BE(at, start + 5);
  if (kind === 5) bytes.writeUInt32BE(right, start + 8);
  return bytes;
}
export const leafPage = (cells: readonly Buffer[], first = false): Buffer => page(13, cells, { first });
/** A page that leads to `child` so many times. */
export const innerPage = (child: number, count: number, first = false): Buffer =>
  page(
    5,
    times(count, (index) => Buffer.from([0, 0, 0, child, index + 1])),
    { first, right: child },
  );

export type Value = string | 0 | null;
/** A cell of a table: a record of these values under a row number; with `payload` it claims to be so long. */
export function cell(row: number, values: readonly Value[], payload?: readonly number[]): Buffer {
  const types = values.flatMap((value) => (value === null ? [0] : value === 0 ? [8] : varint(13 + 2 * value.length)));
  const body = Buffer.from(values.map((value) => (typeof value === 'string' ? value : '')).join(''));
  const record = Buffer.concat([Buffer.from([types.length + 1, ...types]), body]);
  return Buffer.concat([Buffer.from([...(payload ?? varint(record.length)), ...varint(row)]), record]);
}

/** A database of these pages, the first of which has the file's header put over it; `header` changes that. */
export function sqliteFile(pages: readonly Buffer[], header: (bytes: Buffer) => void = () => {}): Buffer {
  const bytes = Buffer.concat(pages);
  bytes.write('SQLite format 3\0', 0, 'latin1');
  bytes.writeUInt16BE(PAGE, 16);
  bytes.set([1, 1, 0, 64, 32, 32], 18);
  for (const [at, value] of [
    [24, 1],
    [28, pages.length],
    [40, 1],
    [44, 4],
    [56, 1],
    [92, 1],
    [96, 3_040_001],
  ] as const)
    bytes.writeUInt32BE(value, at);
  header(bytes);
  return bytes;
}
/** Page 1 with one table, which begins at page 2. */
export const schemaPage = (sql = 'CREATE TABLE t(a)'): Buffer => {
  const types = [5, 1, 1].map((length) => 13 + 2 * length);
  const head = [...types, 1, ...varint(13 + 2 * sql.length)];
  const record = Buffer.concat([
    Buffer.from([head.length + 1, ...head]),
    Buffer.from('tablett'),
    Buffer.from([2]),
    Buffer.from(sql),
  ]);
  return leafPage([Buffer.concat([Buffer.from([...varint(record.length), 1]), record])], true);
};
/** Pages that each lead many times to the next, so that the last is come to more often than can be counted. */
export const pagesOverAndOver = (first: number, depth: number, last: Buffer): readonly Buffer[] => [
  ...times(depth, (index) => innerPage(first + index + 1, 40)),
  last,
];
