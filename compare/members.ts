import { type ByteSource, dropBytes } from './byte-source.ts';
import type { Range } from './equal-ranges.ts';
import { bothOf } from './identity.ts';
import { KeptContent } from './kept-content.ts';
import { keyedMembers, unpacked } from './keyed-members.ts';
import { listAbreast, type SteppedArchive } from './list-abreast.ts';
import { listTogether } from './list-together.ts';
import { ArchiveHolder, type MemberHolder } from './member-holder.ts';
import { type Archive, type ListedMember, type Listing, ListingMemory, MemberLister } from './member-lister.ts';
import type { ContainerComparator, Context, Explanation } from './types.ts';

export type { ListedMember, Listing } from './member-lister.ts';

/** Members that can be listed and reopened: an archive, a folder, the files that a .changes names. */
export interface MemberSet {
  /** What its nodes are called: `${id}-member`. */
  readonly id: string;
  /** Reads it once, to its end. Throws as its reader, and ARCHIVE_LIMIT. */
  list(): Promise<Listing>;
  /** For reading the contents of many members. */
  holder(): MemberHolder;
  source(member: ListedMember): ByteSource;
  /** What its comparator says of how two members of equal content were packed; undefined where it says nothing. */
  explainPacking?(left: ListedMember, right: ListedMember, others: MemberSet): AsyncIterable<Explanation> | undefined;
  /** The container's own bytes. */
  readonly container?: ByteSource;
  /** What is opened, where it is an archive. */
  readonly archive?: Archive;
  /** The same for going through it in step with another. */
  readonly stepped?: SteppedArchive;
  /** True where a member's source can be read from anywhere at once. */
  isAtHand?(member: ListedMember): boolean;
  close?(): Promise<void>;
}

/** A container opened with the comparator that recognized it. */
export function archiveMembers(comparator: ContainerComparator, source: ByteSource, context: Context): MemberSet {
  const memory = new ListingMemory(context.budget);
  const plain = { comparator, source, context, memory };
  const kept = source.seekable === true ? undefined : new KeptContent(source, context);
  const archive = kept === undefined ? plain : { ...plain, source: kept.source };
  const keptSource = ({ name, offset, size }: ListedMember): ByteSource | undefined =>
    offset === undefined || size === undefined ? undefined : kept?.range(name, offset, size);
  return {
    id: comparator.id,
    archive: plain,
    stepped: kept === undefined ? { archive } : { archive, kept },
    close: async () => {
      memory.letGo();
      await kept?.close();
    },
    list: () => listMembers(plain),
    holder: () => new ArchiveHolder(archive),
    source: (member) => keptSource(member) ?? member.source ?? relistedSource(archive, member),
    isAtHand: (member) => keptSource(member) !== undefined,
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
  const cursor = archive.comparator.cursor?.(archive.source);
  if (cursor === undefined) {
    for await (const each of archive.comparator.members(archive.source, archive.context, 'lent'))
      await listing.add(each);
    return listing;
  }
  try {
    for (let each = await cursor.next(); each !== undefined; each = await cursor.next()) await listing.add(each);
    return listing;
  } finally {
    await cursor.reader.close();
  }
}

/**
 * Lists both sides of one format; of archives in one run what is known to be equal is left out of both listings: `equal`,
 * or what is found out here.
 */
export async function listBoth(
  left: MemberSet,
  right: MemberSet,
  equal?: () => Promise<readonly Range[] | undefined>,
): Promise<[Listing, Listing]> {
  const sides = [left.archive, right.archive] as const;
  const together =
    sides[0] !== undefined && sides[1] !== undefined ? await listTogether(sides[0], sides[1], equal) : undefined;
  if (together !== undefined) return together;
  const abreast =
    left.stepped !== undefined && right.stepped !== undefined
      ? await listAbreast(left.stepped, right.stepped)
      : undefined;
  return abreast ?? bothOf(left.list(), right.list());
}

/** Each time it is opened, its container is read again up to it. */
function relistedSource(archive: Archive, wanted: ListedMember): ByteSource {
  return {
    name: wanted.name,
    size: wanted.size,
    async *open(start = 0) {
      for await (const each of keyedMembers(archive)) {
        if ('fact' in each || each.key !== wanted.key) continue;
        yield* dropBytes(unpacked(each.member), start);
        return;
      }
    },
  };
}
