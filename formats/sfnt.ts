import { inflateSync } from 'node:zlib';
import { ReproofError } from '../model/index.ts';
import { ByteCursor } from './byte-cursor.ts';
import type { ByteRange } from './byte-ranges.ts';

/** A table of a font; `font` counts the fonts of a collection from 0. In WOFF `unpacked` is its size when inflated. */
export type FontTable = ByteRange & {
  readonly tag: string;
  readonly font: number;
  readonly checksum: number;
  readonly unpacked?: number;
};

/** What the head of a font file says: OpenType 1.9 "Organization of an OpenType Font", WOFF 1.0. */
export type FontFile = {
  readonly kind: 'font' | 'collection' | 'woff';
  readonly header: Readonly<Record<string, string>>;
  /** In the order of their directory; those shared by fonts of a collection once. */
  readonly tables: readonly FontTable[];
};

/** Fonts of a collection. Passing it throws FORMAT_LIMIT. */
export type FontLimits = { readonly fonts: number };

/** Reads headers and table directories from the first bytes of a file. Throws FORMAT_MALFORMED, FORMAT_LIMIT. */
export function readFont(head: Uint8Array, limits: FontLimits): FontFile {
  const cursor = new ByteCursor(head, { what: 'font' });
  const tag = cursor.take(4, 'version').toString('latin1');
  if (tag === 'wOFF') return readWoff(cursor);
  if (tag !== 'ttcf') return { kind: 'font', header: { flavor: flavor(tag) }, tables: readTables(cursor, 0) };
  const version = cursor.u32('version');
  const count = cursor.u32('fonts');
  if (count > limits.fonts)
    throw new ReproofError('FORMAT_LIMIT', `reading fonts of collection: more than ${limits.fonts}`, {
      context: { limit: 'fonts', value: limits.fonts },
    });
  const offsets = Array.from({ length: count }, () => cursor.u32('fonts'));
  const tables = offsets.flatMap((offset, font) => readTables(cursor.seek(offset + 4), font));
  const seen = new Set<string>();
  const distinct = tables.filter((table) => {
    const place = `${table.offset} ${table.size}`;
    return !seen.has(place) && seen.add(place);
  });
  return { kind: 'collection', header: { version: `${version >>> 16}`, fonts: String(count) }, tables: distinct };
}

function readTables(cursor: ByteCursor, font: number): readonly FontTable[] {
  const count = cursor.u16('tables');
  cursor.take(6, 'tables');
  return Array.from({ length: count }, () => ({
    tag: cursor.take(4, 'table').toString('latin1'),
    font,
    checksum: cursor.u32('table'),
    offset: cursor.u32('table'),
    size: cursor.u32('table'),
  }));
}

function readWoff(cursor: ByteCursor): FontFile {
  const outline = flavor(cursor.take(4, 'flavor').toString('latin1'));
  cursor.take(4, 'length');
  const count = cursor.u16('tables');
  cursor.take(2, 'reserved');
  const unpackedSize = cursor.u32('size');
  const version = `${cursor.u16('version')}.${cursor.u16('version')}`;
  const [metaOffset, metaSize] = [cursor.u32(), cursor.u32()];
  cursor.u32('metadata');
  const [privateOffset, privateSize] = [cursor.u32(), cursor.u32()];
  const tables: FontTable[] = Array.from({ length: count }, () => {
    const tag = cursor.take(4, 'table').toString('latin1');
    const [offset, size, unpacked] = [cursor.u32('table'), cursor.u32('table'), cursor.u32('table')];
    return { tag, font: 0, offset, size, unpacked, checksum: cursor.u32('table') };
  });
  const more = { font: 0, checksum: 0 };
  if (metaSize > 0) tables.push({ tag: '(metadata)', offset: metaOffset, size: metaSize, ...more });
  if (privateSize > 0) tables.push({ tag: '(private data)', offset: privateOffset, size: privateSize, ...more });
  return { kind: 'woff', header: { flavor: outline, version, 'unpacked size': String(unpackedSize) }, tables };
}

function flavor(tag: string): string {
  return tag === '\0\x01\0\0' ? 'TrueType' : tag === 'OTTO' ? 'CFF' : tag;
}

/** The bytes of a WOFF table as they are in a font. Throws FORMAT_MALFORMED where they are not what it says. */
export function inflateTable(packed: Uint8Array, table: FontTable): Uint8Array {
  if (table.unpacked === undefined || table.unpacked === packed.length) return packed;
  try {
    const bytes = inflateSync(packed, { maxOutputLength: Math.max(1, table.unpacked) });
    if (bytes.length === table.unpacked) return bytes;
  } catch {
    // Whatever zlib says of hostile bytes: the table is not what its entry says.
  }
  const { offset } = table;
  throw new ReproofError('FORMAT_MALFORMED', `inflating table of font at byte ${offset}`, { context: { offset } });
}

/** What the head table says. Times are seconds since 1904-01-01. */
export type FontHead = {
  readonly revision: string;
  readonly adjustment: number;
  readonly created: bigint;
  readonly modified: bigint;
  /** The table without what is named here. */
  readonly rest: Buffer;
};

export function readHeadTable(bytes: Uint8Array): FontHead {
  const cursor = new ByteCursor(bytes, { what: 'head table of font' });
  cursor.take(4, 'version');
  const revision = (cursor.take(4, 'revision').readInt32BE() / 65536).toFixed(4);
  const adjustment = cursor.u32('checksum');
  const before = cursor.take(8, 'flags');
  const [created, modified] = [cursor.u64('time'), cursor.u64('time')];
  return { revision, adjustment, created, modified, rest: Buffer.concat([before, cursor.take(cursor.left)]) };
}

/** The names of a name table, one a line: `5 (platform 3, language 0x0409): Version 1.0`. */
export function readNameTable(bytes: Uint8Array): readonly { readonly id: number; readonly line: string }[] {
  const cursor = new ByteCursor(bytes, { what: 'name table of font' });
  cursor.u16('format');
  const count = cursor.u16('names');
  const strings = cursor.u16('names');
  const names: { id: number; line: string }[] = [];
  for (let index = 0; index < count; index++) {
    const [platform, encoding, language, id] = [cursor.u16(), cursor.u16(), cursor.u16(), cursor.u16()];
    const [size, offset, next] = [cursor.u16('name'), cursor.u16('name'), cursor.position];
    const raw = cursor.seek(strings + offset).take(size, 'name');
    cursor.seek(next);
    const wide = (platform === 0 || platform === 3) && size % 2 === 0;
    const text = wide ? Buffer.from(raw).swap16().toString('utf16le') : raw.toString('latin1');
    names.push({
      id,
      line: `${id} (platform ${platform}, encoding ${encoding}, language 0x${language.toString(16).padStart(4, '0')}): ${text}`,
    });
  }
  return names;
}
