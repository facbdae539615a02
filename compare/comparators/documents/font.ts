import { type FontTable, inflateTable, readFont, readHeadTable, readNameTable } from '../../../formats/index.ts';
import { isReproofError, type Reason, ReproofError } from '../../../model/index.ts';
import { bufferSource } from '../../buffer-source.ts';
import { rangeSource } from '../../byte-source.ts';
import { escapeName } from '../../escape.ts';
import { bothOf, ofBoth } from '../../identity.ts';
import { type NamedPair, namedPairs } from '../../named-pairs.ts';
import { changedFields } from '../../pairing.ts';
import { overlappedPart, overlapping, readRange } from '../../section-parts.ts';
import type { ByteSource, Explanation, LeafComparator, MemberHeader } from '../../types.ts';
import { shownField } from './shown-field.ts';

const HEAD_BYTES = 2 ** 20;
const TABLE_BYTES = 4 * 2 ** 20;
const LIMITS = { fonts: 256 };
const [DIRECTORY_START, ENTRY_BYTES] = [12, 16];
const MAGIC = new Set(['\0\x01\0\0', 'OTTO', 'true', 'ttcf', 'wOFF']);
/** Seconds from 1904 to 1970. */
const EPOCH_1904 = 2_082_844_800n;

/**
 * TrueType and OpenType fonts, collections of them, and WOFF 1.0: times, names, and every other table as bytes. Of tables
 * that share bytes, as those of a collection do, one is looked into.
 */
export const font: LeafComparator = {
  kind: 'leaf',
  id: 'font',
  recognizes: (head) => {
    const bytes = Buffer.from(head.subarray(0, 64));
    const tag = bytes.toString('latin1', 0, 4);
    if (!MAGIC.has(tag) || bytes.length < 28) return false;
    return tag === 'ttcf' || tag === 'wOFF' || hasDirectory(head);
  },
  async *explain(left, right) {
    const [old, now] = await bothOf(readSide(left), readSide(right));
    const { pairs, reordered } = namedPairs(old.tables, now.tables, nameOf);
    yield { kind: 'fields', fields: changedFields(old.fields, now.fields) };
    if (reordered) yield { kind: 'reason', reason: { kind: 'order', evidence: 'tables in another order' } };
    else yield* storedOrder(pairs);
    const again = new Set([...overlapping(old.tables), ...overlapping(now.tables)]);
    for (const pair of pairs) {
      const shared = [pair.left, pair.right].some((table) => table !== undefined && again.has(table));
      for await (const found of tableChange(pair, { left, right }))
        if (shared && found.kind === 'part' && found.left !== undefined && found.right !== undefined)
          yield* overlappedPart(found.left, found.right);
        else yield found;
    }
  },
};

/** The number of TrueType is short, and some tables begin with it: tags and places of tables must follow. */
function hasDirectory(head: Uint8Array): boolean {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  const count = bytes.readUInt16BE(4);
  const end = DIRECTORY_START + count * ENTRY_BYTES;
  for (let at = DIRECTORY_START; at < end && at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES)
    if (!/^[\x20-\x7e]{4}$/.test(bytes.toString('latin1', at, at + 4)) || bytes.readUInt32BE(at + 8) < end)
      return false;
  return count > 0;
}

async function readSide(source: ByteSource): Promise<{ fields: MemberHeader; tables: readonly FontTable[] }> {
  const file = readFont(await readRange(source, { offset: 0, size: HEAD_BYTES }), LIMITS);
  checkTotal(file.tables);
  const checksums = file.tables.map((table) => [`checksum of ${nameOf(table)}`, table.checksum.toString(16)]);
  return { fields: { format: file.kind, ...file.header, ...Object.fromEntries(checksums) }, tables: file.tables };
}

/** Bytes of overlapping tables that are read, for every byte up to the last one's end; and of WOFF's, unpacked. */
const OVERLAP = 4;
const UNPACKED_BYTES = 256 * 2 ** 20;

/** Each table is read for itself: those of hostile files are all of the same bytes. */
function checkTotal(tables: readonly FontTable[]): void {
  const end = tables.reduce((last, { offset, size }) => Math.max(last, offset + size), 0);
  const total = tables.reduce((sum, { size }) => sum + size, 0);
  if (total > OVERLAP * end) throw new ReproofError('FORMAT_MALFORMED', 'reading tables of font: they overlap');
  const unpacked = tables.reduce((sum, table) => sum + (table.unpacked ?? 0), 0);
  if (unpacked > UNPACKED_BYTES)
    throw new ReproofError('FORMAT_LIMIT', `reading tables of font: more than ${UNPACKED_BYTES} bytes unpacked`, {
      context: { limit: 'unpackedBytes', value: UNPACKED_BYTES },
    });
}

function nameOf({ tag, font: index }: FontTable): string {
  return index === 0 ? escapeName(tag) : `${escapeName(tag)} of font ${index}`;
}

/** The directory of a font is sorted by tag; what it lists may stand in any order. */
function* storedOrder(pairs: readonly NamedPair<FontTable>[]): Generator<Explanation> {
  const both = pairs.filter(({ left, right }) => left !== undefined && right !== undefined);
  const stored = (side: 'left' | 'right'): string =>
    both
      .toSorted((one, other) => (one[side]?.offset ?? 0) - (other[side]?.offset ?? 0))
      .map(({ name }) => name)
      .join(' ');
  const [left, right] = [stored('left'), stored('right')];
  if (left === right) return;
  yield { kind: 'fields', fields: [shownField('tables as stored', { left, right })] };
  yield { kind: 'reason', reason: { kind: 'order', evidence: 'tables stored in another order' } };
}

type Sides = { readonly left: ByteSource; readonly right: ByteSource };

async function* tableChange({ name, left, right }: NamedPair<FontTable>, sides: Sides): AsyncGenerator<Explanation> {
  if (left === undefined || right === undefined) {
    const one = left === undefined ? {} : { left: rangeSource(sides.left, { ...left, name }) };
    const other = right === undefined ? {} : { right: rangeSource(sides.right, { ...right, name }) };
    yield { kind: 'part', name, ...one, ...other };
    return;
  }
  const whole = {
    kind: 'part' as const,
    name,
    left: rangeSource(sides.left, { ...left, name }),
    right: rangeSource(sides.right, { ...right, name }),
  };
  if (Math.max(left.size, right.size, left.unpacked ?? 0, right.unpacked ?? 0) > TABLE_BYTES) {
    yield whole;
    return;
  }
  const [packedOld, packedNow] = await bothOf(readRange(sides.left, left), readRange(sides.right, right));
  if (packedOld.length < left.size || packedNow.length < right.size) {
    yield { kind: 'note', text: `table ${name} reaches beyond the end of a file` };
    if (!packedOld.equals(packedNow)) yield whole;
    return;
  }
  if (packedOld.equals(packedNow)) return;
  const [old, now] = ofBoth(
    { packed: packedOld, table: left },
    { packed: packedNow, table: right },
    ({ packed, table }) => inflateTable(packed, table),
  );
  if (Buffer.from(old).equals(now)) {
    yield { kind: 'note', text: `table ${name} is equal, packed otherwise` };
    return;
  }
  const told = yield* knownChange(left.tag, old, now);
  if (!told) yield { ...whole, left: bufferSource(name, old), right: bufferSource(name, now) };
}

/** What is known of a table's content; true when that is all that differs in it. */
function* knownChange(tag: string, left: Uint8Array, right: Uint8Array): Generator<Explanation, boolean> {
  try {
    if (tag === 'head') return yield* headChange(left, right);
    if (tag === 'name') return yield* nameChange(left, right);
    if (tag === 'FFTM' && left.length === 28 && right.length === 28) return yield* fontForgeTimes(left, right);
  } catch (error) {
    if (!isReproofError(error, 'FORMAT_MALFORMED')) throw error;
    yield { kind: 'note', text: `${error.code}: ${error.message}` };
  }
  if (tag === 'DSIG') yield { kind: 'reason', reason: { kind: 'signature', evidence: 'table DSIG' } };
  return false;
}

function* headChange(left: Uint8Array, right: Uint8Array): Generator<Explanation, boolean> {
  const [old, now] = ofBoth(left, right, readHeadTable);
  const fields = ({ revision, adjustment, created, modified }: typeof old): MemberHeader => ({
    'head created': time(created),
    'head modified': time(modified),
    'font revision': revision,
    'checksum adjustment': adjustment.toString(16),
  });
  yield* withReasons(fields(old), fields(now));
  return old.rest.equals(now.rest);
}

function* nameChange(left: Uint8Array, right: Uint8Array): Generator<Explanation, boolean> {
  const [old, now] = ofBoth(left, right, readNameTable);
  const lines = (names: typeof old): readonly string[] => names.map(({ line }) => line);
  yield { kind: 'lines', title: 'names', left: lines(old), right: lines(now) };
  const versions = (names: typeof old): string => names.flatMap(({ id, line }) => (id === 5 ? [line] : [])).join('\n');
  if (versions(old) !== versions(now))
    yield { kind: 'reason', reason: { kind: 'version-text', evidence: 'version in table name' } };
  return lines(old).join('\n') !== lines(now).join('\n');
}

/** FontForge's own table: its version's time, and when the font was made and changed. */
function* fontForgeTimes(left: Uint8Array, right: Uint8Array): Generator<Explanation, boolean> {
  const fields = (bytes: Uint8Array): MemberHeader => {
    const table = Buffer.from(bytes);
    return Object.fromEntries(
      ['version', 'created', 'modified'].map((name, index) => [
        `FontForge ${name}`,
        time(table.readBigUInt64BE(4 + 8 * index)),
      ]),
    );
  };
  yield* withReasons(fields(left), fields(right));
  return Buffer.from(left.subarray(0, 4)).equals(right.subarray(0, 4));
}

function* withReasons(left: MemberHeader, right: MemberHeader): Generator<Explanation> {
  const changes = changedFields(left, right);
  yield { kind: 'fields', fields: changes };
  for (const { name, left: old, right: now } of changes) {
    const kind: Reason['kind'] = /created|modified/.test(name)
      ? 'timestamp'
      : /checksum/.test(name)
        ? 'checksum'
        : 'version-text';
    const sides = { ...(old === undefined ? {} : { left: old }), ...(now === undefined ? {} : { right: now }) };
    yield { kind: 'reason', reason: { kind, evidence: name, ...sides } };
  }
}

function time(seconds: bigint): string {
  const unix = seconds - EPOCH_1904;
  const shown =
    unix > -8_640_000_000_000n && unix < 8_640_000_000_000n ? new Date(Number(unix) * 1000).toISOString() : '';
  return shown === '' ? `${seconds}` : shown.replace('.000Z', 'Z');
}
