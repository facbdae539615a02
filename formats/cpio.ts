import { ReproofError } from '../model/index.ts';
import { ByteReader } from './byte-reader.ts';
import {
  CPIO_MAGIC_BYTES,
  type CpioFields,
  type CpioVariant,
  cpioHeaderBytes,
  cpioPadding,
  cpioVariant,
  readCpioHeader,
} from './cpio-header.ts';

/** Upper limits of one archive. Passing one throws ARCHIVE_LIMIT. */
export type CpioLimits = { readonly members: number; readonly nameBytes: number };

/** A file, folder or link. `content` is read before the next piece is asked for, or not at all. */
export type CpioEntry = {
  readonly kind: 'entry';
  readonly variant: CpioVariant;
  /** Its bytes as latin1, up to the first NUL: for pairing and display, never a path. */
  readonly name: string;
  /** Where its header starts, and its content, in bytes from the archive's start. */
  readonly offset: number;
  readonly contentOffset: number;
  /** Where the header is not written as usual, or what stands behind the name is not one NUL and padding of NULs. */
  readonly unusual: string | undefined;
  readonly fields: CpioFields;
  readonly content: AsyncIterable<Uint8Array>;
};

export type CpioPiece =
  | CpioEntry
  /** Padding after a content that is not NULs. */
  | { readonly kind: 'padding'; readonly offset: number; readonly bytes: Buffer }
  /** The entry that ends the archive; none where the file ends without it. */
  | { readonly kind: 'trailer'; readonly variant: CpioVariant; readonly header: string }
  /** What follows the trailer: this many NULs, and from `offset` on other bytes when there are any. */
  | {
      readonly kind: 'end';
      readonly zeros: number;
      readonly offset: number;
      readonly content: AsyncIterable<Uint8Array> | undefined;
    };

const TRAILER = 'TRAILER!!!';

/**
 * The entries of one cpio archive in order, in one pass, and what follows it, as in an initrd, where archives follow
 * each other. Throws ARCHIVE_MALFORMED (context `offset`), ARCHIVE_LIMIT. Source: cpio(5) of libarchive, and the
 * kernel's Documentation/driver-api/early-userspace/buffer-format.rst.
 */
export async function* readCpio(
  source: AsyncIterable<Uint8Array> | ByteReader,
  limits: CpioLimits,
): AsyncGenerator<CpioPiece> {
  const reader = source instanceof ByteReader ? source : new ByteReader(source);
  try {
    for (let count = 1; ; count++) {
      const offset = reader.position;
      const magic = await reader.read(CPIO_MAGIC_BYTES);
      if (magic.length === 0 && count > 1) return;
      const variant = cpioVariant(magic);
      if (variant === undefined) throw malformed('magic', offset);
      const bytes = Buffer.concat([magic, await reader.read(cpioHeaderBytes(variant) - magic.length)]);
      const fields = bytes.length < cpioHeaderBytes(variant) ? undefined : readCpioHeader(variant, bytes);
      if (fields === undefined) throw malformed('header', offset);
      if (fields.nameBytes > limits.nameBytes) throw passed('nameBytes', limits.nameBytes, offset);
      const stored = await exactly(reader, fields.nameBytes, 'name');
      const padding = await exactly(reader, cpioPadding(variant, bytes.length + fields.nameBytes), 'padding');
      const end = stored.indexOf(0);
      const name = stored.toString('latin1', 0, end < 0 ? stored.length : end);
      if (name === TRAILER && fields.size === 0) {
        const header = `${variant.startsWith('bin') ? bytes.toString('hex') : bytes.toString('latin1')}`;
        yield { kind: 'trailer', variant, header: header + hexOfUnusual(stored, padding) };
        yield await afterTrailer(reader);
        return;
      }
      if (count > limits.members) throw passed('members', limits.members, offset);
      const digits = variant.startsWith('bin') ? '' : unusualDigits(bytes.toString('latin1'));
      const unusual = `${digits}${hexOfUnusual(stored, padding)}`;
      const start = reader.position;
      yield {
        kind: 'entry',
        variant,
        name,
        offset,
        contentOffset: start,
        unusual: unusual === '' ? undefined : unusual,
        fields,
        content: reader.stream(fields.size),
      };
      const left = fields.size - (reader.position - start);
      if ((await reader.skip(left)) < left) throw malformed('content', reader.position);
      const gap = await exactly(reader, cpioPadding(variant, fields.size), 'padding');
      if (gap.some((byte) => byte !== 0)) yield { kind: 'padding', offset: reader.position - gap.length, bytes: gap };
    }
  } finally {
    await reader.close();
  }
}

/** Digits that are not written as cpio(1) does; of all in lower case, as rpm has them, the fields tell the rest. */
function unusualDigits(header: string): string {
  if (!/[a-f]/.test(header)) return '';
  return /[A-F]/.test(header) ? header : 'digits in lower case';
}

/** What stands behind a name and is not its one NUL and padding of NULs, in hex. */
function hexOfUnusual(stored: Buffer, padding: Buffer): string {
  const end = stored.indexOf(0);
  if (end === stored.length - 1 && padding.every((byte) => byte === 0)) return '';
  return ` ${Buffer.concat([end < 0 ? Buffer.alloc(0) : stored.subarray(end), padding]).toString('hex')}`;
}

async function afterTrailer(reader: ByteReader): Promise<CpioPiece> {
  const start = reader.position;
  const pieces = reader.stream(Number.MAX_SAFE_INTEGER);
  let zeros = 0;
  for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
    const piece = next.value;
    const first = piece.findIndex((byte) => byte !== 0);
    if (first < 0) {
      zeros += piece.length;
      continue;
    }
    async function* rest(): AsyncGenerator<Uint8Array> {
      yield piece.subarray(first);
      yield* pieces;
    }
    return { kind: 'end', zeros: zeros + first, offset: start + zeros + first, content: rest() };
  }
  return { kind: 'end', zeros, offset: start + zeros, content: undefined };
}

async function exactly(reader: ByteReader, count: number, what: string): Promise<Buffer> {
  const bytes = await reader.read(count);
  if (bytes.length < count) throw malformed(what, reader.position);
  return bytes;
}

function malformed(what: string, offset: number): ReproofError {
  const message = `reading ${what} of cpio archive at byte ${offset}`;
  return new ReproofError('ARCHIVE_MALFORMED', message, { context: { offset } });
}

function passed(limit: keyof CpioLimits, value: number, offset: number): ReproofError {
  const message = `reading cpio archive at byte ${offset}: more than ${value} ${limit}`;
  return new ReproofError('ARCHIVE_LIMIT', message, { context: { limit, value, offset } });
}
