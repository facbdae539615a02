import type { CommonField, CommonHeaders, MemberHeader } from '../../types.ts';

/** File types by the upper bits of a mode: inode(7). */
export const FILE_TYPES: ReadonlyMap<number, string> = new Map([
  [0o01, 'fifo'],
  [0o02, 'character device'],
  [0o04, 'folder'],
  [0o06, 'block device'],
  [0o10, 'file'],
  [0o12, 'symbolic link'],
  [0o14, 'socket'],
]);
const TAR_TYPES: Readonly<Record<string, string>> = {
  directory: 'folder',
  symlink: 'symbolic link',
  link: 'hard link',
  'character-device': 'character device',
  'block-device': 'block device',
};
const ALL: readonly CommonField[] = ['type', 'mode', 'uid', 'gid', 'mtime', 'linkname'];

export const tarCommon: CommonHeaders = {
  fields: ALL,
  header: ({ header }) => ({
    ...picked(header, ['uid', 'gid', 'mtime', 'linkname']),
    type: TAR_TYPES[header.type ?? ''] ?? header.type ?? '',
    mode: permissions(header.mode),
  }),
};

export const cpioCommon: CommonHeaders = {
  fields: ALL,
  header: ({ header }) => ({
    ...picked(header, ['type', 'uid', 'gid', 'mtime']),
    mode: permissions(header.mode),
  }),
};

/** Times of zip archives are of no zone, and owners not those of all writers. */
export const zipCommon: CommonHeaders = {
  fields: ['type', 'mode', 'linkname'],
  header: ({ name, header }) => ({
    type: FILE_TYPES.get(Number.parseInt(header.mode ?? '', 8) >> 12) ?? (name.endsWith('/') ? 'folder' : 'file'),
    mode: permissions(header.mode),
  }),
};

function picked(header: MemberHeader, names: readonly string[]): MemberHeader {
  return Object.fromEntries(names.flatMap((name) => (header[name] === undefined ? [] : [[name, header[name]]])));
}

function permissions(mode: string | undefined): string {
  const value = Number.parseInt(mode ?? '', 8);
  return Number.isNaN(value) ? (mode ?? '') : `0${(value & 0o7777).toString(8)}`;
}
