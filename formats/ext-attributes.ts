import { ReproofError } from '../model/index.ts';

/** An extended attribute as stored. Where `value` is undefined, it is the content of `inode`, of `size` bytes. */
export type ExtStoredAttribute = {
  readonly name: string;
  readonly value: Buffer | undefined;
  readonly inode: number;
  readonly size: number;
};

/** What a name's index stands for. */
const PREFIXES: ReadonlyMap<number, string> = new Map([
  [0, ''],
  [1, 'user.'],
  [2, 'system.posix_acl_access'],
  [3, 'system.posix_acl_default'],
  [4, 'trusted.'],
  [6, 'security.'],
  [7, 'system.'],
  [8, 'system.richacl'],
]);
const ENTRY_BYTES = 16;

/**
 * The extended attributes whose entries begin at `start` of `area`; values stand at offsets in it. Throws
 * ARCHIVE_MALFORMED. Source: Linux' Documentation/filesystems/ext4/attributes.rst.
 */
export function readExtAttributes(area: Buffer, start: number): readonly ExtStoredAttribute[] {
  const found: ExtStoredAttribute[] = [];
  for (let at = start; at + 4 <= area.length && area.readUInt32LE(at) !== 0; ) {
    if (at + ENTRY_BYTES > area.length) throw malformed(at);
    const [nameBytes, index] = [area.readUInt8(at), area.readUInt8(at + 1)];
    const [offset, inode, size] = [area.readUInt16LE(at + 2), area.readUInt32LE(at + 4), area.readUInt32LE(at + 8)];
    const end = at + ENTRY_BYTES + nameBytes;
    if (end > area.length || (inode === 0 && offset + size > area.length)) throw malformed(at);
    const prefix = PREFIXES.get(index) ?? `(${index}) `;
    const name = `${prefix}${area.toString('latin1', at + ENTRY_BYTES, end)}`;
    found.push({ name, value: inode === 0 ? area.subarray(offset, offset + size) : undefined, inode, size });
    at = end + ((4 - (nameBytes % 4)) % 4);
  }
  return found;
}

function malformed(offset: number): ReproofError {
  return new ReproofError('ARCHIVE_MALFORMED', `reading extended attributes of ext image, ${offset} bytes into them`);
}
