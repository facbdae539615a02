import { type ArMember, readAr } from '../../../formats/index.ts';
import { escapeName } from '../../escape.ts';
import type { ContainerComparator, Member, MemberHeader } from '../../types.ts';

const AR_MAGIC = '!<arch>\n';
const DEB_MAGIC = `${AR_MAGIC}debian-binary`;
const NAME_BYTES = 2 ** 20;
const COMPRESSION = /\.(gz|xz|zst|bz2|lzma)$/;

/** ar archives, static libraries among them: members by name. */
export const ar: ContainerComparator = {
  kind: 'container',
  id: 'ar',
  recognizes: (head) => startsWith(head, AR_MAGIC),
  members: (source, { budget }) => members(source.open(), budget.limits.members, (name) => name),
};

/** Debian packages, deb(5): control.tar.* and data.tar.* are paired whatever their compression. */
export const deb: ContainerComparator = {
  kind: 'container',
  id: 'deb',
  recognizes: (head) => startsWith(head, DEB_MAGIC),
  members: (source, { budget }) =>
    members(source.open(), budget.limits.members, (name) => name.replace(COMPRESSION, '')),
};

async function* members(
  source: AsyncIterable<Uint8Array>,
  limit: number,
  pairAs: (name: string) => string,
): AsyncGenerator<Member> {
  const limits = { members: limit, nameBytes: NAME_BYTES, memberBytes: Number.MAX_SAFE_INTEGER };
  for await (const member of readAr(source, limits)) {
    const { name, content } = member;
    yield { name, pairAs: pairAs(name), header: headerOf(member), content };
  }
}

function headerOf(member: ArMember): MemberHeader {
  return {
    name: escapeName(member.name),
    mode: member.mode?.toString(8) ?? '',
    uid: String(member.uid ?? ''),
    gid: String(member.gid ?? ''),
    mtime: String(member.mtime ?? ''),
  };
}

function startsWith(head: Uint8Array, magic: string): boolean {
  return Buffer.from(head.subarray(0, magic.length)).toString('latin1') === magic;
}
