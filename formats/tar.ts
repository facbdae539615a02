import { ReproofError } from '../model/index.ts';
import type { ByteReader } from './byte-reader.ts';
import {
  isZeroBlock,
  plainTarSize,
  readGnuSparse,
  readGnuSparseExtension,
  readTarHeader,
  TAR_BLOCK_BYTES,
  type TarHeader,
} from './tar-header.ts';
import { readTarRecords, type TarRecord } from './tar-records.ts';
import { isMapBefore, readSparseMap } from './tar-sparse-map.ts';

/** Upper limits of one archive. Passing one throws ARCHIVE_LIMIT. */
export type TarLimits = {
  /** Bytes of all extended headers of one member, and of all global ones together. */
  readonly headerBytes: number;
};

/** A header before a member's own: pax (x, g), or a long name (L) or link target (K) of GNU. */
export type TarExtension = { readonly header: TarHeader; readonly text: string };

/** A member: what its header says, with what extended headers say put over it. */
export type TarMember = {
  readonly kind: 'member';
  /** Where its first header starts, extended ones before it included, and where its content does. */
  readonly offset: number;
  readonly contentOffset: number;
  /** Bytes of content as stored: without the holes of a sparse file, and without the map that may stand before it. */
  readonly size: number;
  readonly header: TarHeader;
  readonly name: string;
  readonly linkname: string;
  /** Seconds since 1970, with the fraction that a pax header gives. */
  readonly mtime: string | undefined;
  readonly extensions: readonly TarExtension[];
  /** Of its own extended header, in order. */
  readonly records: readonly TarRecord[];
  /** Of type S and pax 1.0: data as `offset+bytes`, the size with holes where no record says it, bytes before data. */
  readonly sparse: { readonly map: readonly string[]; readonly size: string; readonly mapBytes: number } | undefined;
};

export type TarItem =
  | TarMember
  | { readonly kind: 'global'; readonly extension: TarExtension; readonly records: readonly TarRecord[] }
  /** Bytes between a member's content and the next block that are not all NUL. */
  | { readonly kind: 'padding'; readonly name: string; readonly bytes: Buffer }
  /** The mark of the end: `zeroBytes` NULs from `offset` on; what follows them is `trailing`, to the end of the file. */
  | {
      readonly kind: 'end';
      readonly offset: number;
      readonly zeroBytes: number;
      readonly trailing: AsyncIterable<Uint8Array>;
    };

/** Types that no content follows whatever the size field says: links, devices, folders, FIFOs (POSIX.1-2017), labels. */
const WITHOUT_CONTENT = '123456V';

/** Pax keywords that this reader puts over the header's fields. */
const NAME_KEYS = ['GNU.sparse.name', 'path'];

/** Reading them blocks: after so many whatever else waits has its turn. */
const PASSED_AT_ONCE = 4096;

type Sized = { readonly header: TarHeader; readonly block: Buffer; readonly start: number; readonly counted: number };
type Pending = { readonly extensions: TarExtension[]; readonly records: TarRecord[]; bytes: number };

/**
 * The members of a tar archive, in order and in one pass: v7, ustar, pax and GNU, incremental dumps and volume labels
 * as members of their types. Any block of NULs ends it, as GNU tar and Python's tarfile have it. Names are bytes as
 * latin1, never a path. Throws ARCHIVE_MALFORMED, its context holding `offset`, also for an archive that ends without
 * its mark, and ARCHIVE_LIMIT.
 */
export class TarReader {
  readonly #reader: ByteReader;
  readonly #limits: TarLimits;
  #globals: ReadonlyMap<string, string>;
  #globalBytes = 0;
  #left: { readonly end: number; readonly name: string } | undefined;
  #ended = false;
  readonly #around = Buffer.allocUnsafe(2 * TAR_BLOCK_BYTES);
  readonly #passed = Buffer.allocUnsafe(TAR_BLOCK_BYTES);

  /** From where the reader stands: the start of an archive, or a header reached with these `globals` in effect. */
  constructor(reader: ByteReader, limits: TarLimits, globals: ReadonlyMap<string, string> = new Map()) {
    this.#reader = reader;
    this.#limits = limits;
    this.#globals = globals;
  }

  /** What global headers said so far: beside the offset all that decides how the rest is read. */
  get globals(): ReadonlyMap<string, string> {
    return this.#globals;
  }

  /** The next item, after what is left of the last one's content is passed over; undefined after the end. */
  async next(): Promise<TarItem | undefined> {
    if (this.#ended) return undefined;
    const padding = await this.#finish();
    if (padding !== undefined) return padding;
    const pending: Pending = { extensions: [], records: [], bytes: 0 };
    const offset = this.#reader.position;
    for (;;) {
      const start = this.#reader.position;
      const block = await this.#reader.read(TAR_BLOCK_BYTES);
      if (block.length === 0 && start === offset)
        throw malformed('member header', start, 'the mark of the end is missing');
      if (block.length < TAR_BLOCK_BYTES) throw malformed('member header', start, 'the archive ends inside it');
      const header = readTarHeader(block);
      if (header === undefined) {
        if (!isZeroBlock(block)) throw malformed('member header', start, 'its checksum is wrong');
        if (start !== offset) throw malformed('member header', start, 'none follows an extended header');
        this.#ended = true;
        return this.#end(offset);
      }
      if (!'xgLK'.includes(header.type)) return this.#member({ header, block, offset, start }, pending);
      const global = await this.#extension(header, start, pending);
      if (global !== undefined) return global;
    }
  }

  /** Where what was not given yet begins: after the last member's content, what stands before the next header. */
  get position(): number {
    return this.#left?.end ?? this.#reader.position;
  }

  /** Goes on where `other` stands, which read the same bytes up to there. */
  follow(other: TarReader): void {
    this.#left = other.#left;
    this.#globals = other.#globals;
    this.#globalBytes = other.#globalBytes;
  }

  /**
   * Passes over members whose content ends by `end`, reading their headers alone and what stands between contents and
   * headers, by `readAt`: it fills a buffer from an offset of the archive on, and gives how much there was. Stops at what
   * is more than a plain header with its content: that is for `next`; and after some thousands. False where it passed
   * over none.
   */
  passPlain(readAt: (into: Uint8Array, offset: number) => number, end: number): boolean {
    if (this.#ended || this.#globals.size > 0) return false;
    let contentEnd = this.position;
    let count = 0;
    for (; count < PASSED_AT_ONCE; count++) {
      const start = padded(contentEnd);
      if (start + TAR_BLOCK_BYTES > end) break;
      const around = this.#around.subarray(0, start - contentEnd + TAR_BLOCK_BYTES);
      if (readAt(around, contentEnd) < around.length) break;
      const header = around.subarray(start - contentEnd);
      const size = isZeroBlock(around.subarray(0, start - contentEnd)) ? plainTarSize(header) : undefined;
      if (size === undefined || start + TAR_BLOCK_BYTES + size > end) break;
      contentEnd = start + TAR_BLOCK_BYTES + size;
      header.copy(this.#passed);
    }
    if (count > 0) this.#left = { end: contentEnd, name: readTarHeader(this.#passed)?.name ?? '' };
    return count > 0;
  }

  /** The rest of the last member's content. */
  content(): AsyncIterable<Uint8Array> {
    return this.#reader.stream(this.#left === undefined ? 0 : this.#left.end - this.#reader.position);
  }

  async #finish(): Promise<TarItem | undefined> {
    if (this.#left === undefined) return undefined;
    const { end, name } = this.#left;
    this.#left = undefined;
    await this.#reader.skip(end - this.#reader.position);
    if (this.#reader.position < end)
      throw malformed('member content', this.#reader.position, 'the archive ends inside it');
    const count = padded(end) - end;
    const bytes = await this.#reader.read(count);
    if (bytes.length < count) throw malformed('padding', end, 'the archive ends inside it');
    return isZeroBlock(bytes) ? undefined : { kind: 'padding', name, bytes };
  }

  /** Reads what an extended header holds; gives it when it is a global one. */
  async #extension(header: TarHeader, start: number, pending: Pending): Promise<TarItem | undefined> {
    const size = sizeOf(header.size, start);
    const before = header.type === 'g' ? this.#globalBytes : pending.bytes;
    if (before + TAR_BLOCK_BYTES + size > this.#limits.headerBytes)
      throw passed('headerBytes', this.#limits.headerBytes, start);
    const at = this.#reader.position;
    const bytes = await this.#reader.read(padded(size));
    if (bytes.length < padded(size)) throw malformed('extended header', start, 'the archive ends inside it');
    if (!isZeroBlock(bytes.subarray(size))) throw malformed('extended header', at + size, 'its padding is not empty');
    const text = bytes.toString('latin1', 0, size);
    if (header.type === 'g') {
      if (pending.extensions.length > 0) throw malformed('global header', start, 'it stands inside a member');
      this.#globalBytes += TAR_BLOCK_BYTES + size;
      const records = readTarRecords(bytes.subarray(0, size), at);
      this.#globals = new Map([...this.#globals, ...records.map(({ key, value }) => [key, value] as const)]);
      return { kind: 'global', extension: { header, text }, records };
    }
    pending.bytes += TAR_BLOCK_BYTES + size;
    pending.extensions.push({ header, text });
    if (header.type === 'x')
      for (const record of readTarRecords(bytes.subarray(0, size), at)) pending.records.push(record);
    return undefined;
  }

  async #member(
    found: { readonly header: TarHeader; readonly block: Buffer; readonly offset: number; readonly start: number },
    pending: Pending,
  ): Promise<TarMember> {
    const { header, block, offset, start } = found;
    const { extensions, records } = pending;
    const own = new Map(records.map(({ key, value }) => [key, value] as const));
    const effective = (key: string): string | undefined => own.get(key) ?? this.#globals.get(key);
    const long = (type: string): string | undefined =>
      extensions.findLast((extension) => extension.header.type === type)?.text.replace(/\0.*$/s, '');
    const stored = effective('size') ?? header.size;
    const counted = WITHOUT_CONTENT.includes(header.type) ? 0 : sizeOf(stored, start);
    const mayHaveMap = header.type === 'S' || own.size > 0;
    const sparse = mayHaveMap ? await this.#sparseMap({ header, block, start, counted }, own, pending) : undefined;
    const size = counted - (sparse?.mapBytes ?? 0);
    const named = NAME_KEYS.map(effective).find((value) => value !== undefined);
    const name = named ?? long('L') ?? header.name;
    const contentOffset = this.#reader.position;
    this.#left = { end: contentOffset + size, name };
    return {
      kind: 'member',
      offset,
      contentOffset,
      size,
      header,
      name,
      linkname: effective('linkpath') ?? long('K') ?? header.linkname,
      mtime: effective('mtime') ?? header.mtime,
      extensions,
      records,
      sparse,
    };
  }

  async #sparseMap(
    { header, block, start, counted }: Sized,
    own: ReadonlyMap<string, string>,
    pending: Pending,
  ): Promise<TarMember['sparse']> {
    if (isMapBefore(header.type, own)) {
      const allowed = Math.max(0, this.#limits.headerBytes - pending.bytes);
      const found = await readSparseMap(this.#reader, Math.min(counted, allowed));
      if (found === 'too long' && allowed < counted) throw passed('headerBytes', this.#limits.headerBytes, start);
      if (typeof found === 'string') throw malformed('sparse map', start);
      return { ...found, size: '' };
    }
    if (header.type !== 'S') return undefined;
    const { map: first, size, extended } = readGnuSparse(block);
    const map = [...first];
    for (let more = extended; more; ) {
      pending.bytes += TAR_BLOCK_BYTES;
      if (pending.bytes > this.#limits.headerBytes) throw passed('headerBytes', this.#limits.headerBytes, start);
      const next = await this.#reader.read(TAR_BLOCK_BYTES);
      if (next.length < TAR_BLOCK_BYTES) throw malformed('sparse map', start, 'the archive ends inside it');
      const extension = readGnuSparseExtension(next);
      map.push(...extension.map);
      more = extension.extended;
    }
    return { map, size, mapBytes: 0 };
  }

  async #end(offset: number): Promise<TarItem> {
    let zeroBytes = TAR_BLOCK_BYTES;
    let first: Buffer;
    for (;;) {
      first = await this.#reader.read(TAR_BLOCK_BYTES);
      if (first.length === 0 || !isZeroBlock(first)) break;
      zeroBytes += first.length;
    }
    const reader = this.#reader;
    const trailing = async function* (): AsyncGenerator<Uint8Array> {
      if (first.length > 0) yield first;
      yield* reader.stream(Number.MAX_SAFE_INTEGER);
    };
    return { kind: 'end', offset, zeroBytes, trailing: trailing() };
  }
}

function padded(size: number): number {
  return Math.ceil(size / TAR_BLOCK_BYTES) * TAR_BLOCK_BYTES;
}

function sizeOf(stored: string | undefined, offset: number): number {
  const size = stored !== undefined && /^[0-9]{1,20}$/.test(stored) ? Number(stored) : Number.NaN;
  // A content that ends past 2^53 could not be counted exactly.
  if (!(size <= Number.MAX_SAFE_INTEGER / 2)) throw malformed('member size', offset + 124);
  return size;
}

function malformed(what: string, offset: number, why?: string): ReproofError {
  const message = `reading ${what} of tar archive at byte ${offset}${why === undefined ? '' : `: ${why}`}`;
  return new ReproofError('ARCHIVE_MALFORMED', message, { context: { offset } });
}

function passed(limit: keyof TarLimits, value: number, offset: number): ReproofError {
  const message = `reading tar archive at byte ${offset}: more than ${value} ${limit}`;
  return new ReproofError('ARCHIVE_LIMIT', message, { context: { limit, value, offset } });
}
