/** What an entry is for, by its tag: acl(5), and Linux' include/uapi/linux/posix_acl.h. */
const TAGS: ReadonlyMap<number, string> = new Map([
  [0x01, 'user:'],
  [0x02, 'user'],
  [0x04, 'group:'],
  [0x08, 'group'],
  [0x10, 'mask:'],
  [0x20, 'other:'],
]);
/** Tags whose entries name a user or group. */
const NAMED: ReadonlySet<number> = new Set([0x02, 0x08]);
const NO_ID = 0xffffffff;

/** 2 as setxattr(2) takes lists and archives hold them, 1 as ext4 stores them: without an id where none is needed. */
export type PosixAclVersion = 1 | 2;

/**
 * An access control list in the short text form of acl(5), "user::rwx,user:1000:r--,...". Undefined for what is no list
 * of this version; of one that is, every byte is told.
 */
export function posixAclText(value: Buffer, version: PosixAclVersion): string | undefined {
  if (value.length < 4 || value.readUInt32LE(0) !== version) return undefined;
  const entries: string[] = [];
  for (let at = 4; at < value.length; ) {
    if (at + 4 > value.length) return undefined;
    const [tag, permissions] = [value.readUInt16LE(at), value.readUInt16LE(at + 2)];
    const [text, named] = [TAGS.get(tag), NAMED.has(tag)];
    at += 4;
    if (text === undefined || permissions > 7) return undefined;
    let id = NO_ID;
    if (named || version === 2) {
      if (at + 4 > value.length) return undefined;
      id = value.readUInt32LE(at);
      at += 4;
      if (!named && id !== NO_ID) return undefined;
    }
    const letters = `${permissions & 4 ? 'r' : '-'}${permissions & 2 ? 'w' : '-'}${permissions & 1 ? 'x' : '-'}`;
    entries.push(`${text}${named ? `:${id}` : ''}:${letters}`);
  }
  return entries.length === 0 ? 'empty' : entries.join(',');
}
