import { type ExtInode, type ExtLimits, ExtReader, type ReadBytes, readExtNames } from '../../formats/index.ts';

/** Enough for what tests make. */
export const ROOMY: ExtLimits = { names: 10_000, depth: 100, pathBytes: 2 ** 20, folderBytes: 2 ** 20 };

const reading =
  (image: Buffer): ReadBytes =>
  (offset, size) =>
    image.subarray(offset, offset + size);
export const read = (image: Buffer): ExtReader => new ExtReader(reading(image));
/** The inode of each name. */
export const namesOf = (image: Buffer, limits = ROOMY): Map<string, number> =>
  new Map([...readExtNames(read(image), limits)].map(({ path, inode }) => [path, inode]));
export const inodeOf = (image: Buffer, path: string): ExtInode => read(image).inode(namesOf(image).get(path) as number);
/** All of a file. */
export function contentOf(reader: ExtReader, inode: ExtInode): Buffer {
  const kept = reader.inline(inode);
  return kept === undefined ? reader.content(inode) : Buffer.concat([kept, Buffer.alloc(inode.size - kept.length)]);
}
