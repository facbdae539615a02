/** Bytes of a block: headers and contents begin at multiples of it. */
export const TAR_BLOCK_BYTES = 512;

/** Numbers of a header; undefined where the field holds none. Those that fit no double keep their digits as text. */
type TarNumbers = Readonly<
  Record<'mode' | 'uid' | 'gid' | 'size' | 'mtime' | 'devmajor' | 'devminor', string | undefined>
>;

/**
 * One header block: v7, ustar (POSIX.1-2017, pax) or GNU (GNU tar manual, "Basic Tar Format"). Texts are their bytes
 * as latin1, cut at the first NUL. Numbers are decimal text: any of them may be past 2^53.
 */
export type TarHeader = TarNumbers & {
  readonly format: 'v7' | 'ustar' | 'gnu';
  /** The type flag's byte as latin1; NUL stands for '0'. */
  readonly type: string;
  /** With the prefix of a ustar header before it. */
  readonly name: string;
  readonly linkname: string;
  readonly uname: string;
  readonly gname: string;
  /**
   * Fields whose bytes are not those that GNU tar would write for their value, as stored: octal digits with spaces, a
   * base-256 number, bytes after a NUL, an unknown version. Two headers of equal values differ here or not at all.
   */
  readonly oddities: Readonly<Record<string, string>>;
};

type Field = { readonly name: string; readonly start: number; readonly end: number };
const field = (name: string, start: number, length: number): Field => ({ name, start, end: start + length });

const TEXTS = {
  name: field('name', 0, 100),
  linkname: field('linkname', 157, 100),
  uname: field('uname', 265, 32),
  gname: field('gname', 297, 32),
  prefix: field('prefix', 345, 155),
} as const;
const NUMBERS = {
  mode: field('mode', 100, 8),
  uid: field('uid', 108, 8),
  gid: field('gid', 116, 8),
  size: field('size', 124, 12),
  mtime: field('mtime', 136, 12),
  devmajor: field('devmajor', 329, 8),
  devminor: field('devminor', 337, 8),
} as const;
const CHECKSUM = field('checksum', 148, 8);

/** True for a block of NULs only: the mark of the end. */
export function isZeroBlock(block: Uint8Array): boolean {
  for (const byte of block) if (byte !== 0) return false;
  return true;
}

/** Undefined when the checksum is not the block's: it is no header. */
export function readTarHeader(block: Buffer): TarHeader | undefined {
  const text = block.toString('latin1', 0, TAR_BLOCK_BYTES);
  const stored = numberOf(text.slice(CHECKSUM.start, CHECKSUM.end));
  if (stored === undefined || !checksums(block).includes(Number(stored))) return undefined;
  const oddities: Record<string, string> = {};
  const magic = text.slice(257, 265);
  const format = magic === 'ustar  \0' ? 'gnu' : magic.startsWith('ustar') ? 'ustar' : 'v7';
  if (!(magic === 'ustar  \0' || magic === 'ustar\x0000' || magic === NULS.slice(0, 8))) oddities.magic = magic;
  if (!/^[0-7]{6}\0 $/.test(text.slice(CHECKSUM.start, CHECKSUM.end)))
    oddities.checksum = text.slice(CHECKSUM.start, CHECKSUM.end);
  const textOf = ({ name, start, end }: Field): string => {
    const nul = text.indexOf('\0', start);
    // From the bytes: a slice of a text holds all of it in memory, for as long as a member's name is known.
    if (nul < 0 || nul >= end) return block.toString('latin1', start, end);
    if (!isNuls(text, nul, end)) oddities[name] = block.toString('latin1', start, end);
    return block.toString('latin1', start, nul);
  };
  const number = ({ name, start, end }: Field): string | undefined => {
    const raw = text.slice(start, end);
    const plain = PLAIN_OCTAL.test(raw) || (name.startsWith('dev') && raw === NULS.slice(0, 8));
    if (!plain) oddities[name] = raw;
    return numberOf(raw);
  };
  const v7 = format === 'v7';
  const prefix = format === 'ustar' ? textOf(TEXTS.prefix) : '';
  const name = textOf(TEXTS.name);
  const type = text.charAt(156);
  const from = format === 'ustar' ? 500 : v7 ? 265 : 345;
  // The map of a sparse file is read apart.
  const rest = type === 'S' ? text.slice(from, 386) + text.slice(495) : text.slice(from);
  if (!isNuls(rest, 0, rest.length)) oddities['rest of the header'] = rest.replace(/\0+$/, '');
  if (type === '\0') oddities.type = type;
  return {
    format,
    type: type === '\0' ? '0' : type,
    name: prefix === '' ? name : `${prefix}/${name}`,
    linkname: textOf(TEXTS.linkname),
    uname: v7 ? '' : textOf(TEXTS.uname),
    gname: v7 ? '' : textOf(TEXTS.gname),
    mode: number(NUMBERS.mode),
    uid: number(NUMBERS.uid),
    gid: number(NUMBERS.gid),
    size: number(NUMBERS.size),
    mtime: number(NUMBERS.mtime),
    devmajor: v7 ? undefined : number(NUMBERS.devmajor),
    devminor: v7 ? undefined : number(NUMBERS.devminor),
    oddities,
  };
}

/**
 * Bytes of content after the header of a file, link, device or folder; undefined for any other, and where the size is
 * not written in octal digits: readTarHeader reads that, or refuses it.
 */
export function plainTarSize(block: Buffer): number | undefined {
  const type = block[156] as number;
  if (type !== 0 && (type < 0x30 || type > 0x37)) return undefined;
  const size = octalAt(block, NUMBERS.size);
  const checksum = octalAt(block, CHECKSUM);
  if (size === undefined || checksum === undefined || !checksums(block).includes(checksum)) return undefined;
  return type >= 0x31 && type <= 0x36 ? 0 : size;
}

/** Octal digits from a field's first byte on, and a NUL or a space after them. */
function octalAt(block: Buffer, { start, end }: Field): number | undefined {
  let value = 0;
  for (let at = start; at < end; at++) {
    const byte = block[at] as number;
    if (at > start && (byte === 0 || byte === 0x20)) return value;
    if (byte < 0x30 || byte > 0x37) return undefined;
    value = value * 8 + byte - 0x30;
  }
  return undefined;
}

const NULS = '\0'.repeat(TAR_BLOCK_BYTES);
const PLAIN_OCTAL = /^(?:[0-7]{7}|[0-7]{11})\0$/;

function isNuls(text: string, start: number, end: number): boolean {
  return text.slice(start, end) === NULS.slice(0, end - start);
}

/** The sum of the block's bytes with its checksum field as spaces; taken as signed too, as old tars made it. */
function checksums(block: Buffer): readonly [number, number] {
  let sum = 8 * 0x20;
  let high = 0;
  for (let index = 0; index < TAR_BLOCK_BYTES; index++) {
    if (index === CHECKSUM.start) index = CHECKSUM.end;
    const byte = block[index] as number;
    sum += byte;
    if (byte > 127) high++;
  }
  return [sum, sum - 256 * high];
}

/** Octal digits, or base-256 of GNU: the first bit set, and the next one for a negative number. */
function numberOf(raw: string): string | undefined {
  const digits = /^ *([0-7]+)(?:[ \0]|$)/.exec(raw)?.[1];
  if (digits !== undefined)
    return digits.length <= 12 ? String(Number.parseInt(digits, 8)) : BigInt(`0o${digits}`).toString();
  const first = raw.charCodeAt(0);
  if (first !== 0x80 && first !== 0xff) return undefined;
  let value = first === 0xff ? -1n : 0n;
  for (let index = 1; index < raw.length; index++) value = value * 256n + BigInt(raw.charCodeAt(index));
  return value.toString();
}

/**
 * The map of an old GNU sparse header (type S): where data stands, as `offset+bytes`, and the size with its holes, with
 * its bytes as stored where it is not plain octal.
 */
export function readGnuSparse(block: Buffer): {
  readonly map: readonly string[];
  readonly size: string;
  readonly extended: boolean;
} {
  const text = block.toString('latin1', 0, TAR_BLOCK_BYTES);
  const size = text.slice(483, 495);
  return {
    map: [...sparseEntries(text, 386, 4), ...unusualFlag(text.charAt(482))],
    extended: block[482] !== 0,
    size: PLAIN_OCTAL.test(size) ? (numberOf(size) as string) : `${numberOf(size) ?? ''} (${size})`,
  };
}

/** A block that goes on with the map. What follows its map is kept as an entry when there is anything. */
export function readGnuSparseExtension(block: Buffer): { readonly map: readonly string[]; readonly extended: boolean } {
  const text = block.toString('latin1', 0, TAR_BLOCK_BYTES);
  const map = [...sparseEntries(text, 0, 21), ...unusualFlag(text.charAt(504))];
  const extended = block[504] !== 0;
  return { map: isNuls(text, 505, TAR_BLOCK_BYTES) ? map : [...map, text.slice(505)], extended };
}

/** Whether the map goes on is a byte that GNU tar writes as 0 or 1; any but 0 says so to it. */
function unusualFlag(flag: string): readonly string[] {
  return flag === '\0' || flag === '\x01' ? [] : [flag];
}

/** Entries that are not plain octal stay as they are stored, as does what follows an empty one, which ends the map. */
function sparseEntries(text: string, start: number, count: number): readonly string[] {
  const entries: string[] = [];
  const end = start + 24 * count;
  for (let at = start; at < end; at += 24) {
    if (isNuls(text, at, at + 24)) return isNuls(text, at, end) ? entries : [...entries, text.slice(at, end)];
    const [offset, size] = [text.slice(at, at + 12), text.slice(at + 12, at + 24)];
    const plain = PLAIN_OCTAL.test(offset) && PLAIN_OCTAL.test(size);
    entries.push(plain ? `${numberOf(offset)}+${numberOf(size)}` : offset + size);
  }
  return entries;
}
