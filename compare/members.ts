import { createHash } from 'node:crypto';
import type { Sha256 } from '../model/index.ts';
import { type ByteSource, dropBytes, rangeSource } from './byte-source.ts';
import { escapeName } from './escape.ts';
import type {
  ContainerComparator,
  ContainerFact,
  Context,
  Deflated,
  Explanation,
  Member,
  MemberHeader,
} from './types.ts';

/** A member by content. `key` is what it is paired by, unique in its container: the n-th of a name has n in it. */
export type ListedMember = {
  readonly key: string;
  /** Its place in the order of its container, from 0. */
  readonly index: number;
  /** Escaped. */
  readonly name: string;
  readonly header: MemberHeader;
  /** Bytes of content; undefined where only unpacking tells. */
  readonly size: number | undefined;
  /** Equal only for equal contents; with `encoded`, different ones may still hold the same. */
  readonly identity: string;
  readonly encoded: boolean;
  /** Of the content, where it was read. */
  readonly sha256: Sha256 | undefined;
  readonly source: ByteSource | undefined;
  readonly deflated?: Deflated;
};

/** All members by key, in order, and the container's own facts. Memory grows with members, not bytes. */
export type Listing = {
  readonly members: ReadonlyMap<string, ListedMember>;
  readonly facts: MemberHeader;
};

/** Members that can be listed and reopened: an archive, a folder, the files that a .changes names. */
export interface MemberSet {
  /** What its nodes are called: `${id}-member`. */
  readonly id: string;
  /** Reads it once, to its end. Throws as its reader, and ARCHIVE_LIMIT. */
  list(): Promise<Listing>;
  /** The contents of the wanted members. Their sizes were seen when they were listed: the caller bounds them. */
  hold(wanted: readonly ListedMember[]): Promise<ReadonlyMap<string, Buffer>>;
  source(member: ListedMember): ByteSource;
  /** What its comparator says of how two members of equal content were packed; undefined where it says nothing. */
  explainPacking?(left: ListedMember, right: ListedMember, others: MemberSet): AsyncIterable<Explanation> | undefined;
  /** The container's own bytes. */
  readonly container?: ByteSource;
}

/** A container opened with the comparator that recognized it. */
export function archiveMembers(comparator: ContainerComparator, source: ByteSource, context: Context): MemberSet {
  const archive = { comparator, source, context };
  return {
    id: comparator.id,
    list: () => listMembers(archive),
    hold: (wanted) => holdMembers(archive, wanted),
    source: (member) => member.source ?? relistedSource(archive, member),
    container: source,
    explainPacking: (left, right, { container }) => {
      if (container === undefined || left.source === undefined || left.size === undefined) return undefined;
      const [old, now] = [left.deflated, right.deflated];
      if (old === undefined || now === undefined) return undefined;
      const sides = { left: { ...old, source }, right: { ...now, source: container } };
      return comparator.explainPacking?.({ content: left.source, contentBytes: left.size, ...sides }, context);
    },
  };
}

type Archive = {
  readonly comparator: ContainerComparator;
  readonly source: ByteSource;
  readonly context: Context;
};

async function listMembers(archive: Archive): Promise<Listing> {
  const members = new Map<string, ListedMember>();
  const facts: Record<string, string> = {};
  for await (const each of keyed(archive)) {
    if ('fact' in each) {
      facts[each.fact] = each.fact in facts ? `${facts[each.fact]}; ${each.value}` : each.value;
      continue;
    }
    const { key, member } = each;
    const { budget, leftOut } = archive.context;
    budget.spend('members', 1);
    if (leftOut?.takesMember(member.name)) continue;
    const hash = createHash('sha256');
    let size = 0;
    for await (const piece of member.content) {
      hash.update(piece);
      size += piece.length;
    }
    const encoded = member.encoded === true;
    const identity = hash.digest('hex');
    const name = escapeName(member.name);
    const { offset } = member;
    const source =
      member.source ?? (offset === undefined ? undefined : rangeSource(archive.source, { name, offset, size }));
    members.set(key, {
      key,
      index: members.size,
      name,
      header: leftOut?.keptHeader(member.header) ?? member.header,
      size: encoded ? member.source?.size : size,
      identity,
      encoded,
      sha256: encoded ? undefined : identity,
      source,
      ...(member.deflated === undefined ? {} : { deflated: member.deflated }),
    });
  }
  return { members, facts };
}

/** What it costs to begin reading a file anywhere, in bytes read on. */
const OPENING_BYTES = 2 ** 20;

function unpacked(member: Member): AsyncIterable<Uint8Array> {
  return member.unpack?.(member.content) ?? member.content;
}

async function holdMembers(archive: Archive, wanted: readonly ListedMember[]): Promise<ReadonlyMap<string, Buffer>> {
  const held = new Map<string, Buffer>();
  const keys = new Set(wanted.map((member) => member.key));
  if (keys.size === 0) return held;
  const bytes = archive.source.size ?? 0;
  const fewEnough = archive.source.seekable === true && wanted.length * OPENING_BYTES <= bytes;
  if (fewEnough && wanted.every((member) => member.source !== undefined)) {
    for (const member of wanted) held.set(member.key, await readAll((member.source as ByteSource).open()));
    return held;
  }
  for await (const each of keyed(archive)) {
    if ('fact' in each || !keys.has(each.key)) continue;
    held.set(each.key, await readAll(unpacked(each.member)));
    if (held.size === keys.size) break;
  }
  return held;
}

async function readAll(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Each time it is opened, its container is read again up to it. */
function relistedSource(archive: Archive, wanted: ListedMember): ByteSource {
  return {
    name: wanted.name,
    size: wanted.size,
    async *open(start = 0) {
      for await (const each of keyed(archive)) {
        if ('fact' in each || each.key !== wanted.key) continue;
        yield* dropBytes(unpacked(each.member), start);
        return;
      }
    },
  };
}

async function* keyed({
  comparator,
  source,
  context,
}: Archive): AsyncGenerator<{ readonly key: string; readonly member: Member } | ContainerFact> {
  const seen = new Map<string, number>();
  for await (const each of comparator.members(source, context)) {
    if ('fact' in each) {
      yield each;
      continue;
    }
    const count = (seen.get(each.pairAs) ?? 0) + 1;
    seen.set(each.pairAs, count);
    yield { key: `${count}/${each.pairAs}`, member: each };
  }
}
