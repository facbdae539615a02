import { createHash } from 'node:crypto';
import { type ArMember, ByteReader, readAr } from '../../../formats/index.ts';
import { escapeName } from '../../escape.ts';
import type { ByteSource, ContainerComparator, ContainerFact, Context, Member, MemberHeader } from '../../types.ts';
import { timeText } from './header-text.ts';

const MAGIC = '!<arch>\n';
const THIN_MAGIC = '!<thin>\n';
/** Padding bytes that are no newlines are told one by one up to here. */
const PADDINGS_TOLD = 3;
const NAME_BYTES = 8 * 2 ** 20;

/** ar archives, static libraries and thin ones among them: members by name, the symbol table as one of them. */
export const ar: ContainerComparator = {
  kind: 'container',
  id: 'ar',
  recognizes: (head) => startsWith(head, MAGIC) || startsWith(head, THIN_MAGIC),
  members: (source, context, chunks) => arMembers(source, context, { chunks, pairAs: (name) => name }),
};

/** Every member with all its header says, and as facts the padding, the variant and the place of what follows the end. */
export async function* arMembers(
  source: ByteSource,
  { budget }: Context,
  { pairAs, chunks }: { readonly pairAs: (name: string) => string; readonly chunks: 'lent' | undefined },
): AsyncGenerator<Member | ContainerFact> {
  const limits = { members: budget.limits.members, nameBytes: NAME_BYTES, memberBytes: Number.MAX_SAFE_INTEGER };
  let last = 'the magic';
  let thin = false;
  let padded = 0;
  const paddings: string[] = [];
  const digest = createHash('sha256');
  for await (const member of readAr(new ByteReader(source, 0, chunks), limits, { everything: true })) {
    const { kind, name, content, contentOffset: offset } = member;
    if (kind === 'padding') {
      const told = `${paddingText(await byteOf(content))} after ${last}`;
      if (paddings.length < PADDINGS_TOLD) paddings.push(told);
      digest.update(`${told}\n`);
      padded++;
      continue;
    }
    if (kind === 'trailing') {
      const shown = '(bytes after the last member)';
      yield { name: shown, pairAs: shown, header: {}, content, offset };
      continue;
    }
    last = escapeName(name);
    if (kind === 'reference' && !thin) {
      thin = true;
      yield { fact: 'variant', value: 'thin: the contents of the members are elsewhere' };
    }
    const { size } = member;
    yield {
      name,
      pairAs: pairAs(name),
      header: headerOf(member),
      content,
      offset,
      size: kind === 'reference' ? 0 : size,
    };
  }
  if (padded > 0) yield { fact: 'padding', value: paddings.join(', ') };
  if (padded > PADDINGS_TOLD)
    yield { fact: 'all padding', value: `${padded} bytes, sha256 of what they are: ${digest.digest('hex')}` };
}

function headerOf(member: ArMember): MemberHeader {
  const { kind, name, rawHeader, size } = member;
  const told = {
    mode: member.mode?.toString(8) ?? '',
    uid: String(member.uid ?? ''),
    gid: String(member.gid ?? ''),
    mtime: member.mtime === undefined ? '' : timeText(String(member.mtime)),
  };
  const rest = [
    [String(member.mtime ?? ''), 12],
    [told.uid, 6],
    [told.gid, 6],
    [told.mode, 8],
  ] as const;
  // The size field is what the content's size says, with a BSD name before it more: only how it is written is left.
  const plain = rest.map(([text, width]) => text.padEnd(width)).join('') === rawHeader.slice(16, 48);
  const sizeField = rawHeader.slice(48, 58);
  const usualSize = /^(?:0|[1-9][0-9]*) *$/.test(sizeField);
  const storedName = rawHeader.slice(0, 16).trimEnd();
  return {
    name: escapeName(name),
    ...told,
    ...(/^(?:\/[0-9]+|#1\/[0-9]+)$/.test(storedName) ? {} : { 'stored name': escapeName(storedName) }),
    ...(kind === 'reference' ? { size: String(size) } : {}),
    ...(plain && usualSize ? {} : { 'header as written': escapeName(rawHeader.slice(16, 58)) }),
  };
}

function paddingText(byte: number | undefined): string {
  return byte === undefined ? 'missing' : `byte 0x${byte.toString(16).padStart(2, '0')}`;
}

async function byteOf(content: AsyncIterable<Uint8Array>): Promise<number | undefined> {
  for await (const piece of content) if (piece.length > 0) return piece[0];
  return undefined;
}

function startsWith(head: Uint8Array, magic: string): boolean {
  return Buffer.from(head.subarray(0, magic.length)).toString('latin1') === magic;
}
