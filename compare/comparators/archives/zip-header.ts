import { createHash } from 'node:crypto';
import { type ZipEntry, type ZipHeader, zipExtraName, zipExtras, zipExtraText } from '../../../formats/index.ts';
import { escapeName } from '../../escape.ts';
import type { MemberHeader } from '../../types.ts';

const SHOWN_BYTES = 64;
const ZIP64 = 1;
const METHODS: Readonly<Record<number, string>> = {
  0: 'stored',
  8: 'deflate',
  9: 'deflate64',
  12: 'bzip2',
  14: 'LZMA',
  93: 'zstd',
  95: 'xz',
  98: 'PPMd',
  99: 'AES',
};
const DEFLATE = 8;
/** What deflate was asked for, in two of the flags (APPNOTE.TXT 4.4.4); nothing is said of the usual. */
const LEVEL_BITS = 6;
const LEVELS = [undefined, 'maximum', 'fast', 'super fast'];
const SYSTEMS = ['dos', 'amiga', 'vms', 'unix', 'vm/cms', 'atari', 'os/2', 'macintosh', 'z', 'cp/m', 'ntfs'];
const FLAGS: Readonly<Record<number, string>> = {
  0: 'encrypted',
  3: 'data descriptor',
  6: 'strong encryption',
  11: 'UTF-8',
  13: 'masked',
};

/** What a compression method is called: `deflate`, or its number. */
export function zipMethodName(method: number): string {
  return METHODS[method] ?? `method ${method}`;
}

/** Remembers as many different headers: members of one archive mostly have one of a few. */
const REMEMBERED = 10_000;

/** Gives zipMemberHeader, one object for all members of which it is the same. */
export function zipMemberHeaders(): typeof zipMemberHeader {
  const known = new Map<string, MemberHeader>();
  return (entry, local) => {
    const told = local.crc32 === entry.crc32 && local.packedSize === entry.packedSize && local.size === entry.size;
    const untold = (local.flags & 8) !== 0 && local.crc32 === 0 && local.packedSize === 0 && local.size === 0;
    // What is left out of the key is then not said either.
    if (!(told || untold) || local.name !== entry.name || entry.comment.length > 0)
      return zipMemberHeader(entry, local);
    const numbers = `${entry.madeBy} ${entry.internal} ${entry.external} ${entry.disk} ${entry.extra.length}`;
    const key = `${keyOf(entry)} ${keyOf(local)} ${numbers} ${entry.extra.toString('latin1')}${local.extra.toString('latin1')}`;
    const found = known.get(key) ?? zipMemberHeader(entry, local);
    if (known.size < REMEMBERED) known.set(key, found);
    return found;
  };
}

function keyOf({ needs, flags, method, dosTime, inZip64 }: ZipHeader): string {
  return `${needs} ${flags} ${method} ${dosTime} ${inZip64}`;
}

/** What the directory says of a member beside its content, and what its local header says otherwise. */
export function zipMemberHeader(entry: ZipEntry, local: ZipHeader): MemberHeader {
  const header: Record<string, string> = {
    ...shared(entry),
    'made by': `${SYSTEMS[entry.madeBy >> 8] ?? `system ${entry.madeBy >> 8}`} ${version(entry.madeBy & 0xff)}`,
    ...attributes(entry),
  };
  if (entry.internal !== 0) header['internal attributes'] = `0x${entry.internal.toString(16)}`;
  if (entry.disk !== 0) header.disk = String(entry.disk);
  if (entry.comment.length > 0) header.comment = escapeName(entry.comment.toString('latin1'));
  for (const [name, value] of Object.entries(extras(entry))) header[name] = value;
  const told = shared(local);
  const central = shared(entry);
  for (const [name, value] of Object.entries(told)) if (value !== central[name]) header[`local ${name}`] = value;
  if (local.name !== entry.name) header['local name'] = escapeName(local.name);
  if (!local.extra.equals(entry.extra) || local.inZip64 !== entry.inZip64)
    for (const [name, value] of Object.entries(extras(local)))
      if (value !== header[name]) header[`local ${name}`] = value;
  // A data descriptor has them instead: the local header then says nothing, or the same.
  const unsaid = (local.flags & 8) !== 0 && local.crc32 === 0;
  if (local.crc32 !== entry.crc32 && !unsaid) header['local crc32'] = local.crc32.toString(16).padStart(8, '0');
  const sizes = `${local.packedSize} packed, ${local.size} unpacked`;
  const emptied = (local.flags & 8) !== 0 && local.packedSize === 0 && local.size === 0;
  if ((local.packedSize !== entry.packedSize || local.size !== entry.size) && !emptied) header['local sizes'] = sizes;
  return header;
}

function shared({ needs, flags, method, dosTime }: ZipHeader): Record<string, string> {
  const header: Record<string, string> = {
    method: zipMethodName(method),
    mtime: dosTimeText(dosTime),
    needs: version(needs & 0xff) + (needs > 0xff ? ` (0x${needs.toString(16)})` : ''),
  };
  const level = method === DEFLATE ? LEVELS[(flags & LEVEL_BITS) >> 1] : undefined;
  if (level !== undefined) header.level = level;
  const others = method === DEFLATE ? flags & ~LEVEL_BITS : flags;
  if (others !== 0) header.flags = flagsText(others);
  return header;
}

function flagsText(flags: number): string {
  const names = Object.entries(FLAGS)
    .filter(([bit]) => (flags & (1 << Number(bit))) !== 0)
    .map(([, name]) => name);
  return [`0x${flags.toString(16).padStart(4, '0')}`, ...names].join(', ');
}

/** The date and time of MS-DOS: local, of no zone, in steps of two seconds. */
function dosTimeText(value: number): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  const [date, time] = [value >>> 16, value & 0xffff];
  const day = `${1980 + (date >> 9)}-${two((date >> 5) & 15)}-${two(date & 31)}`;
  return `${day} ${two(time >> 11)}:${two((time >> 5) & 63)}:${two((time & 31) * 2)}`;
}

function attributes({ madeBy, external }: ZipEntry): Record<string, string> {
  const system = madeBy >> 8;
  const unix = external >>> 16;
  const low = external & 0xffff;
  if (unix === 0 && low === 0) return {};
  const header: Record<string, string> = {};
  if (system === 3 || system === 19) header.mode = `0${unix.toString(8)}`;
  else if (unix !== 0) header['upper attributes'] = `0x${unix.toString(16)}`;
  if (low !== 0) header['dos attributes'] = `0x${low.toString(16)}`;
  return header;
}

/** The fields by name; of a repeated one all values. Their order is a field of its own where there are several. */
function extras({ extra, inZip64 }: ZipHeader): Record<string, string> {
  if (extra.length === 0) return {};
  const header: Record<string, string> = {};
  const { fields, rest } = zipExtras(extra);
  for (const field of fields) {
    const name = `extra ${zipExtraName(field.id)}`;
    const told = zipExtraText(field) ?? hexText(field.data);
    // The first such field has the numbers of the header; what else stands in it says nothing.
    const unused = field.data.subarray(header[name] === undefined ? 8 * inZip64 : 0);
    const value = field.id === ZIP64 && unused.length > 0 ? `${told}, unused ${hexText(unused)}` : told;
    header[name] = header[name] === undefined ? value : `${header[name]}; ${value}`;
  }
  if (fields.length > 1) header['extra fields'] = fields.map(({ id }) => id.toString(16).padStart(4, '0')).join(' ');
  if (rest.length > 0) header['extra remainder'] = hexText(rest);
  return header;
}

function hexText(bytes: Buffer): string {
  if (bytes.length === 0) return 'empty';
  if (bytes.length <= SHOWN_BYTES) return bytes.toString('hex');
  return `${bytes.length} bytes, sha256 ${createHash('sha256').update(bytes).digest('hex')}`;
}

function version(value: number): string {
  return `${Math.floor(value / 10)}.${value % 10}`;
}
