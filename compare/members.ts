import { ByteReader } from '../formats/index.ts';
import { isReproofError } from '../model/index.ts';
import { type ByteSource, dropBytes } from './byte-source.ts';
import { bothOf } from './identity.ts';
import { listTogether } from './list-together.ts';
import { type Archive, type ListedMember, type Listing, MemberLister } from './member-lister.ts';
import type { ContainerComparator, ContainerFact, Context, Explanation, Member } from './types.ts';

export type { ListedMember, Listing } from './member-lister.ts';

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
  /** What is opened, where it is an archive. */
  readonly archive?: Archive;
}

/** A container opened with the comparator that recognized it. */
export function archiveMembers(comparator: ContainerComparator, source: ByteSource, context: Context): MemberSet {
  const archive = { comparator, source, context };
  return {
    id: comparator.id,
    archive,
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

async function listMembers(archive: Archive): Promise<Listing> {
  const listing = new MemberLister(archive);
  for await (const each of archive.comparator.members(archive.source, archive.context)) await listing.add(each);
  return listing;
}

/** Lists both sides of one format; of archives in one run what is known to be equal is left out of both listings. */
export async function listBoth(left: MemberSet, right: MemberSet): Promise<[Listing, Listing]> {
  const { archive: old } = left;
  const { archive: now } = right;
  try {
    const together = old !== undefined && now !== undefined ? await listTogether(old, now) : undefined;
    if (together !== undefined) return together;
  } catch (error) {
    // Together, the left of two broken archives fails first: alone, either gets to its own failure.
    if (!isReproofError(error, 'ARCHIVE_MALFORMED')) throw error;
  }
  return bothOf(left.list(), right.list());
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
  if (wanted.every((member) => member.offset !== undefined)) return holdInPlace(archive, wanted);
  for await (const each of keyed(archive)) {
    if ('fact' in each || !keys.has(each.key)) continue;
    held.set(each.key, await readAll(unpacked(each.member)));
    if (held.size === keys.size) break;
  }
  return held;
}

/** In one pass over the container's bytes, past what is not wanted. */
async function holdInPlace(archive: Archive, wanted: readonly ListedMember[]): Promise<ReadonlyMap<string, Buffer>> {
  const held = new Map<string, Buffer>();
  const places = wanted.map(({ key, offset = 0, size = 0 }) => ({ key, offset, size }));
  places.sort((one, other) => one.offset - other.offset);
  const reader = new ByteReader(archive.source, places[0]?.offset);
  try {
    for (const { key, offset, size } of places) {
      await reader.skip(offset - reader.position);
      held.set(key, await reader.read(size));
    }
  } finally {
    await reader.close();
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
