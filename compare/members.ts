import { createHash } from 'node:crypto';
import type { Sha256 } from '../model/index.ts';
import type { Budget } from './budget.ts';
import { escapeName } from './escape.ts';
import type { ByteSource, ContainerComparator, Member, MemberHeader } from './types.ts';

/** A container opened with the comparator that recognized it. */
export type Container = {
  readonly comparator: ContainerComparator;
  readonly source: ByteSource;
  readonly budget: Budget;
};

/** A member by content. `key` is what it is paired by, unique in its container: the n-th of a name has n in it. */
export type ListedMember = {
  readonly key: string;
  /** Escaped. */
  readonly name: string;
  readonly header: MemberHeader;
  readonly size: number;
  readonly sha256: Sha256;
};

/** All members by key, in order, and the digest of the container's own bytes. Memory grows with members, not bytes. */
export type Listing = { readonly members: ReadonlyMap<string, ListedMember>; readonly sha256: Sha256 };

/** Reads a container once, to its end, and hashes every member and the whole. Throws as the comparator, and ARCHIVE_LIMIT. */
export async function listMembers(container: Container): Promise<Listing> {
  const whole = createHash('sha256');
  const { source } = container;
  const hashed: ByteSource = {
    name: source.name,
    size: source.size,
    async *open() {
      for await (const chunk of source.open()) {
        whole.update(chunk);
        yield chunk;
      }
    },
  };
  const members = new Map<string, ListedMember>();
  for await (const { key, member } of keyed({ ...container, source: hashed })) {
    container.budget.spend('members', 1);
    const hash = createHash('sha256');
    let size = 0;
    for await (const piece of member.content) {
      hash.update(piece);
      size += piece.length;
    }
    members.set(key, { key, name: escapeName(member.name), header: member.header, size, sha256: hash.digest('hex') });
  }
  return { members, sha256: whole.digest('hex') };
}

/** The contents of the wanted members, in one pass. Their sizes were seen when they were listed: the caller bounds them. */
export async function holdMembers(
  container: Container,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Buffer>> {
  const held = new Map<string, Buffer>();
  if (wanted.size === 0) return held;
  for await (const { key, member } of keyed(container)) {
    if (!wanted.has(key)) continue;
    const pieces: Uint8Array[] = [];
    for await (const piece of member.content) pieces.push(piece);
    held.set(key, Buffer.concat(pieces));
    if (held.size === wanted.size) break;
  }
  return held;
}

/** A member as a source of its own: each time it is opened, its container is read again up to it. */
export function memberSource(container: Container, member: ListedMember): ByteSource {
  return {
    name: member.name,
    size: member.size,
    async *open() {
      for await (const each of keyed(container)) {
        if (each.key !== member.key) continue;
        yield* each.member.content;
        return;
      }
    },
  };
}

async function* keyed({ comparator, source, budget }: Container): AsyncGenerator<{ key: string; member: Member }> {
  const seen = new Map<string, number>();
  for await (const member of comparator.members(source, budget)) {
    const count = (seen.get(member.pairAs) ?? 0) + 1;
    seen.set(member.pairAs, count);
    yield { key: `${count}/${member.pairAs}`, member };
  }
}
