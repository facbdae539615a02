import { ReproofError } from '../model/index.ts';
import { ByteCursor } from './byte-cursor.ts';
import { ByteReader } from './byte-reader.ts';
import { RPM_SIGNATURE_TAGS, RPM_TAGS } from './rpm-tags.ts';

/** A header's values by tag: numbers in decimal, binary in hex, text as latin1; a tag given again has its number. */
export type RpmHeader = ReadonlyMap<string, readonly string[]>;

/** What stands before a package's payload. */
export type RpmStart = {
  /** The lead's fields; it is obsolete but for its magic and version. */
  readonly lead: Readonly<Record<string, string>>;
  readonly signature: RpmHeader;
  readonly header: RpmHeader;
  /** All bytes of both headers, and the padding between. */
  readonly bytes: Buffer;
  /** Where the payload starts, in bytes from the file's start. */
  readonly payloadOffset: number;
};

/** Bytes of values in one header; values in one header, 16 bytes counting as one more. Passing one throws FORMAT_LIMIT. */
export type RpmLimits = { readonly storeBytes: number; readonly values: number };

const LEAD_BYTES = 96;
const HEADER_MAGIC = 0x8eade801;

/**
 * Reads an RPM package up to its payload. Throws FORMAT_MALFORMED (context `offset`), FORMAT_LIMIT.
 * Source: rpm's docs/manual/format_v4.md.
 */
export async function readRpm(source: AsyncIterable<Uint8Array>, limits: RpmLimits): Promise<RpmStart> {
  const reader = new ByteReader(source);
  try {
    const lead = readLead(await exactly(reader, LEAD_BYTES, 'lead'));
    const first = await readHeader(reader, limits, RPM_SIGNATURE_TAGS);
    const padding = await exactly(reader, (8 - (reader.position % 8)) % 8, 'padding');
    const second = await readHeader(reader, limits, RPM_TAGS);
    return {
      lead,
      signature: first.values,
      header: second.values,
      bytes: Buffer.concat([first.bytes, padding, second.bytes]),
      payloadOffset: reader.position,
    };
  } finally {
    await reader.close();
  }
}

function readLead(bytes: Buffer): Readonly<Record<string, string>> {
  const cursor = new ByteCursor(bytes, { what: 'lead of RPM package' });
  if (cursor.u32() !== 0xedabeedb) throw malformed('magic', 0);
  return {
    version: `${cursor.u8()}.${cursor.u8()}`,
    type: String(cursor.u16()),
    architecture: String(cursor.u16()),
    // Whatever stands behind the NUL that ends it is kept.
    name: cursor.take(66).toString('latin1').replace(/\0+$/, ''),
    system: String(cursor.u16()),
    'signature type': String(cursor.u16()),
    reserved: cursor.take(16).toString('hex'),
  };
}

async function readHeader(
  reader: ByteReader,
  limits: RpmLimits,
  names: ReadonlyMap<number, string>,
): Promise<{ readonly values: RpmHeader; readonly bytes: Buffer }> {
  const offset = reader.position;
  const start = await exactly(reader, 16, 'header');
  if (start.readUInt32BE() !== HEADER_MAGIC) throw malformed('magic of header', offset);
  const [count, storeBytes] = [start.readUInt32BE(8), start.readUInt32BE(12)];
  if (count > 0xffff) throw malformed('number of tags', offset + 8);
  if (storeBytes > limits.storeBytes) throw passed('storeBytes', limits.storeBytes, offset);
  const index = await exactly(reader, 16 * count, 'tags');
  const store = await exactly(reader, storeBytes, 'values');
  const values = new Map<string, readonly string[]>();
  let left = limits.values;
  for (let entry = 0; entry < index.length; entry += 16) {
    const tag = index.readUInt32BE(entry);
    const [type, at, items] = [4, 8, 12].map((part) => index.readUInt32BE(entry + part)) as [number, number, number];
    // Checked before reading, for numbers; after it, for texts. Many entries may be of one place in the store.
    left -= type === BINARY ? 1 + items / BYTES_PER_VALUE : Math.max(items, 1);
    if (left < 0) throw passed('values', limits.values, offset);
    const cursor = new ByteCursor(store, { what: 'values of RPM header', base: offset + 16 + index.length }).seek(at);
    const name = names.get(tag) ?? `tag ${tag}`;
    values.set(values.has(name) ? `${name} at ${entry / 16}` : name, readValues(cursor, type, items));
    left -= (cursor.position - at) / BYTES_PER_VALUE;
  }
  return { values, bytes: Buffer.concat([start, index, store]) };
}

const BINARY = 7;
/** Bytes that count as one value more. */
const BYTES_PER_VALUE = 16;
const MAX_TEXT_BYTES = 1024 * 1024;

function readValues(cursor: ByteCursor, type: number, count: number): readonly string[] {
  const many = (read: () => string): readonly string[] => {
    const values: string[] = [];
    for (let index = 0; index < count; index++) values.push(read());
    return values;
  };
  switch (type) {
    case 0:
      return [];
    case 1:
    case 2:
      return many(() => String(cursor.u8()));
    case 3:
      return many(() => String(cursor.u16()));
    case 4:
      return many(() => String(cursor.u32()));
    case 5:
      return many(() => String(cursor.u64()));
    case 6:
    case 8:
    case 9:
      return many(() => text(cursor));
    case BINARY:
      return [cursor.take(count).toString('hex')];
    default:
      return cursor.fail(`type ${type}`);
  }
}

function text(cursor: ByteCursor): string {
  const end = cursor.bytes.indexOf(0, cursor.position);
  if (end < 0 || end - cursor.position > MAX_TEXT_BYTES) cursor.fail('text');
  const value = cursor.take(end - cursor.position).toString('latin1');
  cursor.take(1);
  return value;
}

async function exactly(reader: ByteReader, count: number, what: string): Promise<Buffer> {
  const bytes = await reader.read(count);
  if (bytes.length < count) throw malformed(what, reader.position);
  return bytes;
}

function malformed(what: string, offset: number): ReproofError {
  const message = `reading ${what} of RPM package at byte ${offset}`;
  return new ReproofError('FORMAT_MALFORMED', message, { context: { offset } });
}

function passed(limit: keyof RpmLimits, value: number, offset: number): ReproofError {
  const message = `reading RPM package at byte ${offset}: more than ${value} ${limit}`;
  return new ReproofError('FORMAT_LIMIT', message, { context: { limit, value, offset } });
}
