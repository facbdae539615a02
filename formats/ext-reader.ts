import { ReproofError } from '../model/index.ts';
import { readExtAttributes } from './ext-attributes.ts';
import { extRuns } from './ext-blocks.ts';
import { EXT_EXTENTS, EXT_INLINE, EXT_MAP, type ExtInode, readExtInode } from './ext-inode.ts';
import { type ExtSuperblock, extInodeOffset, readExtSuperblock } from './ext-superblock.ts';
import type { ReadBytes } from './read-bytes.ts';

/** An extended attribute: its whole name, as latin1, and its value as the image stores it. */
export type ExtAttribute = { readonly name: string; readonly value: Buffer };

/** `size` bytes of a file that stand at `offset` in the image; NULs where `offset` is undefined. In order, all of it. */
export type ExtPiece = { readonly offset: number | undefined; readonly size: number };

/** Where an attribute's value is an inode's content, Linux takes no longer one. */
const VALUE_BYTES = 65536;
/** The magic number of extended attributes. */
const ATTRIBUTES_MAGIC = 0xea020000;
const BLOCK_HEADER_BYTES = 32;
const TARGET_BYTES = 65536;
/** The attribute that small content goes on in. */
const INLINE_ATTRIBUTE = 'system.data';

/**
 * Reads an ext2, ext3 or ext4 image, through `read` and with no memory of its own. All throw ARCHIVE_MALFORMED (context
 * `offset`) for what cannot be.
 */
export class ExtReader {
  readonly superblock: ExtSuperblock;
  readonly #read: ReadBytes;

  constructor(read: ReadBytes) {
    this.#read = read;
    this.superblock = readExtSuperblock(read);
  }

  inode(number: number): ExtInode {
    const offset = extInodeOffset(this.#read, this.superblock, number);
    const inode = readExtInode(this.#exactly(offset, this.superblock.inodeBytes, 'inode'), number, this.superblock);
    // No block of a file has a number of more than 32 bits.
    if (inode.size > 2 ** 32 * this.superblock.blockBytes || !Number.isSafeInteger(inode.size))
      throw malformed(`size of inode ${number}`, offset);
    return inode;
  }

  /** Where the content stands; not for what is kept in the inode, `inline`. `from` is a byte of the file to begin at. */
  *pieces(inode: ExtInode, from = 0): Generator<ExtPiece> {
    const { blockBytes } = this.superblock;
    const wanted = { from: Math.floor(from / blockBytes), to: Math.ceil(inode.size / blockBytes) };
    let position = from;
    for (const run of extRuns({ read: this.#read, superblock: this.superblock }, inode, wanted)) {
      const start = Math.max(position, run.block * blockBytes);
      const end = Math.min(inode.size, (run.block + run.count) * blockBytes);
      if (start > position) yield { offset: undefined, size: start - position };
      const offset = run.at === undefined ? undefined : run.at * blockBytes + start - run.block * blockBytes;
      if (end > start) yield { offset, size: end - start };
      position = Math.max(position, end);
    }
    if (inode.size > position) yield { offset: undefined, size: inode.size - position };
  }

  /**
   * The content, where the inode itself keeps it; undefined where blocks do. What is missing up to its size reads as
   * NULs, as Linux reads it: mke2fs(8) stores nothing of a file that is all hole.
   */
  inline(inode: ExtInode): Buffer | undefined {
    if ((inode.flags & EXT_INLINE) === 0) return undefined;
    const more = this.#inInode(inode).find(({ name }) => name === INLINE_ATTRIBUTE)?.value ?? Buffer.alloc(0);
    const content = Buffer.concat([inode.bytes.subarray(EXT_MAP.offset, EXT_MAP.offset + EXT_MAP.size), more]);
    return content.subarray(0, inode.size);
  }

  /** The target of a symbolic link, as latin1. */
  target(inode: ExtInode): string {
    const kept = this.inline(inode);
    if (kept !== undefined) return kept.toString('latin1');
    if (inode.size < EXT_MAP.size && (inode.flags & EXT_EXTENTS) === 0)
      return inode.bytes.toString('latin1', EXT_MAP.offset, EXT_MAP.offset + inode.size);
    if (inode.size > TARGET_BYTES) throw malformed(`target of inode ${inode.number}`, 0);
    return this.content(inode).toString('latin1');
  }

  /** All of a content whose size the caller has bounded. */
  content(inode: ExtInode): Buffer {
    const parts = [...this.pieces(inode)].map(({ offset, size }) =>
      offset === undefined ? Buffer.alloc(size) : this.#exactly(offset, size, 'content'),
    );
    return Buffer.concat(parts);
  }

  /** `size` bytes of the image. */
  bytes(offset: number, size: number): Buffer {
    return this.#exactly(offset, size, 'block');
  }

  /** The extended attributes of an inode, by name; that of inline content is left out. */
  attributes(inode: ExtInode): readonly ExtAttribute[] {
    const found = [...this.#inInode(inode), ...this.#inBlock(inode)].filter(({ name }) => name !== INLINE_ATTRIBUTE);
    return found.sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
  }

  #inInode(inode: ExtInode): readonly ExtAttribute[] {
    const { bytes, attributesAt } = inode;
    if (attributesAt + 4 > bytes.length || bytes.readUInt32LE(attributesAt) !== ATTRIBUTES_MAGIC) return [];
    return this.#attributes(bytes.subarray(attributesAt + 4), 0);
  }

  #inBlock({ attributeBlock }: ExtInode): readonly ExtAttribute[] {
    if (attributeBlock === 0) return [];
    const { blockBytes, blocks } = this.superblock;
    const offset = attributeBlock * blockBytes;
    if (attributeBlock >= blocks) throw malformed('extended attributes', offset);
    const block = this.#exactly(offset, blockBytes, 'extended attributes');
    if (block.readUInt32LE(0) !== ATTRIBUTES_MAGIC) throw malformed('extended attributes', offset);
    return this.#attributes(block, BLOCK_HEADER_BYTES);
  }

  /** `start` is where the entries begin in `area`, from whose start values are counted. */
  #attributes(area: Buffer, start: number): readonly ExtAttribute[] {
    return readExtAttributes(area, start).map(({ name, value, inode, size }) => {
      if (value !== undefined) return { name, value };
      const holder = this.inode(inode);
      if (size > VALUE_BYTES || holder.size !== size) throw malformed(`value of attribute in inode ${inode}`, 0);
      return { name, value: this.content(holder) };
    });
  }

  #exactly(offset: number, size: number, what: string): Buffer {
    const bytes = this.#read(offset, size);
    if (bytes.length < size) throw malformed(what, offset);
    return bytes;
  }
}

function malformed(what: string, offset: number): ReproofError {
  const message = `reading ${what} of ext image at byte ${offset}`;
  return new ReproofError('ARCHIVE_MALFORMED', message, { context: { offset } });
}
