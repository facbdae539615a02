import { createHash } from 'node:crypto';
import { type GzipHeader, type GzipLimits, type GzipPiece, readGzip } from '../../../formats/index.ts';
import { isReproofError } from '../../../model/index.ts';
import { dropBytes } from '../../byte-source.ts';
import { escapeText } from '../../escape.ts';
import { bothOf } from '../../identity.ts';
import { changedFields } from '../../pairing.ts';
import { shownValue } from '../../shown-value.ts';
import type { ByteSource, Context, Explanation, WrapperComparator } from '../../types.ts';
import { explainDeflated, packedAlike } from './gzip-packing.ts';

const TEXT_BYTES = 2 ** 16;
/** As many members of a concatenated file are told one by one; more are told by a digest. */
const MEMBERS_TOLD = 20;
/** What a header says of the file that was packed. All else it says of the packing. */
const OF_THE_FILE: ReadonlySet<string> = new Set(['flags', 'mtime', 'file name', 'comment']);
/** Of a member, RFC 1952 2.3.1. */
const TRAILER_BYTES = 8;
const SYSTEMS = 'FAT,Amiga,VMS,Unix,VM/CMS,Atari,HPFS,Macintosh,Z-System,CP/M,TOPS-20,NTFS,QDOS,Acorn RISCOS'.split(
  ',',
);

/** gzip, RFC 1952: concatenated members are read as one stream, as gzip(1) does; what follows them is a fact. */
export const gzip: WrapperComparator = {
  kind: 'wrapper',
  id: 'gzip',
  recognizes: (head) => head[0] === 0x1f && head[1] === 0x8b && head[2] === 8,
  unwrap: (source, context) => ({
    name: source.name,
    size: undefined,
    open: (start = 0) => dropBytes(gunzip(source, context), start),
  }),
  following: async (source, context) => (await factsOf(source, context)).following,
  header: async (source, context) => (await factsOf(source, context)).header,
  explainPacking,
};

/** What a file says beside its content; `only` where it is one member without anything after it. */
type Facts = {
  readonly header: Readonly<Record<string, string>>;
  /** Where what follows the members begins. */
  readonly following: number | undefined;
  /** What the first member's header says. */
  readonly first: Readonly<Record<string, string>>;
  readonly only: { readonly header: GzipHeader; readonly packedSize: number; readonly size: number } | undefined;
};

/** Facts of files that were read to their end anyway: reading them again would cost as much. */
const read = new WeakMap<ByteSource, Facts>();

async function factsOf(source: ByteSource, context: Context): Promise<Facts> {
  const known = read.get(source);
  if (known !== undefined) return known;
  const gathered = new Gathered();
  try {
    for await (const _ of gunzip(source, context, gathered));
  } catch (error) {
    // Whoever read the content was told. What its headers say is worth showing all the same.
    if (!isReproofError(error, 'ARCHIVE_MALFORMED')) throw error;
    const { header } = gathered.facts();
    return {
      header: { ...header, broken: escapeText(error.message) },
      following: undefined,
      first: {},
      only: undefined,
    };
  }
  return read.get(source) as Facts;
}

async function* gunzip(source: ByteSource, { budget }: Context, gathered = new Gathered()): AsyncGenerator<Uint8Array> {
  const limits: GzipLimits = { members: budget.limits.members, textBytes: TEXT_BYTES };
  for await (const piece of readGzip(source.open(), limits)) {
    if (piece.kind === 'content') yield piece.bytes;
    else gathered.add(piece);
  }
  read.set(source, gathered.facts());
}

/** Gathers a file's facts as it is read; its memory does not grow with the file. */
class Gathered {
  readonly #members: { header: GzipHeader; size: number; packedSize: number }[] = [];
  readonly #rest = createHash('sha256');
  readonly #trailing = createHash('sha256');
  #count = 0;
  #trailingBytes = 0;
  #end = 0;
  #zero = true;
  /** Of a member that did not end yet. */
  #header: GzipHeader | undefined;

  add(piece: Exclude<GzipPiece, { kind: 'content' }>): void {
    switch (piece.kind) {
      case 'header':
        this.#header = piece.header;
        this.#end += piece.header.headerSize;
        break;
      case 'member-end': {
        const member = { header: this.#header as GzipHeader, size: piece.size, packedSize: piece.packedSize };
        this.#header = undefined;
        this.#count++;
        this.#end += piece.packedSize + TRAILER_BYTES;
        if (this.#members.length < MEMBERS_TOLD) this.#members.push(member);
        else this.#rest.update(JSON.stringify([fieldsOf(member.header), piece.size]));
        break;
      }
      case 'trailing':
        this.#trailing.update(piece.bytes);
        this.#trailingBytes += piece.bytes.length;
        this.#zero &&= piece.bytes.every((byte) => byte === 0);
        break;
      default:
        piece satisfies never;
    }
  }

  facts(): Facts {
    const header: Record<string, string> = {};
    for (const [index, member] of this.#members.entries()) {
      // Those of the first have the same names however many follow, that a file of one and of several can be compared.
      const prefix = index === 0 ? '' : `member ${index + 1} `;
      for (const [name, value] of Object.entries(fieldsOf(member.header))) header[prefix + name] = value;
      if (this.#count > 1) header[`member ${index + 1} size`] = String(member.size);
    }
    if (this.#header !== undefined && this.#count < MEMBERS_TOLD) {
      const prefix = this.#count === 0 ? '' : `member ${this.#count + 1} `;
      for (const [name, value] of Object.entries(fieldsOf(this.#header))) header[prefix + name] = value;
    }
    header.members = `${this.#count}${this.#header === undefined ? '' : ' and one that breaks off'}`;
    if (this.#count > MEMBERS_TOLD) header['other members sha256'] = this.#rest.digest('hex');
    const told = `${this.#trailingBytes} bytes`;
    if (this.#trailingBytes > 0)
      header['trailing bytes'] = this.#zero ? `${told} of zero` : `${told}, sha256 ${this.#trailing.digest('hex')}`;
    const [first] = this.#members;
    const following = this.#trailingBytes > 0 ? this.#end : undefined;
    const only = this.#count === 1 && this.#trailingBytes === 0 ? first : undefined;
    return { header, following, first: first === undefined ? {} : fieldsOf(first.header), only };
  }
}

function fieldsOf(header: GzipHeader): Readonly<Record<string, string>> {
  const { flags, mtime, extraFlags, system, extra, name, comment } = header;
  const speed = extraFlags === 2 ? ' (maximum compression)' : extraFlags === 4 ? ' (fastest)' : '';
  return {
    flags: `0x${flags.toString(16).padStart(2, '0')}`,
    mtime: mtime === 0 ? 'none' : new Date(mtime * 1000).toISOString().replace('.000Z', 'Z'),
    'extra flags': `${extraFlags}${speed}`,
    system: SYSTEMS[system] ?? (system === 255 ? 'unknown' : String(system)),
    ...(name === undefined ? {} : { 'file name': shownValue(name) }),
    ...(comment === undefined ? {} : { comment: shownValue(comment) }),
    ...(extra === undefined ? {} : { 'extra field': extraText(extra) }),
  };
}

/** Subfields: two letters, then a size and its bytes. */
function extraText(extra: Buffer): string {
  const shown: string[] = [];
  let at = 0;
  while (at + 4 <= extra.length && at + 4 + extra.readUInt16LE(at + 2) <= extra.length) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    shown.push(`${extra.toString('latin1', at, at + 2)} ${extra.toString('hex', at + 4, end)}`);
    at = end;
  }
  if (at < extra.length) shown.push(extra.toString('hex', at));
  return shownValue(shown.join(', '));
}

async function* explainPacking(left: ByteSource, right: ByteSource, context: Context): AsyncIterable<Explanation> {
  const [old, now] = await bothOf(factsOf(left, context), factsOf(right, context));
  const changed = changedFields(old.header, now.header);
  for (const { name, ...sides } of changedFields(old.first, now.first)) {
    const kind = name === 'mtime' ? 'timestamp' : 'metadata';
    const said = name !== 'flags' && OF_THE_FILE.has(name);
    if (said) yield { kind: 'reason', reason: { kind, evidence: `${name} in the gzip header`, ...sides } };
  }
  if (old.only === undefined || now.only === undefined) return;
  const body = (source: ByteSource, { header, packedSize }: NonNullable<Facts['only']>) => ({
    source,
    offset: header.headerSize,
    size: packedSize,
    extraFlags: header.extraFlags,
  });
  const bodies = { left: body(left, old.only), right: body(right, now.only) };
  if (changed.every(({ name }) => OF_THE_FILE.has(name)) && (await packedAlike(bodies.left, bodies.right))) {
    yield { kind: 'detail', text: 'only the header differs: content and packed bytes are equal' };
    return;
  }
  const content = await gzip.unwrap(left, context);
  yield* explainDeflated({ content, contentBytes: old.only.size, ...bodies }, context);
}
