import { createHash } from 'node:crypto';
import { readZip, type ZipDirectory, type ZipLimits, type ZipPiece } from '../../../formats/index.ts';
import { escapeName } from '../../escape.ts';
import type {
  ByteSource,
  ContainerComparator,
  ContainerFact,
  Context,
  Deflated,
  Head,
  Member,
  MemberHeader,
} from '../../types.ts';
import { zipCommon } from './common-headers.ts';
import { explainDeflated } from './gzip-packing.ts';
import { isPlain, zipContent, zipUnpacked } from './zip-content.ts';
import { zipMemberHeaders } from './zip-header.ts';

const DIRECTORY_BYTES = 512 * 2 ** 20;
/** As many broken members are told apart; more are counted. */
const FLAWS_TOLD = 100;
const DEFLATED = 8;
const SIGNING_BLOCK_BYTES = 2 ** 20;
const SIGNING_MAGIC = 'APK Sig Block 42';

/** zip archives, APPNOTE 6.3.10: members in the order they stand in the file, packed bytes for their identity. */
export const zip = zipKind('zip', isZip);

/** A format built on zip: the same members under a name of its own. */
export function zipKind(id: string, recognizes: ContainerComparator['recognizes']): ContainerComparator {
  return { kind: 'container', id, recognizes, members, explainPacking: explainDeflated, common: zipCommon };
}

/**
 * True for what begins as a zip archive does: a member, no member at all, the mark of a split one that became whole,
 * Firefox's archives that begin with their directory, Java's modules behind four bytes (jdk.internal.jmod.JmodFile),
 * or Python's behind a line that names the interpreter.
 */
export function isZip(head: Head): boolean {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  const magic = bytes.toString('latin1', 0, 8);
  if (/^(?:JM\x01\0)?PK(?:\x03\x04|\x05\x06|(?:00|\x07\x08)PK)/.test(magic) || magic.slice(4) === 'PK\x01\x02')
    return true;
  if (!magic.startsWith('#!')) return false;
  const line = bytes.indexOf('\n');
  return line > 0 && bytes.toString('latin1', line + 1, line + 5) === 'PK\x03\x04';
}

async function* members(source: ByteSource, context: Context): AsyncGenerator<Member | ContainerFact> {
  const limits: ZipLimits = { members: context.budget.limits.members, directoryBytes: DIRECTORY_BYTES };
  const headerOf = zipMemberHeaders();
  let flaws = 0;
  for await (const piece of readZip(source, limits)) {
    switch (piece.kind) {
      case 'member':
        yield zipMember(piece, headerOf(piece.entry, piece.local), { source, context });
        break;
      case 'unclaimed':
        yield await unclaimed(piece);
        break;
      case 'flaw':
        flaws++;
        if (flaws <= FLAWS_TOLD) yield { fact: `${piece.what} at ${escapeName(piece.member)}`, value: piece.value };
        break;
      case 'end':
        yield* facts(piece.directory);
        if (piece.descriptors !== '') yield { fact: 'data descriptors', value: piece.descriptors };
        if (flaws > FLAWS_TOLD) yield { fact: 'broken members', value: String(flaws) };
        break;
      default:
        piece satisfies never;
    }
  }
}

function zipMember(
  piece: Extract<ZipPiece, { kind: 'member' }>,
  header: MemberHeader,
  { source, context }: { readonly source: ByteSource; readonly context: Context },
): Member {
  const { entry, dataOffset, content } = piece;
  const shared = { name: entry.name, pairAs: entry.name, header };
  if (isPlain(entry)) return { ...shared, content, offset: dataOffset };
  // Packed bytes mean something only with what unpacks and checks them.
  const method = Buffer.from(`${entry.method} ${entry.flags & 0x41} ${entry.crc32} ${entry.size}\n`);
  return {
    ...shared,
    content: prefixed(method, content),
    encoded: true,
    unpack: (packed) => zipUnpacked(withoutFirst(packed), entry, context),
    source: zipContent(source, piece, context),
    ...(entry.method === DEFLATED ? { deflated: deflatedOf(piece) } : {}),
  };
}

/** The level that APPNOTE 4.4.4 gives bits 1 and 2 of the flags for, in the words of RFC 1952. */
function deflatedOf({ entry, dataOffset }: Extract<ZipPiece, { kind: 'member' }>): Deflated {
  const extraFlags = [0, 2, 4, 4][(entry.flags >> 1) & 3] as number;
  return { offset: dataOffset, size: entry.packedSize, extraFlags };
}

async function* prefixed(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

/** What `prefixed` was given, which it gives in one piece. */
async function* withoutFirst(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let first = true;
  for await (const piece of pieces) {
    if (!first) yield piece;
    first = false;
  }
}

/** Bytes that belong to no member, as a member of its own: they are looked into like any other. */
async function unclaimed(piece: Extract<ZipPiece, { kind: 'unclaimed' }>): Promise<Member> {
  const { where, offset, size } = piece;
  let content = piece.content;
  let name = piece.after === undefined ? '(bytes before the members)' : `(bytes after ${piece.after})`;
  if (where === 'after') name = '(bytes after the archive)';
  if (where === 'before-directory' && size >= 32 && size <= SIGNING_BLOCK_BYTES) {
    const pieces: Uint8Array[] = [];
    for await (const each of content) pieces.push(each);
    const block = Buffer.concat(pieces);
    if (block.toString('latin1', block.length - 16) === SIGNING_MAGIC) name = '(APK Signing Block)';
    content = once(block);
  }
  // No member's name holds a NUL that a file system would take, so that none is paired with this.
  return { name, pairAs: `\0${name}`, header: {}, content, offset };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function* facts(directory: ZipDirectory): Generator<ContainerFact> {
  const { comment, entries, shift } = directory;
  for (const [fact, value] of Object.entries(directory.facts)) yield { fact, value };
  if (comment.length > 0) yield { fact: 'comment', value: escapeName(comment.toString('latin1', 0, 1000)) };
  if (comment.length > 1000)
    yield { fact: 'comment sha256', value: createHash('sha256').update(comment).digest('hex') };
  if (shift > 0) yield { fact: 'bytes that offsets do not count', value: String(shift) };
  if (directory.offset < (entries[0]?.offset ?? 0)) yield { fact: 'directory', value: 'before the members' };
  const out = entries.findIndex((entry, index) => index > 0 && (entries[index - 1]?.offset ?? 0) > entry.offset);
  if (out < 0) return;
  const order = createHash('sha256');
  for (const { name } of entries) order.update(`${name.length} `).update(name, 'latin1');
  const value = `not as the members stand, from ${escapeName(entries[out]?.name ?? '')} on; sha256 of names ${order.digest('hex')}`;
  yield { fact: 'order of directory', value };
}
