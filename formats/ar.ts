import { ReproofError } from '../model/index.ts';
import { ByteReader } from './byte-reader.ts';

/** Upper limits of one archive. Passing one throws ARCHIVE_LIMIT. */
export type ArLimits = {
  /** Members, symbol and name tables included. */
  readonly members: number;
  /** Bytes of a BSD name, and of the GNU table of long names. */
  readonly nameBytes: number;
  /** Bytes of one member's content. */
  readonly memberBytes: number;
};

/**
 * One member. Names are its bytes as latin1, so none is lost; they are for pairing and display, never a path.
 * `content` is read before the next member is asked for, or not at all: what is unread is passed over then.
 */
export type ArMember = {
  /**
   * With `everything` also: the table of long names; a member of a thin archive, whose content is elsewhere (`size` is
   * what it should have there); the byte after an odd member where it is not a newline (none where the archive ends);
   * and what follows the last member and is no member, to the archive's end.
   */
  readonly kind: 'file' | 'symbol-table' | 'name-table' | 'reference' | 'padding' | 'trailing';
  readonly name: string;
  /** Where its header starts, in bytes from the archive's start. */
  readonly offset: number;
  /** Where its content starts, in bytes from the archive's start. */
  readonly contentOffset: number;
  /** The header's 60 bytes as latin1; empty where there is none. */
  readonly rawHeader: string;
  /** Seconds since 1970; undefined where the field is blank, as are the three that follow. */
  readonly mtime: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly mode: number | undefined;
  /** Bytes of content, a BSD name before it not included. */
  readonly size: number;
  readonly content: AsyncIterable<Uint8Array>;
};

const MAGIC = '!<arch>\n';
const THIN_MAGIC = '!<thin>\n';
const HEADER_BYTES = 60;

/** `everything`: also what is no file of a common archive, see the kinds of ArMember. */
export type ArOptions = { readonly everything?: boolean };

/**
 * The members of an ar archive, in order and in one pass: common (deb(5)), GNU and BSD names, as ar(5) and binutils'
 * bfd/archive.c have them. The GNU table of long names is used, and given only with `everything`.
 * Throws ARCHIVE_MALFORMED, its context holding `offset`, for anything else; without `everything` also for thin
 * archives, bytes after the last member and a missing padding byte. Throws ARCHIVE_LIMIT.
 */
export async function* readAr(
  source: AsyncIterable<Uint8Array> | ByteReader,
  limits: ArLimits,
  { everything = false }: ArOptions = {},
): AsyncGenerator<ArMember> {
  const reader = source instanceof ByteReader ? source : new ByteReader(source);
  try {
    const magic = (await reader.read(MAGIC.length)).toString('latin1');
    const thin = magic === THIN_MAGIC;
    if (thin ? !everything : magic !== MAGIC) throw malformed('magic', 0, thin ? 'it is a thin archive' : undefined);
    let longNames: string | undefined;
    for (let count = 1; ; count++) {
      const offset = reader.position;
      const header = await reader.read(HEADER_BYTES);
      if (header.length === 0) return;
      if (count > limits.members) throw passed('members', limits.members, offset);
      if (everything && header.toString('latin1', 58) !== '`\n') {
        yield* trailing(header, offset, reader);
        return;
      }
      const fields = readHeader(header, offset);
      if (fields.rawName === '//') {
        if (longNames !== undefined) throw malformed('table of long names', offset, 'there is a second one');
        if (fields.size > limits.nameBytes) throw passed('nameBytes', limits.nameBytes, offset);
        const table = await readExactly(reader, fields.size, 'table of long names');
        longNames = table.toString('latin1');
        if (everything)
          yield { ...extra('name-table', offset, table), ...fields, name: '//', contentOffset: offset + HEADER_BYTES };
      } else {
        yield* readMember(reader, { fields, offset, longNames, limits, thin });
      }
      if ((reader.position - offset) % 2 === 0) continue;
      const padding = await (everything ? reader.read(1) : readExactly(reader, 1, 'padding'));
      if (everything && padding[0] !== 0x0a) yield extra('padding', reader.position - padding.length, padding);
    }
  } finally {
    await reader.close();
  }
}

/** A piece of the archive that has no header of its own, or whose header the caller adds. */
function extra(kind: ArMember['kind'], offset: number, bytes: Uint8Array): ArMember {
  const none = { mtime: undefined, uid: undefined, gid: undefined, mode: undefined };
  const content = { ...none, size: bytes.length, content: only(bytes) };
  return { kind, name: '', offset, contentOffset: offset, rawHeader: '', ...content };
}

async function* trailing(first: Buffer, offset: number, reader: ByteReader): AsyncGenerator<ArMember> {
  async function* rest(): AsyncGenerator<Uint8Array> {
    yield first;
    yield* reader.stream(Number.MAX_SAFE_INTEGER);
  }
  yield { ...extra('trailing', offset, first), content: rest() };
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** What a number may be written with. The time of what Microsoft's lib.exe writes with /Brepro is -1. */
const DIGITS = { mtime: /^-?[0-9]+$/, uid: /^[0-9]+$/, gid: /^[0-9]+$/, mode: /^[0-7]+$/, size: /^[0-9]+$/ } as const;

type Fields = Pick<ArMember, 'mtime' | 'uid' | 'gid' | 'mode' | 'size' | 'rawHeader'> & { readonly rawName: string };

function readHeader(header: Buffer, offset: number): Fields {
  if (header.length < HEADER_BYTES) throw malformed('member header', offset, 'the archive ends inside it');
  const text = header.toString('latin1');
  if (text.slice(58) !== '`\n') throw malformed('end of member header', offset + 58);
  const number = (start: number, end: number, what: keyof typeof DIGITS): number | undefined => {
    const digits = text.slice(start, end).trimEnd();
    if (digits === '') return undefined;
    if (!DIGITS[what].test(digits)) throw malformed(`member ${what}`, offset + start);
    return Number.parseInt(digits, what === 'mode' ? 8 : 10);
  };
  const size = number(48, 58, 'size');
  if (size === undefined) throw malformed('member size', offset + 48);
  return {
    rawName: text.slice(0, 16).trimEnd(),
    rawHeader: text,
    mtime: number(16, 28, 'mtime'),
    uid: number(28, 34, 'uid'),
    gid: number(34, 40, 'gid'),
    mode: number(40, 48, 'mode'),
    size,
  };
}

async function* readMember(
  reader: ByteReader,
  header: {
    readonly fields: Fields;
    readonly offset: number;
    readonly longNames: string | undefined;
    readonly limits: ArLimits;
    readonly thin: boolean;
  },
): AsyncGenerator<ArMember> {
  const { fields, offset, limits, thin } = header;
  const { rawName, ...rest } = fields;
  const bsdName = /^#1\/([0-9]+)$/.exec(rawName);
  const nameBytes = bsdName === null ? 0 : Number(bsdName[1]);
  if (nameBytes > fields.size) throw malformed('BSD name', offset, 'it is longer than the member');
  if (nameBytes > limits.nameBytes) throw passed('nameBytes', limits.nameBytes, offset);
  const size = fields.size - nameBytes;
  if (size > limits.memberBytes) throw passed('memberBytes', limits.memberBytes, offset);
  const name =
    bsdName === null
      ? memberName(rawName, offset, header.longNames)
      : (await readExactly(reader, nameBytes, 'BSD name')).toString('latin1').replace(/\0+$/, '');
  const start = reader.position;
  const symbols = /^\/(SYM64\/)?$|^__\.SYMDEF( SORTED)?$/.test(name);
  const place = { name, offset, contentOffset: start, ...rest, size };
  if (thin && !symbols) {
    yield { kind: 'reference', ...place, content: reader.stream(0) };
    return;
  }
  yield { kind: symbols ? 'symbol-table' : 'file', ...place, content: reader.stream(size) };
  const left = size - (reader.position - start);
  if ((await reader.skip(left)) < left)
    throw malformed('member content', reader.position, 'the archive ends inside it');
}

function memberName(rawName: string, offset: number, longNames: string | undefined): string {
  if (rawName === '/' || rawName === '/SYM64/') return rawName;
  const reference = /^\/([0-9]+)$/.exec(rawName);
  if (reference === null) return rawName.endsWith('/') ? rawName.slice(0, -1) : rawName;
  const start = Number(reference[1]);
  // A newline ends a name of GNU's, a NUL one of Microsoft's.
  const length = longNames?.slice(start).search(/[\n\0]/) ?? -1;
  if (longNames === undefined || length < 0) throw malformed('long name', offset, `the table has none at ${start}`);
  return longNames.slice(start, start + length).replace(/\/$/, '');
}

async function readExactly(reader: ByteReader, count: number, what: string): Promise<Buffer> {
  const bytes = await reader.read(count);
  if (bytes.length < count) throw malformed(what, reader.position, 'the archive ends inside it');
  return bytes;
}

function malformed(what: string, offset: number, why?: string): ReproofError {
  const message = `reading ${what} of ar archive at byte ${offset}${why === undefined ? '' : `: ${why}`}`;
  return new ReproofError('ARCHIVE_MALFORMED', message, { context: { offset } });
}

function passed(limit: keyof ArLimits, value: number, offset: number): ReproofError {
  const message = `reading ar archive at byte ${offset}: more than ${value} ${limit}`;
  return new ReproofError('ARCHIVE_LIMIT', message, { context: { limit, value, offset } });
}
